import type { EventType } from '#domain/catalog/event-type.ts';
import { type EffectiveLabel, effectiveLabelOf } from '#domain/effective-label.ts';
import type { Event } from '#domain/event.ts';
import type { Feedback } from '#domain/feedback.ts';

/** Another label that an event comes to have. */
export interface LabelChange {
  readonly dueMs: number;
  readonly event: Event;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What is said of an event, over time. */
export interface LabelStory {
  /** What had been said when it happened. */
  readonly before: string | undefined;
  /** What was said after, in order; no two of one instant. */
  readonly changes: readonly LabelChange[];
  /** What it is in the end. */
  readonly end: EffectiveLabel | undefined;
}

/** What was said of one event, without what its place in the book tells, and what was read of it before that. */
interface Said extends Pick<Feedback, 'feedbackId' | 'value' | 'source'> {
  readonly saidAt: string | undefined;
  readonly other: Said | undefined;
}

/** Digits of an entry's id that are kept: it decides between things said at one instant alone. */
const ID_DIGITS = 12;

const UNSAID: LabelStory = { before: undefined, changes: [], end: undefined };

/**
 * What is said of events, each held until the event comes by.
 *
 * Where nobody says when something was said, it is some time after the event.
 */
export class LabelBook {
  readonly #said = new Map<string, Said>();
  readonly #eventTypes: ReadonlyMap<string, EventType>;
  readonly #delayMs: number;

  /** @param delayMs - how long after its event something is said, where that is not known. */
  constructor(eventTypes: ReadonlyMap<string, EventType>, delayMs: number) {
    this.#eventTypes = eventTypes;
    this.#delayMs = delayMs;
  }

  /** Events that are still to come, of those that something was said of. */
  get size(): number {
    return this.#said.size;
  }

  /** Takes an entry in. Actions are no labels, and are left out. @param saidAt - undefined: nobody says. */
  add({ kind, eventType, eventId, feedbackId, value, source }: Feedback, saidAt: string | undefined): void {
    if (kind !== 'label') return;
    const key = keyOf({ eventType, eventId });
    const other = this.#said.get(key);
    this.#said.set(key, { feedbackId: feedbackId.slice(0, ID_DIGITS), value, source, saidAt, other });
  }

  /** What is said of an event; the book has it no more. */
  take(event: Event, atMs: number): LabelStory {
    const key = keyOf(event);
    const said = this.#said.get(key);
    if (!said) return UNSAID;
    this.#said.delete(key);
    const unknown = new Date(atMs + this.#delayMs).toISOString();
    const feedback: Feedback[] = [];
    for (let entry: Said | undefined = said; entry; entry = entry.other) {
      feedback.push(feedbackOf(event, entry, entry.saidAt ?? unknown));
    }
    return storyOf(event, feedback, this.#eventTypes.get(event.eventType)!.labelSources);
  }
}

const keyOf = ({ eventType, eventId }: Pick<Event, 'eventType' | 'eventId'>): string => `${eventType} ${eventId}`;

const feedbackOf = ({ eventType, eventId }: Event, { other: _, ...said }: Said, saidAt: string): Feedback => ({
  v: 1,
  kind: 'label',
  eventType,
  eventId,
  ...said,
  saidAt,
  receivedAt: saidAt,
});

const storyOf = (event: Event, feedback: readonly Feedback[], labelSources: EventType['labelSources']): LabelStory => {
  const labelAt = (asOf: string) => effectiveLabelOf({ feedback, labelSources, asOf })?.label;
  const before = labelAt(event.occurredAt);
  const changes: LabelChange[] = [];
  let from = before;
  for (const saidAt of [...new Set(feedback.map((entry) => entry.saidAt))].sort()) {
    const to = saidAt > event.occurredAt ? labelAt(saidAt) : from;
    if (to !== from) changes.push({ dueMs: Date.parse(saidAt), event, from, to });
    from = to;
  }
  return { before, changes, end: effectiveLabelOf({ feedback, labelSources }) };
};
