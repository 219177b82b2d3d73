import type { Feedback } from '#domain/feedback.ts';
import type { FeedbackEntry, FeedbackLedger } from '#ports/feedback-ledger.ts';

/** Keeps feedback for as long as the process lives: for tests, replay and the command line. */
export class MemoryFeedbackLedger implements FeedbackLedger {
  readonly #entries = new Map<string, FeedbackEntry>();

  async add(entries: readonly FeedbackEntry[]): Promise<readonly ('recorded' | 'duplicate')[]> {
    const met = new Set<string>();
    return entries.map((entry) => {
      const key = keyOf(entry.feedback);
      const known = this.#entries.get(key);
      const first = !met.has(key);
      met.add(key);
      if (!known) this.#entries.set(key, entry);
      // Of one entry said several times in one delivery, the first counts.
      return first && (!known || known.origin === entry.origin) ? 'recorded' : 'duplicate';
    });
  }

  async forEvent(eventType: string, eventId: string): Promise<readonly Feedback[]> {
    return [...this.#entries.values()]
      .map(({ feedback }) => feedback)
      .filter((feedback) => feedback.eventType === eventType && feedback.eventId === eventId)
      .sort((left, right) => (positionOf(left) < positionOf(right) ? -1 : 1));
  }

  async originsOfEvent(eventType: string, eventId: string): Promise<ReadonlySet<string>> {
    const said = [...this.#entries.values()].filter(
      ({ feedback }) => feedback.eventType === eventType && feedback.eventId === eventId,
    );
    return new Set(said.map(({ origin }) => origin));
  }

  async originsOf(entries: readonly Feedback[]): Promise<ReadonlyMap<string, string>> {
    const known = entries.map((entry) => this.#entries.get(keyOf(entry))).filter((entry) => entry !== undefined);
    return new Map(known.map(({ feedback, origin }) => [feedback.feedbackId, origin]));
  }
}

const keyOf = ({ eventType, eventId, feedbackId }: Feedback): string => `${eventType}#${eventId}#${feedbackId}`;

const positionOf = ({ saidAt, feedbackId }: Feedback): string => `${saidAt}#${feedbackId}`;
