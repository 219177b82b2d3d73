import { originKey } from '#domain/event.ts';
import type { FeedbackChunk } from '#domain/messages.ts';
import { endedChunkOf } from '#domain/row-ends.ts';
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
  const settled = endedChunkOf(chunk, results);
  await ports.ledger.settleChunk(settled);
  ports.metrics.count('FeedbackRecorded', settled.counts.decided);
  ports.metrics.count('FeedbackRepeated', settled.counts.duplicate);
};
