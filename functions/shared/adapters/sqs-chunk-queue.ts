import { setTimeout as sleep } from 'node:timers/promises';

import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';

import type { EventType } from '#domain/catalog/event-type.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Chunk, ChunkQueue } from '#ports/chunk-queue.ts';
import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';
import { messageLinks } from './sqs-links.ts';

const MAX_BATCH_ENTRIES = 10;
/** Of all bodies of a batch together; the service allows 256 KB, attributes included. */
const MAX_BATCH_BYTES = 250_000;
/** Tries of what a batch refuses, the first included. */
const ROUNDS = 3;
const BACKOFF_MS = 25;

export interface SqsChunkQueueOptions {
  readonly sqs: SQSClient;
  /** A FIFO queue's ends in `.fifo`: its chunks carry group and deduplication ids. */
  readonly queueUrl: string;
  readonly call: AwsCall;
}

type Ordering = EventType['ordering'];

/** Chunks on an SQS queue. */
export class SqsChunkQueue implements ChunkQueue {
  readonly #options: SqsChunkQueueOptions;

  constructor(options: SqsChunkQueueOptions) {
    this.#options = options;
  }

  async send(chunks: readonly Chunk[], ordering: Ordering, deadline: Deadline): Promise<ReadonlySet<number>> {
    const failed = new Set<number>();
    for (const batch of batchesOf(chunks, ordering === 'strict' ? 1 : MAX_BATCH_ENTRIES)) {
      // Behind a chunk that is missing, later ones of the file would break its order.
      const held = ordering === 'strict' && failed.size > 0;
      const refused = held ? batch : await this.#sendPersistently(batch, ordering, deadline);
      for (const { sequence } of refused) failed.add(sequence);
    }
    return failed;
  }

  /** @returns the chunks that were refused to the last. */
  async #sendPersistently(batch: readonly Chunk[], ordering: Ordering, deadline: Deadline): Promise<readonly Chunk[]> {
    let left = batch;
    for (let round = 1; left.length > 0 && round <= ROUNDS; round++) {
      if (round > 1) await sleep(BACKOFF_MS * 2 ** round);
      left = await this.#sendOnce(left, ordering, deadline);
    }
    return left;
  }

  async #sendOnce(batch: readonly Chunk[], ordering: Ordering, deadline: Deadline): Promise<readonly Chunk[]> {
    const { sqs, queueUrl, call } = this.#options;
    const fifo = queueUrl.endsWith('.fifo');
    const Entries = batch.map((chunk) => entryOf(chunk, fifo ? ordering : undefined));
    const command = () => new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    try {
      const answer = await call((options) => sqs.send(command(), options), { deadline, what: 'the chunks queue' });
      // 200 alone says nothing: only what is listed as successful was taken.
      const taken = new Set((answer.Successful ?? []).map(({ Id }) => Id));
      return batch.filter((chunk) => !taken.has(entryId(chunk)));
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'store_unavailable') return batch;
      throw error;
    }
  }
}

const batchesOf = (chunks: readonly Chunk[], maxEntries: number): readonly (readonly Chunk[])[] => {
  const batches: Chunk[][] = [];
  let room = 0;
  for (const chunk of chunks) {
    const bytes = Buffer.byteLength(JSON.stringify(chunk));
    const last = batches.at(-1);
    if (last && bytes <= room && last.length < maxEntries) last.push(chunk);
    else batches.push([chunk]);
    room = (batches.at(-1)!.length === 1 ? MAX_BATCH_BYTES : room) - bytes;
  }
  return batches;
};

const entryId = ({ sequence }: Chunk): string => String(sequence);

const entryOf = (chunk: Chunk, ordering: Ordering | undefined): SendMessageBatchRequestEntry => {
  const { fileId, sequence, redrives } = chunk;
  const delivery = `${fileId}-${sequence}${redrives > 0 ? `-${redrives}` : ''}`;
  return {
    Id: entryId(chunk),
    MessageBody: JSON.stringify(chunk),
    ...messageLinks(),
    ...(ordering && {
      MessageGroupId: ordering === 'strict' ? fileId : `${fileId}-${sequence}`,
      MessageDeduplicationId: delivery,
    }),
  };
};
