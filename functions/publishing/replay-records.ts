import * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import type { StreamRecord } from '#domain/stream-record.ts';
import type { Deadline } from '#ports/clock.ts';
import type { GivenUpRecords } from '#ports/given-up-records.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';

/** An item that no event could be made of, by its key. */
const ItemSchema = z.object({ v: z.literal(1), kind: z.literal('item'), pk: z.string(), sk: z.string() });

/** What Lambda says of a batch of a stream that it gave up. */
const BatchSchema = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  DDBStreamBatchInfo: z.object({
    streamArn: z.string(),
    shardId: z.string(),
    startSequenceNumber: z.string().regex(/^\d+$/),
    endSequenceNumber: z.string().regex(/^\d+$/),
  }),
});

/** A message of the dead-letter queue behind the streams. */
export const GivenUpSchema = z.union([ItemSchema, BatchSchema]);
export type GivenUpMessage = z.infer<typeof GivenUpSchema>;

/** Works on records as the function that gave them up does. @returns the first sequence number that is left. */
export type Consumer = (records: readonly StreamRecord[], deadline: Deadline) => Promise<string | undefined>;

export interface ReplayPorts {
  readonly records: GivenUpRecords;
  readonly publish: Consumer;
  readonly land: Consumer;
  /** Whether a function is the one that brings records to the lake. */
  readonly lands: (functionArn: string) => boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Does once more what was given up: reads the records again and hands them to the consumer they were meant for. Both
 * consumers may see a record any number of times.
 *
 * @throws {ServiceError} `not_found` when the stream does not hold them any more, `store_unavailable` when they cannot
 * be worked on now either; the message then goes back.
 */
export const replayRecords = async (message: GivenUpMessage, deadline: Deadline, ports: ReplayPorts): Promise<void> => {
  if ('kind' in message) {
    const record = await ports.records.item(message.pk, message.sk, deadline);
    if (record) await work(ports.publish, [record], deadline);
    else ports.logger.warn('the item that was given up is not there any more');
    return;
  }
  const { streamArn, shardId, startSequenceNumber: from, endSequenceNumber: to } = message.DDBStreamBatchInfo;
  const consumer = ports.lands(message.requestContext.functionArn) ? ports.land : ports.publish;
  for await (const page of ports.records.range({ streamArn, shardId, from, to }, deadline)) {
    await work(consumer, page, deadline);
  }
};

const work = async (consumer: Consumer, records: readonly StreamRecord[], deadline: Deadline): Promise<void> => {
  if ((await consumer(records, deadline)) === undefined) return;
  throw new ServiceError('store_unavailable', 'records that were given up cannot be worked on yet; send them again');
};
