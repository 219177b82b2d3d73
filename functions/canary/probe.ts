import { CANARY_DETECTOR, CANARY_EVENT_TYPE } from '#domain/canary.ts';
import type { FileView } from '#domain/public-file.ts';

/** What one run of the canary, or of a smoke test, sends by both doors. */
export interface Probe {
  /** Sent to the API, and once more as a row of the file. */
  readonly event: { readonly eventId: string; readonly [name: string]: unknown };
  /** Of the row that is to be declined. */
  readonly declinedId: string;
  /** Where the file goes in the inbox. */
  readonly key: string;
  readonly file: string;
}

/** Text of letters too, so that no id looks like a number of a card. */
const stampOf = (nowMs: number): string => nowMs.toString(36);

/**
 * The probe of an instant: an event that is to be approved, and a file of four rows, of which one is to be declined,
 * one approved, one recognised as that event, and one quarantined.
 *
 * @param sender - begins all ids and the file's name.
 */
export const probeAt = (nowMs: number, sender = 'canary'): Probe => {
  const occurredAt = new Date(nowMs).toISOString();
  const idOf = (name: string): string => `${sender}-${stampOf(nowMs)}-${name}`;
  const event = {
    eventId: idOf('api'),
    eventType: CANARY_EVENT_TYPE,
    occurredAt,
    entities: {},
    variables: { value: 1 },
  };
  const rows = [
    [idOf('high'), occurredAt, '999'],
    [idOf('low'), occurredAt, '0'],
    [event.eventId, occurredAt, '1'],
    [idOf('bad'), occurredAt, 'none'],
  ];
  const lines = ['event_id,occurred_at,value', ...rows.map((cells) => cells.join(','))];
  return {
    event,
    declinedId: idOf('high'),
    key: `events/${CANARY_EVENT_TYPE}/${sender}-${stampOf(nowMs)}.csv`,
    file: `${lines.join('\n')}\n`,
  };
};

/** How the file must have ended. */
export const EXPECTED_FILE = {
  status: 'complete',
  rows: 4,
  counts: { decided: 2, duplicate: 1, conflict: 0, quarantined: 1, dead: 0 },
  outcomes: { approve: 1, decline: 1 },
  degraded: 0,
} satisfies Partial<FileView>;

/** What every decision on a probe must say, beside its outcome. */
export const EXPECTED_DECISION = { detector: CANARY_DETECTOR, recorded: 'committed', degraded: [] } as const;
