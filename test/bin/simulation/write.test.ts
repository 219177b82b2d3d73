import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { writeLines } from '../../../bin/simulation/line-file.ts';
import { csvLine } from '../../../bin/simulation/records.ts';
import { writeSimulation } from '../../../bin/simulation/write.ts';
import { outline, readAll } from '../../functions/ingestion/reading.ts';
import { all, paymentsOf } from './collect.ts';

const options = { days: 8, customers: 120, terminals: 80, fraudRate: 0.01, seed: 5 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulation-'));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const linesOf = async (name: string): Promise<readonly string[]> =>
  (await readFile(at(name), 'utf8')).trimEnd().split('\n');

describe('a simulation in files', () => {
  test('has the same rows in Parquet as in CSV', async () => {
    await writeSimulation(options, { out: at('same.csv'), labels: at('same-labels.csv'), truth: at('same-truth.csv') });
    await writeSimulation(options, {
      out: at('same.parquet'),
      labels: at('same-labels.parquet'),
      truth: at('same-truth.parquet'),
    });

    for (const name of ['same', 'same-labels', 'same-truth']) {
      const [csv, parquet] = await Promise.all(['csv', 'parquet'].map((format) => readFile(at(`${name}.${format}`))));
      const [lines, columns] = [await readAll(csv!), await readAll(parquet!)];
      expect(columns.header).toEqual(lines.header);
      expect(outline(columns)).toEqual(outline(lines));
    }
  });

  test('is the same bytes for the same seed, and others for another', async () => {
    await writeSimulation(options, { out: at('one.csv.gz'), labels: at('one-labels.csv') });
    await writeSimulation(options, { out: at('two.csv.gz'), labels: at('two-labels.csv') });
    await writeSimulation({ ...options, seed: 6 }, { out: at('three.csv.gz') });

    const [one, two, three] = await Promise.all(['one', 'two', 'three'].map((name) => readFile(at(`${name}.csv.gz`))));
    expect(one!.equals(two!)).toBe(true);
    expect(one!.equals(three!)).toBe(false);
    expect(await linesOf('one-labels.csv')).toEqual(await linesOf('two-labels.csv'));
  });

  test('has the payments, the labels in order of saying, and the truth', async () => {
    const payments = await paymentsOf(options);

    const summary = await writeSimulation(options, {
      out: at('all.csv'),
      labels: at('labels.jsonl'),
      truth: at('truth.csv'),
    });

    const labels = (await linesOf('labels.jsonl')).map((line) => JSON.parse(line));
    const saidAt = labels.map((label) => label.saidAt);
    const truth = (await linesOf('truth.csv')).slice(1).map((line) => line.split(','));
    const sizes = await Promise.all(['all.csv', 'labels.jsonl', 'truth.csv'].map((name) => stat(at(name))));
    expect(saidAt).toEqual(saidAt.toSorted());
    expect(labels.map(({ eventId }) => eventId).sort()).toEqual(
      payments.flatMap((payment) => payment.labels.map(({ eventId }) => eventId)).sort(),
    );
    expect(truth).toEqual(payments.map(({ eventId, fraud, scenario }) => [eventId, String(fraud), scenario ?? '']));
    expect(summary).toMatchObject({
      events: payments.length,
      frauds: payments.filter(({ fraud }) => fraud).length,
      labels: labels.length,
      bytes: sizes.reduce((sum, { size }) => sum + size, 0),
    });
    expect(Object.values(summary.byScenario).reduce((sum, frauds) => sum + frauds)).toBe(summary.frauds);
  });

  test('says the same as CSV and as JSON Lines', async () => {
    await writeSimulation(options, { out: at('same.csv') });
    await writeSimulation(options, { out: at('same.jsonl.gz') });

    const [header, ...rows] = (await linesOf('same.csv')).map((line) => line.split(','));
    const objects = gunzipSync(await readFile(at('same.jsonl.gz')))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(objects.map((object) => object.eventType)).toEqual(rows.map(() => 'card_payment'));
    expect(
      objects.map(({ eventId, occurredAt, entities, variables }) =>
        header!.map((name) => {
          const flat = { event_id: eventId, occurred_at: occurredAt, ...entities, ...variables };
          return String(flat[name] ?? '');
        }),
      ),
    ).toEqual(rows);
  });

  test('tells each day as it begins', async () => {
    const days: number[] = [];

    await writeSimulation(options, { out: at('days.csv') }, (day) => days.push(day));

    expect(days).toEqual(Array.from({ length: options.days }, (_, day) => day));
  });

  test.each(['missing/payments.csv', 'missing/payments.jsonl.gz'])('fails when %s cannot be written', async (name) => {
    await expect(writeSimulation(options, { out: at(name) })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test.each(['lines.csv', 'lines.csv.gz'])(
  'every line arrives in %s, however slowly the disk takes them',
  async (name) => {
    const wide = 'x'.repeat(5_000);
    async function* lines() {
      for (let index = 0; index < 2_000; index++) yield `${index},${wide}`;
    }

    const bytes = await writeLines(at(name), lines());

    const content = await readFile(at(name));
    const text = (name.endsWith('.gz') ? gunzipSync(content) : content).toString();
    expect(bytes).toBe(content.length);
    expect(text.split('\n')).toEqual([...(await all(lines())), '']);
  },
);

test('fields of CSV are quoted where they must be', () => {
  expect(csvLine(['plain', 'a,b', 'say "so"', 'two\nlines', null, 1.5, false])).toBe(
    'plain,"a,b","say ""so""","two\nlines",,1.5,false',
  );
});
