import * as z from 'zod';

import { DecisionSchema } from './decision.ts';
import { EventSchema } from './event.ts';
import { FeedbackSchema } from './feedback.ts';
import { NameSchema } from './names.ts';
import { SealingFields } from './sealed.ts';
import { WrittenHistorySchema } from './written-moves.ts';

/** How often a chunk may be sent again after it has died. */
export const MAX_REDRIVES = 3;

const Chunk = {
  v: z.literal(1),
  fileId: z.string(),
  sequence: z.int().min(1),
  eventType: NameSchema,
  /** How often this chunk came back from the dead-letter queue; bounded. */
  redrives: z.int().min(0).max(MAX_REDRIVES).default(0),
};

/**
 * A chunk of events on the chunks queue: at most 100 rows and 200 KB, deterministic for a file. Each event comes with
 * the hash of its content, since the door alone sees what that is made from, and with what was personal in it, sealed.
 */
export const EventChunkSchema = z.strictObject({
  ...Chunk,
  kind: z.literal('events'),
  rows: z
    .array(z.strictObject({ row: z.int().min(1), event: EventSchema, contentHash: z.string(), ...SealingFields }))
    .min(1)
    .max(100),
});
export type EventChunk = z.infer<typeof EventChunkSchema>;

/** A chunk of feedback on the feedback queue, settled in the same ledger. */
export const FeedbackChunkSchema = z.strictObject({
  ...Chunk,
  kind: z.literal('feedback'),
  rows: z
    .array(z.strictObject({ row: z.int().min(1), feedback: FeedbackSchema }))
    .min(1)
    .max(100),
});
export type FeedbackChunk = z.infer<typeof FeedbackChunkSchema>;

/** A chunk of either kind. */
export const ChunkSchema = z.discriminatedUnion('kind', [EventChunkSchema, FeedbackChunkSchema]);

/** What ingestion says to itself on the files queue, beside S3's own notifications. */
export const FileMessageSchema = z.discriminatedUnion('kind', [
  /** Go on reading: the last invocation ran short of time. */
  z.strictObject({ v: z.literal(1), kind: z.literal('continue'), fileId: z.string(), hops: z.int().min(0) }),
  /** See whether all chunks are settled; then join the results. */
  z.strictObject({ v: z.literal(1), kind: z.literal('settle'), fileId: z.string(), sinceMs: z.int().min(0) }),
]);
export type FileMessage = z.infer<typeof FileMessageSchema>;

const Pending = {
  decisions: z.array(DecisionSchema).min(1),
  /** What was personal in the event; all decisions are on one. */
  sealed: SealingFields.sealed,
};

/**
 * A decision that was answered before it could be committed, on the recorded-later queue. Version 2 for an event that
 * moves history: with what recording it does there.
 */
export const PendingDecisionSchema = z.discriminatedUnion('v', [
  z.strictObject({ v: z.literal(1), ...Pending }),
  z.strictObject({ v: z.literal(2), ...Pending, history: WrittenHistorySchema }),
]);
export type PendingDecision = z.infer<typeof PendingDecisionSchema>;
