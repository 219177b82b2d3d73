import Table from 'cli-table3';
import pc from 'picocolors';

import type { Row } from './runner.ts';

const figure = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en-US') : value.toFixed(2));

/** Counts as one reads them; those that are 0 say nothing. */
export const countsInWords = (counts: Row['counts']): string =>
  Object.entries(counts)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${figure(value)} ${name}`)
    .join(', ');

/** Seeds in a row as a range. */
export const seedsInWords = (seeds: readonly number[]): string => {
  const [first, last] = [seeds[0], seeds.at(-1)];
  return seeds.length > 1 && last === first! + seeds.length - 1 ? `${first}–${last}` : seeds.join(', ');
};

const verdictOf = ({ verdict }: Row): string => (verdict === 'proved' ? pc.green(verdict) : pc.red(verdict));

/** The table of proof, and below it what did not hold and how to see it again. */
export const tableOf = (rows: readonly Row[], { nightly = false } = {}): string => {
  const table = new Table({
    head: ['group', nightly ? 'nightly' : 'each change', 'done', 'seeds', 'verdict', 'seconds'],
    colWidths: [17, 30, 44, 9, 9, 9],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const { name, planned, counts, seeds, seconds } = row;
    table.push([name, planned, countsInWords(counts), seedsInWords(seeds), verdictOf(row), seconds.toFixed(1)]);
  }
  return [
    table.toString(),
    ...rows.filter(({ verdict }) => verdict === 'failed').map((row) => failureOf(row, nightly)),
  ].join('\n');
};

const failureOf = ({ name, seeds, detail, problems = [detail] }: Row, nightly: boolean): string => {
  const again = `npm run prove -- --only ${name} --seed ${seeds[0] ?? 1}${nightly ? ' --nightly' : ''}`;
  return [`\n${pc.red(name)} failed; to see it again: ${again}`, ...problems.map((problem) => `  ${problem}`)].join(
    '\n',
  );
};
