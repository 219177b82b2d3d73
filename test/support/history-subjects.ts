import type { Event, VariableValue } from '#domain/event.ts';
import type { HistoryPlan } from '#features/history/plan.ts';
import type { Known } from '#features/history/state/cells.ts';
import { HistoryEngine, type HistoryEngineOptions } from '#features/history/state/engine/engine.ts';
import { eventMoves, labelMoves } from '#features/history/state/moves.ts';
import { PageBook } from '#features/history/state/page-book.ts';
import { rangesOf } from '#features/history/state/places.ts';
import { featuresFrom } from '#features/history/state/readings.ts';
import type { MovableProfileStore } from '#ports/profile-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { type Counted, oracleFeatures } from './history-oracle.ts';
import { type Happening, PLANS } from './history-streams.ts';

type Values = Readonly<Record<string, VariableValue | null>>;

/** Something that keeps history: what an event's features are, and what is done to it. */
export interface HistorySubject {
  features(event: Event): Promise<Values>;
  count(event: Event, known: Known): Promise<void>;
  relabel(event: Event, from: string | undefined, to: string | undefined): Promise<void>;
}

const planOf = (event: Event): HistoryPlan => PLANS.get(event.eventType)!;

/** History in pages, read and moved by a store as serving does it. */
export const pagedHistory = (store: MovableProfileStore): HistorySubject => {
  const pagesFor = (event: Event) => store.read(rangesOf(planOf(event), event), deadlineIn(5_000));
  return {
    features: async (event) => featuresFrom(planOf(event), event, await pagesFor(event)),
    count: async (event, known) => {
      const { find } = new PageBook(await pagesFor(event));
      await store.move(eventMoves(planOf(event).moves, event, find, known), deadlineIn(5_000));
    },
    relabel: (event, from, to) => store.move(labelMoves(planOf(event).moves, event, from, to), deadlineIn(5_000)),
  };
};

/** History in memory, as a replay has it. */
export const engineHistory = (options?: HistoryEngineOptions): HistorySubject => {
  const engine = new HistoryEngine(PLANS, options);
  return {
    features: async (event) => engine.featuresOf(event),
    count: async (event, known) => engine.count(event, undefined, known),
    relabel: async (event, from, to) => engine.relabel(event, from, to),
  };
};

/** One event's features, as they should be and as they are. */
export interface Compared {
  readonly event: Event;
  readonly expected: Values;
  readonly found: Values;
}

/** What is not as it should be, to the bit. */
export const differences = (compared: readonly Compared[]): readonly unknown[] =>
  compared.flatMap(({ event, expected, found }) =>
    Object.keys({ ...expected, ...found })
      .filter((name) => !Object.is(expected[name], found[name]))
      .map((name) => ({ eventId: event.eventId, name, expected: expected[name], found: found[name] })),
  );

/** Plays a history to a subject and to the oracle. Repeats are looked at again, and not counted: the caller's affair. */
export const playedBack = async (
  history: readonly Happening[],
  subject: HistorySubject,
): Promise<readonly Compared[]> => {
  const counted: Counted[] = [];
  const compared: Compared[] = [];
  const compare = async (event: Event): Promise<void> => {
    compared.push({
      event,
      expected: oracleFeatures(planOf(event), event, counted),
      found: await subject.features(event),
    });
  };
  for (const one of history) {
    if (one.kind === 'event') {
      const { event, label, outcome } = one;
      const decisions = [{ detector: 'cards', outcomes: [outcome] }];
      await compare(event);
      await subject.count(event, { label, decisions });
      counted.push({ event, label, decisions });
    } else if (counted.length > 0) {
      const at = one.pick % counted.length;
      const { event, label } = counted[at]!;
      if (one.kind === 'repeat') await compare(event);
      else {
        await subject.relabel(event, label, one.label);
        counted[at] = { ...counted[at]!, label: one.label };
      }
    }
  }
  return compared;
};
