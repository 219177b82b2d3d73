import type { Page, PageMove, PageRange } from '#features/history/state/types.ts';
import type { Deadline } from './clock.ts';

/** Reads what entities did lately: pages of slots, see `features/history/state`. */
export interface ProfileStore {
  /**
   * The pages of these ranges that anything was ever added to, in any order: one query for each range, all of them at
   * once, so one round trip. Sees every move that was committed before it was called.
   *
   * @throws {ServiceError} `store_unavailable`, also when the deadline has passed: a decision then goes on without.
   */
  read(ranges: readonly PageRange[], deadline: Deadline): Promise<readonly Page[]>;
}

/** A store that also takes moves of its own accord, each group of them once: the caller sees to that. */
export interface MovableProfileStore extends ProfileStore {
  /**
   * Does all of the moves, which are of different pages, or none.
   *
   * @returns false when a cell is no longer what its move was made for; nothing was done then: read, make the moves
   * anew, and try again.
   * @throws {ServiceError} `store_unavailable` when it is unknown or certain that nothing was done.
   */
  move(moves: readonly PageMove[], deadline: Deadline): Promise<boolean>;
}
