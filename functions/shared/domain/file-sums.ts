import { DISPOSITIONS } from './decision.ts';
import type { ChunkRecord, Counts, FileRecord, Tally } from './file-record.ts';

/** No rows at all. */
export const NO_COUNTS: Counts = { decided: 0, duplicate: 0, conflict: 0, quarantined: 0, dead: 0 };

/** Two counts together. */
export const addCounts = (left: Counts, right: Counts): Counts => ({
  decided: left.decided + right.decided,
  duplicate: left.duplicate + right.duplicate,
  conflict: left.conflict + right.conflict,
  quarantined: left.quarantined + right.quarantined,
  dead: left.dead + right.dead,
});

/** Rows that have ended, however they did. */
export const endedOf = (counts: Counts): number => DISPOSITIONS.reduce((sum, name) => sum + counts[name], 0);

/** Two tallies together. */
export const addTallies = (left: Tally, right: Tally): Tally => {
  const sum = new Map(Object.entries(left));
  for (const [name, count] of Object.entries(right)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries(sum);
};

/** How often each name occurs. */
export const tallyOf = (names: Iterable<string>): Tally => {
  const tally = new Map<string, number>();
  for (const name of names) tally.set(name, (tally.get(name) ?? 0) + 1);
  return Object.fromEntries(tally);
};

/** A file's record with one more chunk in its sums, whatever the chunk's place. */
export const withChunk = (record: FileRecord, chunk: ChunkRecord): FileRecord => ({
  ...record,
  counts: addCounts(record.counts, chunk.counts),
  outcomes: addTallies(record.outcomes, chunk.outcomes),
  rules: addTallies(record.rules, chunk.rules),
  degraded: record.degraded + chunk.degraded,
});

/**
 * A file's record with a chunk behind its checkpoint among what is read. Chunks are sent before the checkpoint moves
 * past them, so rows of theirs may have ended that the checkpoint does not count yet.
 */
export const withSent = (record: FileRecord, { sequence, rows }: ChunkRecord): FileRecord => {
  const { checkpoint } = record;
  if (sequence <= checkpoint.chunks) return record;
  return { ...record, checkpoint: { ...checkpoint, rows: checkpoint.rows + rows, chunks: checkpoint.chunks + 1 } };
};

/** The sums as they are before any chunk has settled: what reading alone has found. */
export const withoutChunks = (record: FileRecord): FileRecord => ({
  ...record,
  settledThrough: 0,
  counts: { ...NO_COUNTS, quarantined: record.checkpoint.quarantined },
  outcomes: {},
  rules: {},
  degraded: 0,
});

/** Rows read that have not ended, or, below zero, that have ended more than once. 0 for a file that adds up. */
export const openRowsOf = ({ checkpoint, counts }: FileRecord): number => checkpoint.rows - endedOf(counts);
