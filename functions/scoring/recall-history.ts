import type { Decision, Degradation } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Event } from '#domain/event.ts';
import type { FeaturePlan } from '#features/history/compile.ts';
import type { Profile } from '#features/history/plan.ts';
import { eventMoves } from '#features/history/state/moves.ts';
import { PageBook } from '#features/history/state/page-book.ts';
import { entityKeyOf, mergeRanges, rangesOf } from '#features/history/state/places.ts';
import { featuresFrom } from '#features/history/state/readings.ts';
import type { Page } from '#features/history/state/types.ts';
import type { Features } from '#features/values.ts';
import type { Deadline } from '#ports/clock.ts';
import type { EventCommit } from '#ports/decision-store.ts';
import type { Freshness, ProfileStore } from '#ports/profile-store.ts';
import type { Logger } from '#ports/telemetry.ts';

/** What recalling history needs of the world. */
export interface RecallPorts {
  readonly profiles: ProfileStore;
  readonly logger: Logger;
}

/** What recording an event does to history. */
export type Counted = Pick<EventCommit, 'moves' | 'profiles'>;

/**
 * History as some events see it that are decided one after another: the pages that were read for all of them, and what
 * those before did to these. Without pages, which could not be read, features over them are missing.
 */
export class RecalledHistory {
  /** What was missing, and why. */
  readonly degraded: readonly Degradation[];
  readonly #plan: FeaturePlan;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #book: PageBook | undefined;

  constructor(plan: FeaturePlan, pages: readonly Page[] | undefined, degraded: readonly Degradation[] = []) {
    this.degraded = degraded;
    this.#plan = plan;
    this.#profiles = new Map([...plan.history.reads, ...plan.history.moves].map((profile) => [profile.hash, profile]));
    this.#book = pages && new PageBook(pages);
  }

  /** Whether what an event does to history depends on what is decided of it. */
  get needsDecisions(): boolean {
    return this.#plan.history.moves.some(({ columns }) => columns.some(({ measure }) => measure.kind === 'outcome'));
  }

  /** Pages that an event moves at most. */
  get mostPages(): number {
    return this.#plan.history.moves.length;
  }

  /** All features of an event, as things are before it is counted. */
  featuresOf(event: Event): Features {
    const { history, evaluate } = this.#plan;
    return evaluate(event, this.#book ? featuresFrom(history, event, this.#pagesFor(event, this.#book)) : {});
  }

  /** What recording an event with these decisions does to history. */
  movesOf(event: Event, decisions: readonly Decision[] = []): Counted {
    const { moves: profiles } = this.#plan.history;
    const moves = eventMoves(profiles, event, (place) => this.#book?.find(place), { decisions });
    const counting = profiles.filter(({ kinds, roles }) => entityKeyOf(kinds, roles, event) !== undefined);
    return { moves, profiles: counting.map(({ hash }) => hash) };
  }

  /** The same, and the events after this one see it. */
  count(event: Event, decisions?: readonly Decision[]): Counted {
    const counted = this.movesOf(event, decisions);
    this.#book?.apply(counted.moves ?? []);
    return counted;
  }

  #pagesFor(event: Event, book: PageBook): readonly Page[] {
    return rangesOf(this.#plan.history, event).flatMap(({ profile, entity, fromMs, toMs }) => {
      const { pageMs } = this.#profiles.get(profile)!;
      const starts = Array.from({ length: (toMs - fromMs) / pageMs + 1 }, (_, at) => fromMs + at * pageMs);
      return starts.flatMap((startMs) => {
        const found = book.find({ profile, entity, startMs });
        return found ? [{ profile, entity, startMs, cells: found.cells }] : [];
      });
    });
  }
}

/**
 * Reads the history of events, in one round trip. What cannot be read in time is missing, and no reason to stop.
 *
 * @returns undefined for an event type without features, which costs nothing.
 */
export const recallHistory = async (
  plan: FeaturePlan | undefined,
  events: readonly Event[],
  freshness: Freshness,
  deadline: Deadline,
  { profiles, logger }: RecallPorts,
): Promise<RecalledHistory | undefined> => {
  if (!plan) return undefined;
  const ranges = mergeRanges(events.flatMap((event) => rangesOf(plan.history, event)));
  if (ranges.length === 0) return new RecalledHistory(plan, []);
  const startedWithMs = deadline.remainingMs();
  try {
    return new RecalledHistory(plan, await profiles.read(ranges, deadline, freshness));
  } catch (error) {
    const left = deadline.remainingMs();
    logger.warn('history could not be read', { code: error instanceof ServiceError ? error.code : 'internal' });
    const why = left === 0 ? 'timeout' : 'unavailable';
    return new RecalledHistory(plan, undefined, [{ what: 'history', why, spentMs: Math.round(startedWithMs - left) }]);
  }
};

/** How fresh history has to be: where order matters, an event must see all that were recorded before it. */
export const freshnessFor = ({ ordering }: { readonly ordering: 'strict' | 'relaxed' }): Freshness =>
  ordering === 'strict' ? 'all' : 'recent';
