import { expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import * as z from 'zod';

import type { CountMetric } from '#ports/telemetry.ts';
import { eventHandler } from '#runtime/event-handler.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 5_000 } as Context;

const handlerThat = (handle: () => Promise<unknown>) => {
  const counted: CountMetric[] = [];
  const flushes = { count: 0 };
  const metrics = {
    count: (name: CountMetric) => counted.push(name),
    duration: () => {},
    flush: () => {
      flushes.count++;
    },
  };
  return {
    counted,
    flushes,
    handler: eventHandler({ name: 'test', event: z.object({ source: z.string() }), metrics }, handle),
  };
};

test('an event is handled, and the figures are written once', async () => {
  const { handler, counted, flushes } = handlerThat(async () => 'done');

  await expect(handler({ source: 'aws.events' }, context)).resolves.toBe('done');

  expect(counted).toEqual([]);
  expect(flushes.count).toBe(1);
});

test('a failure is counted and thrown on, so that Lambda repeats the invocation', async () => {
  const { handler, counted, flushes } = handlerThat(async () => {
    throw new Error('no');
  });

  await expect(handler({ source: 'aws.events' }, context)).rejects.toThrow('no');
  await expect(handler({}, context)).rejects.toMatchObject({ code: 'invalid_input' });

  expect(counted).toEqual(['Faults', 'Faults']);
  expect(flushes.count).toBe(2);
});
