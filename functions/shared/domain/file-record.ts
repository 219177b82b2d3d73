import * as z from 'zod';

import { NameSchema, VersionSchema } from './names.ts';

/** How many rows ended how. For a complete file of events: rows = decided + duplicate + conflict + quarantined + dead. */
export const CountsSchema = z.strictObject({
  decided: z.int().min(0),
  duplicate: z.int().min(0),
  conflict: z.int().min(0),
  quarantined: z.int().min(0),
  dead: z.int().min(0),
});
export type Counts = z.infer<typeof CountsSchema>;

/** How often each name (an outcome, a rule, a quarantine reason) occurred. */
export const TallySchema = z.record(z.string(), z.int().min(0));
export type Tally = z.infer<typeof TallySchema>;

/** What the file ledger knows of one file, or of one batch sent by API (a file without an object). */
export const FileRecordSchema = z.strictObject({
  v: z.literal(1),
  fileId: z.string(),
  purpose: z.enum(['events', 'feedback']),
  eventType: NameSchema,
  eventTypeVersion: VersionSchema.optional(),
  source: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('s3'),
      bucket: z.string(),
      key: z.string(),
      /** `null` in a bucket without versions; there `eTag` tells that the object is still the same. */
      versionId: z.string(),
      eTag: z.string().optional(),
      bytes: z.int(),
    }),
    z.strictObject({
      kind: z.literal('api'),
      requestId: z.string(),
      /** Keyed hash of the batch, so that another batch under the same key is told from a repeat. */
      contentHash: z.string().optional(),
    }),
  ]),
  /** Hash of the catalog snapshot that all rows are read under, whatever is registered meanwhile. */
  snapshot: z.string().optional(),
  /** `reading`: rows are leaving in chunks. `settling`: all are sent. `complete`. `quarantined`: the whole file is bad. */
  status: z.enum(['reading', 'settling', 'complete', 'quarantined']),
  /** Why a whole file is in quarantine: a code, and what to do about it. */
  reason: z.string().optional(),
  problem: z.string().optional(),
  startedAt: z.iso.datetime({ precision: 3 }),
  completedAt: z.iso.datetime({ precision: 3 }).optional(),
  /** Rows read, chunks sent and rows quarantined as of the last acknowledged send: where reading goes on. */
  checkpoint: z.strictObject({ rows: z.int().min(0), chunks: z.int().min(0), quarantined: z.int().min(0) }),
  /** Every chunk up to and including this number is settled: where the next look starts. */
  settledThrough: z.int().min(0),
  /** Sums over chunks 1 to `settledThrough`, and the quarantined rows read so far. */
  counts: CountsSchema,
  outcomes: TallySchema,
  /** Rules that matched. */
  rules: TallySchema,
  /** Why rows are in quarantine: reason codes, such as `missing_field`. */
  quarantineReasons: TallySchema,
  degraded: z.int().min(0),
  ignoredColumns: z.array(z.string()).optional(),
  /** Rows that did not end, or below zero ended twice, when the file was complete: a fault, and alarmed. */
  imbalance: z.int().optional(),
  /** Keys in the results bucket, once complete. */
  resultsKey: z.string().optional(),
  rejectsKey: z.string().optional(),
});
export type FileRecord = z.infer<typeof FileRecordSchema>;

/** One chunk of a file: pending when sent, settled when every row of it has ended. */
export const ChunkRecordSchema = z.strictObject({
  v: z.literal(1),
  fileId: z.string(),
  sequence: z.int().min(1),
  rows: z.int().min(1),
  status: z.enum(['pending', 'settled', 'dead']),
  counts: CountsSchema,
  outcomes: TallySchema,
  rules: TallySchema,
  degraded: z.int().min(0),
});
export type ChunkRecord = z.infer<typeof ChunkRecordSchema>;

/** A chunk's number as it stands in keys: six digits, so that text order is number order. */
export const sequenceKey = (sequence: number): string => String(sequence).padStart(6, '0');
