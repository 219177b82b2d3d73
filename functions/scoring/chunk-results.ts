import type { Disposition } from '#domain/decision.ts';
import { originKey } from '#domain/event.ts';
import type { ChunkRecord } from '#domain/file-record.ts';
import { tallyOf } from '#domain/file-sums.ts';
import type { EventChunk } from '#domain/messages.ts';
import type { RecordedEvent } from '#ports/decision-store.ts';
import type { RowResult } from '#ports/results.ts';
import type { Arrival } from './make-decision.ts';

/** How a row ended, by what is on record of its event. */
export const rowResultOf = (row: number, arrival: Arrival, recorded: ReadonlyMap<string, RecordedEvent>): RowResult => {
  const { eventId } = arrival.event;
  const onRecord = recorded.get(eventId)!;
  const disposition = dispositionOf(arrival, onRecord);
  // The decisions on record of a conflict are about other content.
  return { row, eventId, disposition, decisions: disposition === 'conflict' ? [] : onRecord.decisions };
};

const dispositionOf = ({ origin, contentHash }: Arrival, recorded: RecordedEvent): Disposition => {
  if (recorded.origin === originKey(origin)) return 'decided';
  return recorded.contentHash === contentHash ? 'duplicate' : 'conflict';
};

/** The chunk's record once every row has ended. Outcomes, rules and degraded ones are those of decided rows. */
export const chunkRecordOf = ({ fileId, sequence }: EventChunk, rows: readonly RowResult[]): ChunkRecord => {
  const decided = rows.filter(({ disposition }) => disposition === 'decided');
  const decisions = decided.flatMap((row) => row.decisions);
  const ended = (disposition: Disposition): number => rows.filter((row) => row.disposition === disposition).length;
  return {
    v: 1,
    fileId,
    sequence,
    rows: rows.length,
    status: 'settled',
    counts: {
      decided: decided.length,
      duplicate: ended('duplicate'),
      conflict: ended('conflict'),
      quarantined: 0,
      dead: 0,
    },
    outcomes: tallyOf(decisions.flatMap(({ outcomes }) => outcomes)),
    rules: tallyOf(decisions.flatMap(({ rules }) => rules.filter(({ matched }) => matched).map(({ id }) => id))),
    degraded: decided.filter((row) => row.decisions.some(({ degraded }) => degraded.length > 0)).length,
  };
};
