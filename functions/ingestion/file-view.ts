import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import { endedOf, withChunk } from '#domain/file-sums.ts';

/**
 * A file as people and programs see it.
 *
 * @param record - what the ledger holds.
 * @param live - the same with all chunks that have settled by now in its sums.
 */
export const fileView = (record: FileRecord, live: FileRecord) => {
  const { fileId, purpose, eventType, source, checkpoint, counts, startedAt, completedAt } = live;
  const ended = endedOf(counts);
  return {
    fileId,
    purpose,
    eventType,
    eventTypeVersion: live.eventTypeVersion,
    ...(source.kind === 's3' ? { key: source.key, versionId: source.versionId, bytes: source.bytes } : {}),
    source: source.kind,
    status: statusOf(record, ended),
    reason: live.reason,
    problem: live.problem,
    /** Rows read so far; all of them once the status is past `reading`. */
    rows: checkpoint.rows,
    ended,
    counts,
    outcomes: live.outcomes,
    rules: live.rules,
    degraded: live.degraded,
    quarantineReasons: live.quarantineReasons,
    ignoredColumns: live.ignoredColumns,
    imbalance: live.imbalance,
    resultsKey: live.resultsKey,
    rejectsKey: live.rejectsKey,
    startedAt,
    completedAt,
    durationMs: completedAt === undefined ? undefined : Date.parse(completedAt) - Date.parse(startedAt),
  };
};

/** A batch sent by API has no results to join: it is complete when all its rows have ended. */
const statusOf = ({ status, source, checkpoint }: FileRecord, ended: number): FileRecord['status'] =>
  source.kind === 'api' && status === 'settling' && ended === checkpoint.rows ? 'complete' : status;

/** The record with every chunk in its sums that has settled since the last look. */
export const withSettledChunks = async (
  record: FileRecord,
  chunks: AsyncIterable<ChunkRecord>,
): Promise<FileRecord> => {
  let live = record;
  for await (const chunk of chunks) if (chunk.status !== 'pending') live = withChunk(live, chunk);
  return live;
};
