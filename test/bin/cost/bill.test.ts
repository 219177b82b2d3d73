import { expect, test } from '@jest/globals';

import { billOf } from '../../../bin/cost/bill.ts';
import { type Prices, readPrices } from '../../../bin/cost/prices.ts';
import type { Units } from '../../../bin/cost/units.ts';

const prices: Prices = {
  format: 1,
  region: 'nowhere-1',
  currency: 'USD',
  perUnit: { 'dynamodb.writeUnit': 0.001, 'sqs.request': 0.01 },
  perGbMonth: { 'dynamodb.storage': 2 },
  perMonth: { 'kms.key': 1 },
  fraudDetector: { predictions: [{ upTo: 1_000, each: 0.1 }, { each: 0.01 }], modelHour: 0.5 },
};

const units: Units = {
  format: 1,
  measured: { by: 'hand', on: '2026-01-01', events: 1 },
  perFileEvent: { 'dynamodb.writeUnit': 10, 'sqs.request': 0.1 },
  perApiEvent: { 'dynamodb.writeUnit': 20 },
  perIdleHour: { 'sqs.request': 2 },
  standing: { 'kms.key': 3 },
  bytesPerEvent: { 'dynamodb.storage': 5_000 },
};

test('a bill adds what is idle, what events use, and what is kept of them', () => {
  // A retention of two months of 365 / 12 days.
  const bill = billOf({ eventsPerMonth: 100_000, fileShare: 0.25, retentionDays: 730 / 12 }, units, prices);

  const parts = Object.fromEntries(bill.lines.map(({ service, ...line }) => [service, line]));
  // 25,000 × 10 + 75,000 × 20 write units; 100,000 × 2 months × 5,000 bytes = 1 GB.
  expect(parts.dynamodb).toEqual({ idle: 0, events: 1_750, kept: 2 });
  // 2 × 730 requests of an idle month; 25,000 × 0.1 of the files.
  expect(parts.sqs?.idle).toBeCloseTo(14.6, 9);
  expect(parts.sqs?.events).toBeCloseTo(25, 9);
  expect(parts.kms).toEqual({ idle: 3, events: 0, kept: 0 });
  expect(bill.idle).toBeCloseTo(17.6, 9);
  expect(bill.total).toBeCloseTo(1_750 + 2 + 14.6 + 25 + 3, 9);
  expect(bill.perThousandEvents).toBeCloseTo(17.77, 9);
  expect(bill.lines.map(({ service }) => service)).toEqual(['dynamodb', 'sqs', 'kms']);
});

test("Fraud Detector's price goes down by steps, and its model is hosted all month", () => {
  const priceOf = (eventsPerMonth: number) =>
    billOf({ eventsPerMonth, fileShare: 0, retentionDays: 1 }, units, prices).fraudDetector - 730 * 0.5;

  expect(priceOf(0)).toBeCloseTo(0, 9);
  expect(priceOf(1_000)).toBeCloseTo(100, 9);
  expect(priceOf(1_500)).toBeCloseTo(105, 9);
});

test('what has no price is not free', () => {
  const unpriced = { ...units, perApiEvent: { 'sqs.message': 1 } };

  expect(() => billOf({ eventsPerMonth: 1, fileShare: 0, retentionDays: 1 }, unpriced, prices)).toThrow(
    "the price list has no price for 'sqs.message'; add it",
  );
});

test('the price list that comes with Assay can be read', () => {
  expect(readPrices().perUnit['dynamodb.writeUnit']).toBeGreaterThan(0);
});
