import { expect, test } from '@jest/globals';
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';

import { silentMetrics } from '#runtime/metrics.ts';
import { streamHandler } from '#runtime/stream-handler.ts';
import { commitsOf } from '../../lake/world.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 5_000 } as Context;
const records = commitsOf(1);
const event = { Records: records } as unknown as DynamoDBStreamEvent;
const handlerOf = (handle: () => Promise<string | undefined>) => {
  const counted: string[] = [];
  const metrics = { ...silentMetrics, count: (name: string) => counted.push(name) };
  return { counted, handler: streamHandler({ name: 'test', metrics }, handle) };
};

test('a batch that is done with has no failures', async () => {
  const { handler, counted } = handlerOf(async () => undefined);

  expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
  expect(counted).toEqual([]);
});

test('a batch goes on from the first record that is left', async () => {
  const { handler, counted } = handlerOf(async () => '11');

  expect(await handler(event, context)).toEqual({ batchItemFailures: [{ itemIdentifier: '11' }] });
  expect(counted).toEqual(['StreamRecordsReturned']);
});

test('what is thrown fails the batch, so that it comes again', async () => {
  const { handler, counted } = handlerOf(() => Promise.reject(new Error('broken')));

  await expect(handler(event, context)).rejects.toThrow('broken');
  expect(counted).toEqual(['StreamRecordsReturned']);
});

test.each([{}, { Records: 'none' }, { Records: [{ eventName: 'INSERT' }] }])(
  '%j is no batch, and fails',
  async (other) => {
    const { handler } = handlerOf(async () => undefined);

    await expect(handler(other as DynamoDBStreamEvent, context)).rejects.toThrow();
  },
);

test('work that outlives its time fails the batch', async () => {
  const { handler } = handlerOf(() => new Promise(() => {}));
  const hurried = { ...context, getRemainingTimeInMillis: () => 700 } as Context;

  await expect(handler(event, hurried)).rejects.toThrow();
});
