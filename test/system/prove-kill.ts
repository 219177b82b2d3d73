/** `npm run prove:kill`: kills the whole embedded cloud in the middle of files, and shows that all adds up. */
import { parseArgs } from 'node:util';

import { number, table } from '../../bin/system/tables.ts';
import { synthesizeSystem } from '../support/system-assembly.ts';
import { type Kill, type KillReport, killAgainAndAgain } from './kills/kills.ts';
import { EACH_CHANGE } from './kills/sizes.ts';

const HELP = `usage: npm run prove:kill -- [--times 20] [--seed 1] [--json]

Kills the embedded cloud, with every process that it has started, at random moments in the middle of files, always on
one data directory. Then it runs to the end, and rows, results and store must add up exactly.`;

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const times = wholeNumber('--times', values.times, 1);
  const seed = wholeNumber('--seed', values.seed, 0);
  const assembly = await synthesizeSystem();
  try {
    const onKill = (kill: Kill) => console.error(lineOf(kill, times));
    const report = await killAgainAndAgain({ assembly: assembly.path, times, seed, size: EACH_CHANGE, onKill });
    console.log(values.json ? JSON.stringify(report, undefined, 2) : inWords(report));
    if (report.problems.length > 0) process.exitCode = 1;
  } finally {
    assembly.remove();
  }
};

const wholeNumber = (name: string, text: string, least: number): number => {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${name} must be a whole number from ${least} on`);
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const openInWords = ({ open }: Kill): string =>
  open.map(({ status, rows }) => `${status} (${number.format(rows)})`).join(', ') || 'nothing';

const lineOf = (kill: Kill, times: number): string =>
  `  kill ${kill.number} of ${times}: ${seconds(kill.livedMs)} after it was up, ${openInWords(kill)} open, ${number.format(kill.ended)} rows ended`;

const inWords = ({ kills, files, rows, decided, seconds: took, problems, seed }: KillReport): string => {
  const drawn = table(['kill', 'up after', 'lived', 'processes', 'files open (rows read)', 'rows ended']);
  for (const kill of kills) {
    const { number: which, upMs, livedMs, environments, ended } = kill;
    drawn.push([which, seconds(upMs), seconds(livedMs), environments + 1, openInWords(kill), number.format(ended)]);
  }
  const sum = `${kills.length} kills, ${files} files, ${number.format(rows)} rows, ${number.format(decided)} decided, ${took.toFixed(0)} s, seed ${seed}`;
  const verdict = problems.length === 0 ? 'everything adds up: rows, results and store' : problems.join('\n');
  return `${drawn}\n${sum}\n${verdict}`;
};

try {
  await main();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
