import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

import { simulateCommand } from '../../../bin/commands/simulate.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command as the command line would, and keeps what it says. */
const run = async (...flags: readonly string[]) => {
  const said: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((text) => void said.push(String(text)));
  const command = simulateCommand();
  for (const one of [command, ...command.commands]) {
    one.exitOverride().configureOutput({ writeErr: (text) => said.push(text) });
  }
  try {
    await command.parseAsync(['card-payments', ...flags], { from: 'user' });
    return { exitCode: 0, said: said.join('') };
  } catch (error) {
    return { exitCode: (error as { exitCode?: number }).exitCode, said: said.join('') };
  } finally {
    log.mockRestore();
  }
};

test('the defaults give at least 20,000 payments, about 0.2 % of them fraud', async () => {
  const { exitCode, said } = await run('--json', '--out', join(folder, 'default.csv'));

  const summary = JSON.parse(said);
  expect(exitCode).toBe(0);
  expect(summary.events).toBeGreaterThanOrEqual(20_000);
  expect(summary.frauds / summary.events).toBeCloseTo(0.002, 3);
  expect(Object.keys(summary)).toEqual(['events', 'frauds', 'labels', 'byScenario', 'bytes', 'seconds']);
  expect(Math.min(...Object.values<number>(summary.byScenario))).toBeGreaterThan(0);
});

test('a summary in words names the file', async () => {
  const out = join(folder, 'few.jsonl');

  const { said } = await run('--days', '2', '--customers', '20', '--terminals', '50', '--out', out);

  expect(said).toMatch(/^\d+ payments, .* of them fraud .*few\.jsonl$/);
});

test.each([
  { flags: ['--days', '0', '--out', 'a.csv'], says: '--days must be a whole number from 1 to 3650' },
  { flags: ['--days', '', '--out', 'a.csv'], says: '--days must be' },
  { flags: ['--customers', '1e3', '--out', 'a.csv'], says: '--customers must be' },
  { flags: ['--fraud-rate', '2%', '--out', 'a.csv'], says: '--fraud-rate must be a share from 0 to 0.2' },
  { flags: ['--seed', '-1', '--out', 'a.csv'], says: '--seed must be' },
  { flags: ['--start', 'today', '--out', 'a.csv'], says: '--start must be a date' },
  { flags: [], says: '--out is needed' },
  { flags: ['--out', 'a.xlsx'], says: '--out must end in .csv, .jsonl, .csv.gz, .jsonl.gz or .parquet' },
  { flags: ['--out', 'a.csv', '--labels', './a.csv'], says: 'must be different files' },
])('$flags is a usage error: $says', async ({ flags, says }) => {
  const { exitCode, said } = await run(...flags);

  expect(exitCode).toBe(2);
  expect(said).toContain(says);
});

test('a folder that does not exist is said as such', async () => {
  const { exitCode, said } = await run('--out', join(folder, 'missing', 'a.csv.gz'));

  expect(exitCode).toBe(1);
  expect(said).toContain('check that its folder exists');
});
