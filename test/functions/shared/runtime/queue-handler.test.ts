import { setTimeout as pause } from 'node:timers/promises';

import { expect, test } from '@jest/globals';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';

import { type QueueRecord, queueHandler } from '#runtime/queue-handler.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 5_000 } as Context;

const STANDARD = 'arn:aws:sqs:eu-west-1:1:things';
const FIFO = `${STANDARD}.fifo`;

const message = (messageId: string, body: unknown, queue = STANDARD, group?: string): SQSRecord =>
  ({
    messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    eventSourceARN: queue,
    attributes: {
      ApproximateReceiveCount: '2',
      SentTimestamp: '1700000000000',
      ...(group !== undefined && { MessageGroupId: group }),
    },
  }) as SQSRecord;

const batch = (...Records: SQSRecord[]): SQSEvent => ({ Records });

const failedIds = ({ batchItemFailures }: { batchItemFailures: { itemIdentifier: string }[] }): string[] =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

const Body = z.strictObject({ n: z.number() });

/** Fails on negative numbers, and remembers the others. */
const recorder = () => {
  const seen: number[] = [];
  const handler = queueHandler({ name: 'test', body: Body }, async ({ body }) => {
    if (body.n < 0) throw new Error('negative');
    seen.push(body.n);
  });
  return { seen, handler };
};

test('a failed message is reported on its own', async () => {
  const { seen, handler } = recorder();

  const response = await handler(
    batch(message('a', { n: 1 }), message('b', { n: -1 }), message('c', { n: 3 })),
    context,
  );

  expect(failedIds(response)).toEqual(['b']);
  expect(seen).toEqual([1, 3]);
});

test('when every message fails, every message is reported', async () => {
  const { handler } = recorder();

  const response = await handler(batch(message('a', { n: -1 }), message('b', { n: -2 })), context);

  expect(failedIds(response)).toEqual(['a', 'b']);
});

test.each([
  { what: 'text that is not JSON', body: '{' },
  { what: 'JSON of another shape', body: { m: 1 } },
])('$what is given back, not acknowledged', async ({ body }) => {
  const { handler } = recorder();

  const response = await handler(batch(message('a', body), message('b', { n: 1 })), context);

  expect(failedIds(response)).toEqual(['a']);
});

test('in a FIFO group all behind a failure is given back untouched, and other groups go on', async () => {
  const { seen, handler } = recorder();

  const response = await handler(
    batch(
      message('a1', { n: 1 }, FIFO, 'a'),
      message('b1', { n: 10 }, FIFO, 'b'),
      message('a2', { n: -1 }, FIFO, 'a'),
      message('a3', { n: 2 }, FIFO, 'a'),
      message('b2', { n: 11 }, FIFO, 'b'),
    ),
    context,
  );

  expect(failedIds(response)).toEqual(['a2', 'a3']);
  expect(seen.toSorted((left, right) => left - right)).toEqual([1, 10, 11]);
});

test('in a FIFO group the next begins beside the rest of one, and a rest that fails gives back all from there on', async () => {
  const steps: string[] = [];
  const handler = queueHandler({ name: 'test', body: Body }, async ({ body }, { goOnBeside }) => {
    steps.push(`${body.n} begun`);
    goOnBeside(
      pause(body.n === 1 ? 40 : 1).then(() => {
        steps.push(`${body.n} ended`);
        if (body.n === 2) throw new Error('late');
      }),
    );
  });

  const records = [1, 2, 3].map((n) => message(`m-${n}`, { n }, FIFO, 'a'));
  const response = await handler(batch(...records), context);

  expect(failedIds(response)).toEqual(['m-2', 'm-3']);
  expect(steps.slice(0, 3)).toEqual(['1 begun', '2 begun', '3 begun']);
  expect(steps.at(-1)).toBe('1 ended');
});

test('group ids of a standard queue promise no order, so each message stands alone', async () => {
  const { seen, handler } = recorder();

  const response = await handler(
    batch(message('a', { n: -1 }, STANDARD, 'g'), message('b', { n: 2 }, STANDARD, 'g')),
    context,
  );

  expect(failedIds(response)).toEqual(['a']);
  expect(seen).toEqual([2]);
});

test('no more messages are under way than allowed', async () => {
  let underWay = 0;
  let most = 0;
  const handler = queueHandler({ name: 'test', concurrency: 2 }, async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
  });

  await handler(batch(...Array.from({ length: 7 }, (_, index) => message(String(index), 'text'))), context);

  expect(most).toBe(2);
});

test('a message that is not finished in time is given back, and the finished ones are not', async () => {
  const handler = queueHandler({ name: 'test' }, ({ text }) =>
    text === 'slow' ? new Promise(() => {}) : Promise.resolve(),
  );

  const response = await handler(batch(message('a', 'slow'), message('b', 'quick')), {
    ...context,
    getRemainingTimeInMillis: () => 650,
  } as Context);

  expect(failedIds(response)).toEqual(['a']);
});

test('an event without records fails the invocation, which gives the batch back', async () => {
  const { handler } = recorder();

  await expect(handler({ Event: 's3:TestEvent' } as unknown as SQSEvent, context)).rejects.toThrow('no batch');
});

test('without a schema a message brings its text, and what the queue knows of it', async () => {
  let seen: QueueRecord<string> | undefined;
  const handler = queueHandler({ name: 'test' }, async (record) => {
    seen = record;
  });

  await handler(batch(message('a', 'plain', FIFO, 'g')), context);

  expect(seen).toEqual({
    body: 'plain',
    text: 'plain',
    messageId: 'a',
    groupId: 'g',
    receiveCount: 2,
    sentAtMs: 1_700_000_000_000,
    queueArn: FIFO,
  });
});
