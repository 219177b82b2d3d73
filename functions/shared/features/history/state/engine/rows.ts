import type { Stamp } from '../types.ts';
import { grown, Records } from './entities.ts';
import type { RowLayout } from './layout.ts';

/** No row: the end of a list. */
export const NO_ROW = -1;

/** Number of the slot of {@link NO_ROW}: behind all others. Slots of a second reach from 1957 to 2094. */
export const END_OF_TIME = 2 ** 31 - 1;
/** Number of a slot that is before all others. */
export const START_OF_TIME = -(2 ** 31);

/** The instant whose slot has the number 0. */
const ZERO_MS = Date.UTC(2026);

/** Number of the slot that holds an instant. */
export const slotAt = (slotMs: number, atMs: number): number =>
  Math.floor(atMs / slotMs) - Math.floor(ZERO_MS / slotMs);

/** When a slot starts, in epoch milliseconds. */
export const slotStart = (slotMs: number, slot: number): number => (slot + Math.floor(ZERO_MS / slotMs)) * slotMs;

/** Where in a row which integer is; the lanes are behind them. */
const SLOT = 0;
const BEFORE = 1;
const BEHIND = 2;
const BEHIND_SLOT = 3;
/** Doubles that these take. */
const HEAD = 2;

/**
 * Rows of slots, in typed arrays that live rows share: a row is a number, and the rows of an entity are a list in the
 * order of their slots. Rows that are given back are taken again, so nothing is left for the garbage collector.
 */
export class Rows {
  readonly #layout: RowLayout;
  readonly #free: number[] = [];
  #reach = 0;
  /** By row: its slot, the rows before it and behind it, the latter's slot; then its lanes. */
  readonly #records = new Records();
  /** By row: its words of marks. */
  words = new Uint32Array(0);
  /** By row: its stamps. */
  readonly stamps: (Stamp | undefined)[] = [];

  constructor(layout: RowLayout) {
    this.#layout = layout;
    this.#records.claim(HEAD + layout.lanes);
  }

  /** Lanes of all rows. @see {@link lanesAt} */
  get values(): Float64Array {
    return this.#records.doubles;
  }

  /** How many rows are in use. */
  get size(): number {
    return this.#reach - this.#free.length;
  }

  /** Number of a row's slot; of {@link NO_ROW} the end of time. */
  slotOf(row: number): number {
    return row === NO_ROW ? END_OF_TIME : this.#head(row, SLOT);
  }

  /** Index of the first lane of a row. */
  lanesAt(row: number): number {
    return row * this.#records.stride + HEAD;
  }

  before(row: number): number {
    return this.#head(row, BEFORE);
  }

  behind(row: number): number {
    return this.#head(row, BEHIND);
  }

  /** Number of the slot of the row behind, without a look at that row. */
  slotBehind(row: number): number {
    return this.#head(row, BEHIND_SLOT);
  }

  /** An empty row of a slot, between two others of which either may be {@link NO_ROW}. */
  take(slot: number, before: number, behind: number): number {
    const row = this.#free.pop() ?? this.#reach++;
    this.#reserve(this.#reach);
    const lanesAt = this.lanesAt(row);
    this.values.fill(0, lanesAt, lanesAt + this.#layout.lanes);
    for (const { role, at } of this.#layout.places)
      if (role === 'least' || role === 'greatest') this.values[lanesAt + at] = Number.NaN;
    const { words, stamps } = this.#layout;
    this.words.fill(0, row * words, (row + 1) * words);
    for (let stamp = 0; stamp < stamps; stamp++) this.stamps[row * stamps + stamp] = undefined;
    this.#setHead(row, SLOT, slot);
    this.#setHead(row, BEFORE, before);
    this.#setBehind(row, behind, this.slotOf(behind));
    if (before !== NO_ROW) this.#setBehind(before, row, slot);
    if (behind !== NO_ROW) this.#setHead(behind, BEFORE, row);
    return row;
  }

  /** Gives a row back, and joins its neighbours. */
  release(row: number): void {
    const before = this.before(row);
    const behind = this.behind(row);
    if (before !== NO_ROW) this.#setBehind(before, behind, this.slotBehind(row));
    if (behind !== NO_ROW) this.#setHead(behind, BEFORE, before);
    const { stamps } = this.#layout;
    for (let stamp = 0; stamp < stamps; stamp++) this.stamps[row * stamps + stamp] = undefined;
    this.#free.push(row);
  }

  #setBehind(row: number, behind: number, slot: number): void {
    this.#setHead(row, BEHIND, behind);
    this.#setHead(row, BEHIND_SLOT, slot);
  }

  #head(row: number, at: number): number {
    return this.#records.ints[2 * row * this.#records.stride + at]!;
  }

  #setHead(row: number, at: number, value: number): void {
    this.#records.ints[2 * row * this.#records.stride + at] = value;
  }

  #reserve(rows: number): void {
    this.#records.reserve(rows - 1);
    this.words = grown(this.words, rows * this.#layout.words);
  }
}
