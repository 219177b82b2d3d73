import type { Decision, Disposition } from './decision.ts';
import { originKey } from './event.ts';
import type { ChunkRecord } from './file-record.ts';
import { NO_COUNTS, tallyOf } from './file-sums.ts';
import type { EventChunk, FeedbackChunk } from './messages.ts';
import type { ResultRow } from './results-csv.ts';

/** What is on record of a row's event. */
export interface OnRecord {
  readonly contentHash: string;
  /** `originKey` of the delivery that recorded it. */
  readonly origin: string;
  readonly decisions: readonly Decision[];
}

/** How a row of events ended, by what is on record of its event; dead when that is nothing. */
export const endOfRow = (
  fileId: string,
  { row, event: { eventId }, contentHash }: EventChunk['rows'][number],
  recorded: OnRecord | undefined,
): ResultRow => {
  if (!recorded) return { row, eventId, disposition: 'dead', decisions: [] };
  if (isOwn(fileId, row, recorded.origin)) {
    return { row, eventId, disposition: 'decided', decisions: recorded.decisions };
  }
  // The decisions on record of a conflict are about other content.
  return recorded.contentHash === contentHash
    ? { row, eventId, disposition: 'duplicate', decisions: recorded.decisions }
    : { row, eventId, disposition: 'conflict', decisions: [] };
};

/** How a row of feedback ended, by who brought the entry on record; what was recorded counts as decided. */
export const endOfFeedbackRow = (
  fileId: string,
  { row, feedback: { eventId } }: FeedbackChunk['rows'][number],
  origin: string | undefined,
): ResultRow => {
  const known = origin === undefined ? 'dead' : isOwn(fileId, row, origin) ? 'decided' : 'duplicate';
  return { row, eventId, disposition: known, decisions: [] };
};

const isOwn = (fileId: string, row: number, origin: string): boolean =>
  origin === originKey({ kind: 'file', fileId, row });

/**
 * A chunk's record once every row has ended. Outcomes, rules and degraded ones are those of decided rows; of feedback,
 * outcomes are what was said. A chunk with dead rows may still be redriven; one without is settled for good.
 */
export const endedChunkOf = (chunk: EventChunk | FeedbackChunk, rows: readonly ResultRow[]): ChunkRecord => {
  const { fileId, sequence } = chunk;
  const counts = { ...NO_COUNTS, ...tallyOf(rows.map(({ disposition }): Disposition => disposition)) };
  const decided = rows.filter(({ disposition }) => disposition === 'decided');
  const decisions = decided.flatMap((row) => row.decisions);
  return {
    v: 1,
    fileId,
    sequence,
    rows: rows.length,
    status: counts.dead > 0 ? 'dead' : 'settled',
    counts,
    outcomes: tallyOf(chunk.kind === 'events' ? decisions.flatMap(({ outcomes }) => outcomes) : saidIn(chunk, decided)),
    rules: tallyOf(decisions.flatMap(({ rules }) => rules.filter(({ matched }) => matched).map(({ id }) => id))),
    degraded: decided.filter((row) => row.decisions.some(({ degraded }) => degraded.length > 0)).length,
  };
};

const saidIn = ({ rows }: FeedbackChunk, decided: readonly ResultRow[]): readonly string[] => {
  const numbers = new Set(decided.map(({ row }) => row));
  return rows.filter(({ row }) => numbers.has(row)).map(({ feedback }) => feedback.value);
};
