import type { Feedback } from '#domain/feedback.ts';
import type { Deadline } from './clock.ts';

/** One thing said, and the delivery that brought it. */
export interface FeedbackEntry {
  readonly feedback: Feedback;
  /** `originKey` of the delivery: a repeat of it recognises its own entry. */
  readonly origin: string;
}

/** Remembers all that was said of events; append-only. */
export interface FeedbackLedger {
  /**
   * Adds what was not said yet.
   *
   * @returns for each entry, whether this delivery recorded it or another one had before.
   * @throws {ServiceError} `store_unavailable`; entries may have been recorded, and repeating says so.
   */
  add(entries: readonly FeedbackEntry[], deadline: Deadline): Promise<readonly ('recorded' | 'duplicate')[]>;
  /** All that was said of an event, in the order in which it was said. */
  forEvent(eventType: string, eventId: string, deadline: Deadline): Promise<readonly Feedback[]>;
  /** Who brought what was said of an event: origins of all its entries. */
  originsOfEvent(eventType: string, eventId: string, deadline: Deadline): Promise<ReadonlySet<string>>;
  /** Which of these entries are on record, and who brought each: origins by feedback id. */
  originsOf(entries: readonly Feedback[], deadline: Deadline): Promise<ReadonlyMap<string, string>>;
}
