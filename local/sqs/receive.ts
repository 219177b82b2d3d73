import * as z from 'zod';
import { attributesDigest, bodyDigest } from './digest.ts';
import { handleOf } from './handle.ts';
import type { MessageAttribute } from './message.ts';
import type { Queue } from './queue.ts';
import type { Received } from './schema.ts';
import type { MessageStore } from './store.ts';
import type { Waiting } from './waiting.ts';

const names = z.array(z.string()).nullish();

export const ReceiveSchema = z.object({
  MaxNumberOfMessages: z.number().int().min(1).max(10).nullish(),
  VisibilityTimeout: z
    .number()
    .int()
    .min(0)
    .max(12 * 3600)
    .nullish(),
  WaitTimeSeconds: z.number().int().min(0).max(20).nullish(),
  MessageAttributeNames: names,
  /** The older name of MessageSystemAttributeNames; both count. */
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  ReceiveRequestAttemptId: z.string().min(1).max(128).nullish(),
});
export type ReceiveInput = z.infer<typeof ReceiveSchema>;

export interface Receiving {
  readonly store: MessageStore;
  readonly waiting: Waiting;
  readonly attempts: Attempts;
  readonly now: () => number;
}

/** Takes messages, waiting for the first as long as the caller or the queue says. One who has gone away gets nothing. */
export const receive = async (
  queue: Queue,
  input: ReceiveInput,
  signal: AbortSignal | undefined,
  { store, waiting, attempts, now }: Receiving,
): Promise<readonly Received[]> => {
  const { settings, name } = queue;
  const visibilitySeconds = input.VisibilityTimeout ?? settings.VisibilityTimeout;
  const attemptId = queue.fifo ? input.ReceiveRequestAttemptId : undefined;
  if (attemptId != null) {
    const repeated = attempts.repeat(queue, attemptId, now() + visibilitySeconds * 1000);
    if (repeated) return repeated;
  }

  const untilMs = performance.now() + (input.WaitTimeSeconds ?? settings.ReceiveMessageWaitTimeSeconds) * 1000;
  for (;;) {
    if (signal?.aborted || waiting.closed) return [];
    // One look at the clock: what became visible between two would be in neither answer, and slept over.
    const nowMs = now();
    const messages = store.take(queue, input.MaxNumberOfMessages ?? 1, visibilitySeconds, nowMs);
    if (messages.length > 0) {
      waiting.ringAt(name, visibilitySeconds * 1000);
      if (attemptId != null) attempts.keep(queue, attemptId, messages);
      return messages;
    }
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0) return [];
    const rung = waiting.untilRung(name, leftMs, signal);
    const nextMs = store.nextVisibleMs(queue, nowMs);
    if (nextMs !== undefined) waiting.ringAt(name, nextMs - nowMs);
    await rung;
  }
};

/** Receives of FIFO queues that a caller may repeat by their attempt id, because the answer was lost on the way. */
export interface Attempts {
  keep(queue: Queue, attemptId: string, messages: readonly Received[]): void;
  /** The same messages and handles again, hidden anew; undefined once anything has happened to one of them. */
  repeat(queue: Queue, attemptId: string, visibleMs: number): readonly Received[] | undefined;
}

const ATTEMPT_MS = 5 * 60_000;

/** Held in memory: after a restart a repeated attempt is a new one, and the messages reappear in their time. */
export const createAttempts = (store: MessageStore, now: () => number): Attempts => {
  const kept = new Map<string, { readonly untilMs: number; readonly messages: readonly Received[] }>();
  const keyOf = (queue: Queue, attemptId: string): string => `${queue.name} ${attemptId}`;
  return {
    keep(queue, attemptId, messages) {
      for (const [key, { untilMs }] of kept) {
        if (untilMs > now()) break;
        kept.delete(key);
      }
      kept.set(keyOf(queue, attemptId), { untilMs: now() + ATTEMPT_MS, messages });
    },
    repeat(queue, attemptId, visibleMs) {
      const attempt = kept.get(keyOf(queue, attemptId));
      if (!attempt || attempt.untilMs <= now()) return undefined;
      const untouched = attempt.messages.every(({ sequence, receipt }) => {
        const row = store.find(queue, sequence);
        return row?.receipt === receipt && row.visible_ms > now();
      });
      return untouched ? store.extend(queue, attempt.messages, visibleMs, now()) : undefined;
    },
  };
};

type Attributes = Readonly<Record<string, MessageAttribute>>;

/** A message in the shape of an answer, with the attributes that the caller has asked for. */
export const messageOf = (row: Received, input: ReceiveInput): Record<string, unknown> => {
  const attributes = chosen(JSON.parse(row.attributes) as Attributes, input.MessageAttributeNames ?? []);
  const system = chosen(systemAttributesOf(row), [
    ...(input.AttributeNames ?? []),
    ...(input.MessageSystemAttributeNames ?? []),
  ]);
  return {
    MessageId: row.id,
    ReceiptHandle: handleOf(row),
    MD5OfBody: bodyDigest(row.body),
    Body: row.body,
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: attributesDigest(attributes) }
      : {}),
  };
};

/** `All`, `.*` and `prefix.*` are patterns; any other name means itself. */
const chosen = <Value>(
  all: Readonly<Record<string, Value>>,
  wanted: readonly string[],
): Readonly<Record<string, Value>> => {
  if (wanted.includes('All') || wanted.includes('.*')) return all;
  const prefixes = wanted.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -1));
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => wanted.includes(name) || prefixes.some((prefix) => name.startsWith(prefix))),
  );
};

const FIRST_SEQUENCE_NUMBER = 10n ** 19n;

/** Twenty digits that grow with every message. */
export const sequenceNumberOf = (sequence: number): string => String(FIRST_SEQUENCE_NUMBER + BigInt(sequence));

const systemAttributesOf = (row: Received): Record<string, string> => {
  const { AWSTraceHeader: trace } = JSON.parse(row.system_attributes) as Attributes;
  const fifo = row.queue.endsWith('.fifo');
  const all: Record<string, string | null | undefined> = {
    ApproximateReceiveCount: String(row.receives),
    ApproximateFirstReceiveTimestamp: String(row.first_received_ms),
    SentTimestamp: String(row.sent_ms),
    SenderId: row.sender,
    MessageGroupId: row.group_id,
    MessageDeduplicationId: row.deduplication_id,
    SequenceNumber: fifo ? sequenceNumberOf(row.sequence) : undefined,
    AWSTraceHeader: trace?.StringValue,
    DeadLetterQueueSourceArn: row.source_arn,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] != null));
};
