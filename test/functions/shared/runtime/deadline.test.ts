import { expect, test } from '@jest/globals';

import { deadlineIn, orAborted } from '#runtime/deadline.ts';

test('a deadline counts down and aborts when the time is up', async () => {
  const deadline = deadlineIn(30);
  const atFirst = deadline.remainingMs();

  await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));

  expect(atFirst).toBeGreaterThan(0);
  expect(atFirst).toBeLessThanOrEqual(30);
  expect(deadline.remainingMs()).toBe(0);
});

test.each([0, -5, Number.NEGATIVE_INFINITY])('a deadline in %d ms has passed', (ms) => {
  const deadline = deadlineIn(ms);

  expect(deadline.remainingMs()).toBe(0);
  expect(deadline.signal.aborted).toBe(true);
});

test('a part of a deadline is never longer than the whole', () => {
  expect(deadlineIn(1_000).within(50).remainingMs()).toBeLessThanOrEqual(50);
  expect(deadlineIn(50).within(1_000).remainingMs()).toBeLessThanOrEqual(50);
});

test('when a parent aborts, no time is left', () => {
  const parent = new AbortController();
  const deadline = deadlineIn(60_000, parent.signal);

  parent.abort();

  expect(deadline.signal.aborted).toBe(true);
  expect(deadline.within(100).remainingMs()).toBe(0);
});

test('a deadline of more days than a timer can hold does not fire at once', async () => {
  const deadline = deadlineIn(2 ** 40);

  await new Promise((resolve) => setTimeout(resolve, 5));

  expect(deadline.signal.aborted).toBe(false);
});

test('waiting ends with the work or with the signal, whichever is first', async () => {
  const never = new Promise<never>(() => {});

  await expect(orAborted(Promise.resolve(7), deadlineIn(1_000).signal)).resolves.toBe(7);
  await expect(orAborted(never, deadlineIn(10).signal)).rejects.toThrow();
  await expect(orAborted(never, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});
