import { availableParallelism } from 'node:os';

import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';

import type { Group, Scale } from './group.ts';
import { allGroups } from './groups.ts';
import { plantedBugs } from './planted/apply.ts';
import { type Catch, catchTableOf, hunt } from './planted/hunt.ts';
import { prepare } from './prepared.ts';
import { type Row, runGroups } from './runner.ts';
import { tableOf } from './table.ts';

interface Flags {
  readonly only?: readonly string[];
  readonly seed: number;
  readonly nightly?: boolean;
  readonly small?: boolean;
  readonly json?: boolean;
  readonly each?: boolean;
  readonly list?: boolean;
  readonly planted?: boolean;
  readonly workers: number;
}

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
};

const namesIn = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

/** Processes side by side: memory bounds how many are of use. */
const MOST_WORKERS = 4;

const program = new Command('prove')
  .description(
    'Proves that each accepted event ends in exactly one of decided, duplicate, conflict, quarantined or dead, whatever ' +
      'goes wrong: the real functions, on fakes of AWS in virtual time. See docs/proof.md.',
  )
  .option('--only <groups>', 'these groups alone, separated by commas', namesIn)
  .option('--seed <number>', 'another seed makes other faults at other moments', wholeNumber, 1)
  .option('--nightly', 'the large column of the table; takes hours')
  .option('--small', 'as little of each group as still finds what is broken')
  .option('--json', 'print the rows as JSON')
  .option('--each', 'print each row as JSON on a line of its own as soon as it is there')
  .option('--list', 'print what there is to run, and run nothing')
  .option('--planted', 'plant known bugs in copies of the functions, and see whether the groups catch each of them')
  .option('--workers <number>', 'processes side by side', wholeNumber, Math.min(MOST_WORKERS, availableParallelism()))
  .action(async (flags: Flags, command: Command) => {
    if (flags.planted) return huntAll(flags, command);
    const groups = chosen(await allGroups(), flags, command);
    if (flags.list) return list(groups, flags);
    const rows = await runAll(groups, flags);
    if (!flags.each) console.log(flags.json ? JSON.stringify(rows) : tableOf(rows, flags));
    if (rows.some(({ verdict }) => verdict === 'failed')) process.exitCode = 1;
  });

const chosen = (groups: readonly Group[], { only }: Flags, command: Command): readonly Group[] => {
  if (!only) return groups;
  const unknown = only.filter((name) => !groups.some((group) => group.name === name));
  if (unknown.length > 0) {
    const known = groups.map(({ name }) => name).join(', ');
    command.error(`error: there is no group '${unknown.join("', '")}'; there are ${known}`);
  }
  return groups.filter(({ name }) => only.includes(name));
};

const list = (groups: readonly Group[], { json }: Flags): void => {
  const shown = groups.map(({ name, quick, nightly }) => ({ name, quick, nightly }));
  console.log(json ? JSON.stringify(shown) : shown.map(({ name, quick }) => `${name.padEnd(18)}${quick}`).join('\n'));
};

const scaleOf = ({ nightly, small }: Flags): Scale => (nightly ? 'nightly' : small ? 'small' : 'quick');

const runAll = async (groups: readonly Group[], flags: Flags): Promise<readonly Row[]> => {
  const bar = new SingleBar({
    format: 'proving {bar} {percentage} %  {value} of {total} groups  {going}',
    stream: process.stderr,
    noTTYOutput: false,
    clearOnComplete: true,
  });
  // Once for all processes, before they ask for it side by side.
  prepare();
  const done = new Map(groups.map(({ name }) => [name, 0]));
  const show = (): void => {
    const sum = [...done.values()].reduce((all, share) => all + share, 0);
    const going = [...done].filter(([, share]) => share > 0 && share < 1).map(([name]) => name);
    bar.update(Math.round(sum * 10) / 10, { going: going.join(', ') });
  };
  bar.start(groups.length, 0, { going: '' });
  try {
    return await runGroups(groups, {
      scale: scaleOf(flags),
      seed: flags.seed,
      workers: flags.workers,
      onProgress: (name, share) => {
        done.set(name, Math.min(share, 0.99));
        show();
      },
      onRow: (row) => {
        done.set(row.name, 1);
        show();
        if (flags.each) console.log(JSON.stringify(row));
      },
    });
  } finally {
    bar.stop();
  }
};

const huntAll = async ({ only, seed, workers, json }: Flags, command: Command): Promise<void> => {
  const bugs = (await plantedBugs()).filter(({ name }) => !only || only.includes(name));
  if (bugs.length === 0) command.error('error: there is no such planted bug; leave --only out to see them all');
  prepare();
  const onCatch = ({ name, verdict }: Catch): void => console.error(`${verdict.padEnd(9)} ${name}`);
  const catches = await hunt(bugs, { seed, workers, onCatch });
  console.log(json ? JSON.stringify(catches) : catchTableOf(catches));
  if (catches.some(({ verdict }) => verdict === 'survived' || verdict === 'dirty')) process.exitCode = 1;
};

try {
  await program.parseAsync();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env.ASSAY_DEBUG) console.error(error);
  process.exitCode = 1;
}
