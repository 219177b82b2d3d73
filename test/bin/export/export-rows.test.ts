import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';

import { deadlineIn } from '#runtime/deadline.ts';
import { exportRows } from '../../../bin/export/export-rows.ts';
import type { LakeQuery } from '../../../bin/export/read-lake.ts';
import { windowOf } from '../../../bin/export/window.ts';
import { formatOf } from '../../../bin/export/write-rows.ts';
import { aLake, commitsOf, readRows, START_MS } from '../../functions/lake/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-export-'));
const lake = aLake();
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  for (const [number, atMs] of [
    [1, START_MS],
    [2, START_MS + HOUR_MS],
    [3, START_MS + 24 * HOUR_MS],
  ] as const) {
    for (const record of commitsOf(number, atMs)) await lake.land([record]);
    lake.passHours(1);
    await lake.compact();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const exported = (name: string, query: Partial<LakeQuery> = {}) => {
  const whole: LakeQuery = {
    table: 'decisions',
    eventType: 'card_payment',
    window: windowOf(undefined, undefined),
    by: 'committed',
  };
  const out = join(folder, name);
  return exportRows({ ...whole, ...query }, out, lake.store, deadlineIn(60_000), () => {}).then((report) => ({
    out,
    report,
  }));
};
const linesIn = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('an export', () => {
  test('as Parquet holds every row with its types, in the order of the hours of commit', async () => {
    const { out, report } = await exported('all.parquet');

    const rows = await readRows(readFileSync(out));

    expect(report).toEqual({ rows: 6, files: 3 });
    expect(rows.map(({ event_id }) => event_id)).toEqual(['e-1', 'e-1', 'e-2', 'e-2', 'e-3', 'e-3']);
    expect(rows[0]).toMatchObject({ event_type: 'card_payment', committed_at: new Date(START_MS), score: 1 });
  });

  test('as CSV holds the same, quoted where it must be', async () => {
    const { out } = await exported('all.csv', { table: 'events' });

    const rows = parse(readFileSync(out, 'utf8'), { columns: true }) as Record<string, string>[];

    expect(rows.map(({ event_id, variables_json }) => [event_id, variables_json])).toEqual(
      [1, 2, 3].map((number) => [`e-${number}`, `{"amount":${number},"currency":"EUR"}`]),
    );
    expect(rows[0]).toMatchObject({ file_row: '1', request_id: '', occurred_at: '2026-11-01T10:00:00.000Z' });
  });

  test('as JSON Lines holds what JSON columns hold', async () => {
    const { out } = await exported('all.jsonl');

    const [first] = linesIn(out);

    expect(first).toMatchObject({ event_id: 'e-1', outcomes: ['review'], variables: { amount: 1 }, record: { v: 1 } });
    expect(first).not.toHaveProperty('probability');
  });

  test.each([
    { name: 'a day', from: '2026-11-22', to: '2026-11-22', ids: ['e-1', 'e-2'] },
    { name: 'hours', from: '2026-11-22T10:00:00Z', to: '2026-11-22T11:00:00Z', ids: ['e-2'] },
    { name: 'an end that is not part of it', from: undefined, to: '2026-11-22T09:30:00Z', ids: [] },
    { name: 'a beginning', from: '2026-11-23', to: undefined, ids: ['e-3'] },
  ])('of $name holds what was committed then', async ({ name, from, to, ids }) => {
    const { out } = await exported(`${name}.jsonl`, { table: 'events', window: windowOf(from, to) });

    expect(linesIn(out).map(({ event_id }) => event_id)).toEqual(ids);
  });

  test('of the time of events looks at all hours of commit', async () => {
    const window = windowOf('2026-11-01', '2026-11-01');

    const { report } = await exported('occurred.csv', { window, by: 'occurred' });

    expect(report.rows).toBe(6);
  });

  test('of an event type that is not there has columns and no rows', async () => {
    const { out, report } = await exported('none.parquet', { eventType: 'unknown' });

    expect(report.rows).toBe(0);
    expect(await readRows(readFileSync(out))).toEqual([]);
  });

  test('that fails leaves no file', async () => {
    const query: LakeQuery = {
      table: 'feedback',
      eventType: 'card_payment',
      window: windowOf(undefined, undefined),
      by: 'committed',
    };
    const broken = {
      list: lake.store.list.bind(lake.store),
      get: () => Promise.reject(new Error('gone')),
    };
    const out = join(folder, 'broken.csv');

    await expect(exportRows(query, out, broken, deadlineIn(1_000), () => {})).rejects.toThrow('gone');
    expect(existsSync(out)).toBe(false);
    expect(existsSync(`${out}.part`)).toBe(false);
  });
});

test.each([
  ['22.11.2026', undefined],
  ['2026-02-30', undefined],
  ['2026-11-22', '2026-11-20'],
])('from %s to %s is refused with what to write', (from, to) => {
  expect(() => windowOf(from, to)).toThrow(/--from|--to/);
});

test('a file of another kind is refused with those there are', () => {
  expect(() => formatOf('rows.xlsx')).toThrow('.parquet, .csv, .jsonl');
});
