import { expect, test } from '@jest/globals';

import type { StreamRecord } from '#domain/stream-record.ts';
import type { StreamRange } from '#ports/given-up-records.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { GivenUpSchema, replayRecords } from '../../../functions/publishing/replay-records.ts';
import { commitsOf } from '../lake/world.ts';

/** As Lambda writes it, members that do not matter here included. */
const batchOf = (functionArn: string) => ({
  requestContext: { requestId: 'r', functionArn, condition: 'RetryAttemptsExhausted', approximateInvokeCount: 201 },
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  version: '1.0',
  timestamp: '2026-11-22T09:30:00.000Z',
  DDBStreamBatchInfo: {
    shardId: 'shardId-1',
    startSequenceNumber: '100',
    endSequenceNumber: '120',
    approximateArrivalOfFirstRecord: '2026-11-22T09:00:00Z',
    approximateArrivalOfLastRecord: '2026-11-22T09:00:01Z',
    batchSize: 3,
    streamArn: 'arn:stream',
  },
});
const world = () => {
  const done = { published: [] as StreamRecord[], landed: [] as StreamRecord[], ranges: [] as StreamRange[] };
  const ports = {
    records: {
      async *range(range: StreamRange) {
        done.ranges.push(range);
        yield commitsOf(1).slice(0, 2);
        yield commitsOf(2).slice(0, 2);
      },
      item: async (pk: string, sk: string): Promise<StreamRecord | undefined> =>
        commitsOf(1).find(({ dynamodb: { Keys } }) => Keys.pk.S === pk && Keys.sk.S === sk),
    },
    publish: async (records: readonly StreamRecord[]): Promise<string | undefined> => {
      done.published.push(...records);
      return undefined;
    },
    land: async (records: readonly StreamRecord[]): Promise<string | undefined> => {
      done.landed.push(...records);
      return undefined;
    },
    lands: (arn: string) => arn.startsWith('arn:collect'),
    logger: silentLogger,
    metrics: silentMetrics,
  };
  const replay = (message: unknown) => replayRecords(GivenUpSchema.parse(message), deadlineIn(5_000), ports);
  return { done, ports, replay };
};

test('a batch that publishing gave up is published, all of its range', async () => {
  const { done, replay } = world();

  await replay(batchOf('arn:publishing:live'));

  expect(done.ranges).toEqual([{ streamArn: 'arn:stream', shardId: 'shardId-1', from: '100', to: '120' }]);
  expect(done.published).toHaveLength(4);
  expect(done.landed).toHaveLength(0);
});

test('a batch that the lake gave up is landed', async () => {
  const { done, replay } = world();

  await replay(batchOf('arn:collect:live'));

  expect(done.landed).toHaveLength(4);
  expect(done.published).toHaveLength(0);
});

test('an item is published as it is now, and one that is gone is done with', async () => {
  const { done, replay } = world();

  await replay({ v: 1, kind: 'item', pk: 'E#card_payment#e-1', sk: 'D#one', problem: 'ZodError' });
  await replay({ v: 1, kind: 'item', pk: 'E#card_payment#gone', sk: 'D#one', problem: 'ZodError' });

  expect(done.published).toEqual([commitsOf(1)[1]]);
});

test('what cannot be worked on now either goes back', async () => {
  const { ports, replay } = world();
  ports.publish = async () => '1';

  await expect(replay(batchOf('arn:publishing'))).rejects.toMatchObject({ code: 'store_unavailable' });
});
