import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { parseFault } from '#local/faults/notation.ts';
import { beginFaults } from '#local/faults/plan.ts';
import { createFaults } from '#local/faults.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const planOf = (...texts: string[]) => {
  const faults = createFaults(() => 0);
  return { faults, run: beginFaults(faults, texts.map(parseFault)) };
};
const fails = (faults: ReturnType<typeof createFaults>) =>
  faults.strikes('lambda', 'fail', { caller: 'arn:aws:lambda:::function:f' });

test('an outage begins and ends in its time, and counts what it struck', () => {
  const { faults, run } = planOf('lambda=outage:30s@10s');

  const before = fails(faults);
  jest.advanceTimersByTime(10_000);
  const within = [fails(faults), fails(faults)];
  jest.advanceTimersByTime(30_000);
  const after = fails(faults);

  expect([before, ...within, after]).toEqual([false, true, true, false]);
  expect(run.struck()).toEqual([{ fault: 'lambda=outage:30s@10s', times: 2 }]);
});

test('each fault is counted by itself', () => {
  const { faults, run } = planOf('lambda=kill', 'sqs=reorder');

  faults.strikes('sqs', 'reorder', { caller: 's3.amazonaws.com' });

  expect(run.struck().map(({ times }) => times)).toEqual([0, 1]);
});

test('ended, nothing strikes any more, nor what was to begin later', () => {
  const { faults, run } = planOf('lambda=outage', 'lambda=outage:5s@60s');

  run.end();
  jest.advanceTimersByTime(61_000);

  expect(fails(faults)).toBe(false);
  expect(faults.redeliverAfterSeconds).toBeUndefined();
});

test.each([
  { text: 'lambda=kill', seconds: 5 },
  { text: 'dynamodb=outage:10s', seconds: 5 },
  { text: 'dynamodb=outage:2m', seconds: 30 },
])(
  'under $text a failed message comes back after $seconds s, so that ten deliveries outlast it',
  ({ text, seconds }) => {
    expect(planOf(text).faults.redeliverAfterSeconds).toBe(seconds);
  },
);
