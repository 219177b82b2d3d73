import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { expect, test } from '@jest/globals';

import { changesOf, rawBytesOf } from '../../../functions/lake/landing.ts';
import { doneKeys, StateSchema } from '../../../functions/lake/plan.ts';
import { partitionOfChange, rowOf } from '../../../functions/lake/row-of.ts';

const stored = (name: string): unknown => JSON.parse(readFileSync(`test/fixtures/stored/v1/${name}.json`, 'utf8'));

test('a change that was landed by the first version becomes a row', () => {
  const [change] = changesOf(gzipSync(`${JSON.stringify(stored('landed-change'))}\n`));

  expect(partitionOfChange(change!)).toEqual({ table: 'decisions', eventType: 'card_payment', hour: '2026-11-01T10' });
  expect(rowOf(change!)).toMatchObject({ event_id: 'stored-1', score: 496, file_row: 17, outcome: 'decline' });
});

test('the state of the first version is read, with the plan that it has begun', () => {
  const state = StateSchema.parse(stored('lake-state'));

  expect(doneKeys(state).size).toBe(1);
  expect(state.plan?.id).toBe(7);
  expect(rawBytesOf(state.plan?.landing[0] ?? '')).toBe(209_715);
});
