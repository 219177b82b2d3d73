import { expect, test } from '@jest/globals';

import { createPrecedence } from '#local/lambda/mappings/precedence.ts';

const tookMs = async (work: Promise<void>): Promise<number> => {
  const startedMs = performance.now();
  await work;
  return performance.now() - startedMs;
};
const { signal } = new AbortController();

test('streams go at once while no queue is worked on', async () => {
  expect(await tookMs(createPrecedence({ quietMs: 200 }).turn(signal))).toBeLessThan(100);
});

test('streams wait until queues have been quiet for a moment', async () => {
  const precedence = createPrecedence({ quietMs: 50, patienceMs: 5_000 });
  const over = precedence.begin();
  setTimeout(over, 100);

  expect(await tookMs(precedence.turn(signal))).toBeGreaterThan(120);
});

test('streams wait no longer than they have patience, however busy the queues are', async () => {
  const precedence = createPrecedence({ quietMs: 20, patienceMs: 100 });
  precedence.begin();

  expect(await tookMs(precedence.turn(signal))).toBeLessThan(1_000);
});

test('a turn that is called off ends', async () => {
  const precedence = createPrecedence({ quietMs: 20 });
  precedence.begin();

  expect(await tookMs(precedence.turn(AbortSignal.timeout(50)))).toBeLessThan(1_000);
});
