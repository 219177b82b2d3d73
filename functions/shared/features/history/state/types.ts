import type { VariableValue } from '#domain/event.ts';

import type { Int } from './integers.ts';

/** A value with the time and id of the event that had it: what `first` and `last` keep. */
export interface Stamp {
  readonly value: VariableValue;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly eventId: string;
}

/**
 * What a slot keeps in one column: an integer for `count`, `sum`, `squares`, `labelled`, `outcome`, `min` and `max`;
 * a stamp for `first` and `last`; marks from 0 to 255 for `distinct`. Absent: nothing was kept there yet, or 0.
 */
export type Cell = Int | Stamp | ReadonlySet<number>;

/** Where a page is: the profile, the entity (or pair) in it, and the stretch of time. */
export interface PagePlace {
  /** `Profile.hash` */
  readonly profile: string;
  /** See `entityKeyOf`. */
  readonly entity: string;
  /** Start of the page in epoch milliseconds: a multiple of its profile's `pageMs`. */
  readonly startMs: number;
}

/** The slots of one stretch of time of one entity, in one item. */
export interface Page extends PagePlace {
  /** By `cellName`: column and slot. */
  readonly cells: ReadonlyMap<string, Cell>;
}

/** Pages of one entity, one after another: one query. */
export interface PageRange {
  readonly profile: string;
  readonly entity: string;
  /** Start of the first page, in epoch milliseconds. */
  readonly fromMs: number;
  /** Start of the last page, which is read too. */
  readonly toMs: number;
}

/**
 * Sets a cell of `min`, `max`, `first` or `last`, on condition that it is still to be replaced: a store that finds
 * something at least as low (or as high) there leaves it, and does the rest of the move.
 */
export interface CellSet {
  readonly to: Int | Stamp;
  /** Which of two is kept: the lower one of `min` and `first`, the higher one of `max` and `last`. See `isKept`. */
  readonly keeps: 'lower' | 'higher';
  /** What the cell was when the move was made; undefined: absent. */
  readonly was: Int | Stamp | undefined;
}

/**
 * What is done to one page: one update of one item. Moves of several events to one page are merged by `mergeMoves`.
 * Each map is by `cellName`; no cell is in more than one of them.
 */
export interface PageMove extends PagePlace {
  /** When the page is needed no more, in epoch milliseconds: the end of the page and its profile's `keepMs`. */
  readonly keepUntilMs: number;
  /** Integers to add, never 0; below 0 they take back. */
  readonly adds: ReadonlyMap<string, Int>;
  /** Marks to add to what is there. */
  readonly marks: ReadonlyMap<string, ReadonlySet<number>>;
  readonly sets: ReadonlyMap<string, CellSet>;
}

/** Marks of either. */
export const joinMarks = (left: ReadonlySet<number>, right: ReadonlySet<number>): ReadonlySet<number> =>
  new Set([...left, ...right]);

/** Name of a cell in its page: the column's key, which is of letters, and the slot's number in the page, from 0. */
export const cellName = (column: string, slot: number): string => `${column}${slot}`;

/** Whether what a cell has stays, rather than giving way: integers by size, stamps by time, then by event id. */
export const isKept = (has: Int | Stamp | undefined, { to, keeps }: Pick<CellSet, 'to' | 'keeps'>): boolean =>
  has !== undefined && (keeps === 'lower' ? !isLower(to, has) : !isLower(has, to));

const isLower = (left: Int | Stamp, right: Int | Stamp): boolean => {
  if (typeof left !== 'object' || typeof right !== 'object') return left < right;
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.eventId < right.eventId);
};
