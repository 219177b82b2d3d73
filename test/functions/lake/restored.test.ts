import { expect, test } from '@jest/globals';

import { landingOf } from '../../../functions/lake/landing.ts';
import { commitsOf, START_MS } from './world.ts';

test('what a restore puts back is not landed again: it would be a row of another hour', () => {
  const records = commitsOf(1);
  const restored = records.map((record) => {
    const NewImage = { ...record.dynamodb.NewImage, restoredAt: { S: '2026-11-22T12:00:00.000Z' } };
    return { ...record, dynamodb: { ...record.dynamodb, NewImage } };
  });

  expect(landingOf(records, START_MS)?.changes).toBe(records.length);
  expect(landingOf(restored, START_MS)).toBeUndefined();
  expect(landingOf([...restored, ...commitsOf(2)], START_MS)?.changes).toBe(records.length);
});
