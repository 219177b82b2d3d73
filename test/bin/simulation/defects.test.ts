import { expect, test } from '@jest/globals';

import { withDefects } from '../../../bin/simulation/defects.ts';
import { PAYMENT_SHAPE } from '../../../bin/simulation/records.ts';
import { simulateCardPayments } from '../../../bin/simulation/simulate.ts';
import { all } from './collect.ts';

const options = { days: 15, customers: 200, terminals: 80 };
const width = PAYMENT_SHAPE.columns.length;

/** Judges rows as ingestion must, without knowing what was done to them. */
const judge = (rows: readonly string[]) => {
  const seen = new Map<string, string>();
  const judged = { rows: rows.length, decided: 0, duplicate: 0, conflict: 0, quarantined: 0 };
  for (const row of rows) {
    const [id, occurredAt, customer, , amount, ...rest] = row.split(',');
    const bad =
      rest.length !== width - 5 ||
      !id ||
      !customer ||
      !/^\d+(\.\d+)?$/.test(amount!) ||
      Number.isNaN(Date.parse(occurredAt!)) ||
      new Date(occurredAt!).toISOString() !== occurredAt;
    const earlier = seen.get(id!);
    if (bad) judged.quarantined++;
    else if (earlier === undefined) judged.decided++;
    else if (earlier === row) judged.duplicate++;
    else judged.conflict++;
    if (!bad && earlier === undefined) seen.set(id!, row);
  }
  return judged;
};

test('the counts are exactly what the rows deserve, in whichever order they are handled', async () => {
  const { lines, counts } = withDefects(simulateCardPayments(options));
  const [header, ...rows] = await all(lines);

  const { byDamage, ...totals } = counts;

  expect(header).toBe(PAYMENT_SHAPE.columns.join(','));
  expect(judge(rows)).toEqual(totals);
  expect(judge(rows.toReversed())).toEqual(totals);
  expect(totals.rows).toBe(totals.decided + totals.duplicate + totals.conflict + totals.quarantined);
  expect(Object.values(byDamage).reduce((sum, count) => sum + count)).toBe(totals.quarantined);
});

test('about 3 % are bad, of every kind, and 2 % repeated, half of them with other content', async () => {
  const { lines, counts } = withDefects(simulateCardPayments(options));

  const payments = (await all(lines)).length - 1 - counts.duplicate - counts.conflict;

  expect(counts.quarantined / payments).toBeCloseTo(0.03, 2);
  expect((counts.duplicate + counts.conflict) / payments).toBeCloseTo(0.02, 2);
  expect(Math.abs(counts.duplicate - counts.conflict)).toBeLessThanOrEqual(1);
  expect(Object.keys(counts.byDamage)).toHaveLength(8);
  expect(Math.min(...Object.values(counts.byDamage))).toBeGreaterThan(5);
});

test('the same seed damages the same rows, another seed others', async () => {
  const linesFor = (seed: number) => all(withDefects(simulateCardPayments(options), { seed }).lines);

  const [one, again, other] = [await linesFor(1), await linesFor(1), await linesFor(2)];

  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

test('without defects the rows are the payments', async () => {
  const { lines, counts } = withDefects(simulateCardPayments(options), { badShare: 0, repeatShare: 0 });

  const rows = (await all(lines)).slice(1);

  expect(counts).toMatchObject({ rows: rows.length, decided: rows.length, quarantined: 0, duplicate: 0, conflict: 0 });
});
