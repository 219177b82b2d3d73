import type { Page, PageMove, PageRange } from '#features/history/state/types.ts';
import type { Deadline } from './clock.ts';

/** Whether a read must see all that was committed before it. */
export type Freshness = 'all' | 'recent';

/** Reads what entities did lately: pages of slots, see `features/history/state`. */
export interface ProfileStore {
  /**
   * The pages of these ranges that anything was ever added to, in any order: one query for each range, all of them at
   * once, so one round trip. Sees every move that was committed before it was called.
   *
   * @param freshness - `recent` may miss what was committed within the last moments, for half the price.
   * @throws {ServiceError} `store_unavailable`, also when the deadline has passed: a decision then goes on without.
   */
  read(ranges: readonly PageRange[], deadline: Deadline, freshness?: Freshness): Promise<readonly Page[]>;
}

/** A store that also takes moves of its own accord, each group of them once: the caller sees to that. */
export interface MovableProfileStore extends ProfileStore {
  /**
   * Does all of the moves, which are of different pages, or none; what is set gives way to what is rather to be kept.
   *
   * @throws {ServiceError} `store_unavailable` when it is unknown or certain that nothing was done.
   */
  move(moves: readonly PageMove[], deadline: Deadline): Promise<void>;
}
