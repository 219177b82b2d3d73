import { originKey } from '#domain/event.ts';
import type { ChunkRecord } from '#domain/file-record.ts';
import { NO_COUNTS, tallyOf } from '#domain/file-sums.ts';
import type { FeedbackChunk } from '#domain/messages.ts';
import type { Deadline } from '#ports/clock.ts';
import type { FeedbackLedger } from '#ports/feedback-ledger.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { ResultStore } from '#ports/results.ts';
import type { Metrics } from '#ports/telemetry.ts';

export interface RecordPorts {
  readonly feedback: FeedbackLedger;
  readonly ledger: Pick<FileLedger, 'findChunk' | 'settleChunk'>;
  readonly results: ResultStore;
  readonly metrics: Metrics;
}

/**
 * Records the feedback of a chunk and settles it. May be repeated at any point: an entry whose origin is this very
 * row was recorded here, another one's makes the row a duplicate. In the sums of a file, recorded rows are `decided`.
 *
 * @throws {ServiceError} when the chunk is to be delivered again.
 */
export const recordChunk = async (chunk: FeedbackChunk, deadline: Deadline, ports: RecordPorts): Promise<void> => {
  const { fileId, sequence, rows } = chunk;
  if ((await ports.ledger.findChunk(fileId, sequence))?.status === 'settled') return;
  const entries = rows.map(({ row, feedback }) => ({ feedback, origin: originKey({ kind: 'file', fileId, row }) }));
  const ended = await ports.feedback.add(entries, deadline);
  const results = rows.map(({ row, feedback }, index) => ({
    row,
    eventId: feedback.eventId,
    disposition: ended[index] === 'recorded' ? ('decided' as const) : ('duplicate' as const),
    decisions: [],
  }));
  await ports.results.writeChunk(fileId, sequence, results);
  const settled = settledRecordOf(chunk, ended);
  await ports.ledger.settleChunk(settled);
  ports.metrics.count('FeedbackRecorded', settled.counts.decided);
  ports.metrics.count('FeedbackRepeated', settled.counts.duplicate);
};

/** The chunk's record; its outcomes are what was said. */
const settledRecordOf = (
  { fileId, sequence, rows }: FeedbackChunk,
  ended: readonly ('recorded' | 'duplicate')[],
): ChunkRecord => {
  const recorded = rows.filter((_, index) => ended[index] === 'recorded');
  return {
    v: 1,
    fileId,
    sequence,
    rows: rows.length,
    status: 'settled',
    counts: { ...NO_COUNTS, decided: recorded.length, duplicate: rows.length - recorded.length },
    outcomes: tallyOf(recorded.map(({ feedback }) => feedback.value)),
    rules: {},
    degraded: 0,
  };
};
