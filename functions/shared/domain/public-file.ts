import * as z from 'zod';

import { CountsSchema, type FileRecord, FileRecordSchema, TallySchema } from './file-record.ts';

/** How a file, or a batch sent by API, stands: what `GET /v1/files/{fileId}` answers. */
export const FileViewSchema = z.strictObject({
  fileId: FileRecordSchema.shape.fileId,
  purpose: FileRecordSchema.shape.purpose,
  eventType: FileRecordSchema.shape.eventType,
  status: FileRecordSchema.shape.status,
  /** Why the whole file is in quarantine: a code, and what to do about it. */
  reason: FileRecordSchema.shape.reason,
  problem: FileRecordSchema.shape.problem,
  /** Key of the object in the inbox; absent for a batch. */
  key: z.string().optional(),
  startedAt: FileRecordSchema.shape.startedAt,
  completedAt: FileRecordSchema.shape.completedAt,
  /** Rows read so far; all of them once the status is no longer `reading`. */
  rows: z.int().min(0),
  /** Rows that have ended so far. Once complete: rows = decided + duplicate + conflict + quarantined + dead. */
  counts: CountsSchema,
  outcomes: TallySchema,
  /** Rules that matched. */
  rules: TallySchema,
  quarantineReasons: TallySchema,
  /** Decisions that had to do without something. */
  degraded: z.int().min(0),
  ignoredColumns: z.array(z.string()).optional(),
  /** Rows of a complete file that did not end, or below zero ended twice: a fault of Assay, and alarmed. */
  imbalance: FileRecordSchema.shape.imbalance,
  /** Keys in the results bucket, once complete. */
  resultsKey: z.string().optional(),
  rejectsKey: z.string().optional(),
});
export type FileView = z.infer<typeof FileViewSchema>;

/** The public view of a ledger record whose sums are up to date. */
export const fileViewOf = (record: FileRecord): FileView => ({
  fileId: record.fileId,
  purpose: record.purpose,
  eventType: record.eventType,
  status: record.status,
  ...(record.reason !== undefined && { reason: record.reason }),
  ...(record.problem !== undefined && { problem: record.problem }),
  ...(record.source.kind === 's3' && { key: record.source.key }),
  startedAt: record.startedAt,
  ...(record.completedAt !== undefined && { completedAt: record.completedAt }),
  rows: record.checkpoint.rows,
  counts: record.counts,
  outcomes: record.outcomes,
  rules: record.rules,
  quarantineReasons: record.quarantineReasons,
  degraded: record.degraded,
  ...(record.ignoredColumns !== undefined && { ignoredColumns: record.ignoredColumns }),
  ...(record.imbalance !== undefined && { imbalance: record.imbalance }),
  ...(record.resultsKey !== undefined && { resultsKey: record.resultsKey }),
  ...(record.rejectsKey !== undefined && { rejectsKey: record.rejectsKey }),
});
