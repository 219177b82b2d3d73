import type { Stamp } from '../types.ts';
import { grown } from './entities.ts';
import type { RowLayout } from './layout.ts';

/** No row: the end of a list. */
export const NO_ROW = -1;

/** Where in a row what is; the lanes are behind that. */
const BEFORE = 1;
const BEHIND = 2;
const BEHIND_SLOT = 3;
const HEAD = 4;

/**
 * Rows of slots, in typed arrays that live rows share: a row is a number, and the rows of an entity are a list in the
 * order of their slots. Rows that are given back are taken again, so nothing is left for the garbage collector.
 */
export class Rows {
  readonly #layout: RowLayout;
  readonly #free: number[] = [];
  #reach = 0;
  /** By row: its slot, the rows before it and behind it, the latter's slot, and its lanes: what is read together. */
  values = new Float64Array(0);
  /** By row: its words of marks. */
  words = new Uint32Array(0);
  /** By row: its stamps. */
  readonly stamps: (Stamp | undefined)[] = [];
  /** Doubles of a row. */
  readonly stride: number;

  constructor(layout: RowLayout) {
    this.#layout = layout;
    this.stride = HEAD + layout.lanes;
  }

  /** How many rows are in use. */
  get size(): number {
    return this.#reach - this.#free.length;
  }

  /** Number of a row's slot; of {@link NO_ROW} the end of time. */
  slotOf(row: number): number {
    return row === NO_ROW ? Number.POSITIVE_INFINITY : this.values[row * this.stride]!;
  }

  /** Index of the first lane of a row. */
  lanesAt(row: number): number {
    return row * this.stride + HEAD;
  }

  before(row: number): number {
    return this.values[row * this.stride + BEFORE]!;
  }

  behind(row: number): number {
    return this.values[row * this.stride + BEHIND]!;
  }

  /** Number of the slot of the row behind, without a look at that row. */
  slotBehind(row: number): number {
    return this.values[row * this.stride + BEHIND_SLOT]!;
  }

  /** An empty row of a slot, between two others of which either may be {@link NO_ROW}. */
  take(slot: number, before: number, behind: number): number {
    const row = this.#free.pop() ?? this.#reach++;
    this.#reserve(this.#reach);
    const start = row * this.stride;
    this.values.fill(0, start, start + this.stride);
    this.values[start] = slot;
    for (const { role, at } of this.#layout.places)
      if (role === 'least' || role === 'greatest') this.values[start + HEAD + at] = Number.NaN;
    const { words, stamps } = this.#layout;
    this.words.fill(0, row * words, (row + 1) * words);
    for (let stamp = 0; stamp < stamps; stamp++) this.stamps[row * stamps + stamp] = undefined;
    this.values[start + BEFORE] = before;
    this.#setBehind(row, behind, this.slotOf(behind));
    if (before !== NO_ROW) this.#setBehind(before, row, slot);
    if (behind !== NO_ROW) this.values[behind * this.stride + BEFORE] = row;
    return row;
  }

  /** Gives a row back, and joins its neighbours. */
  release(row: number): void {
    const [before, behind] = [this.before(row), this.behind(row)];
    if (before !== NO_ROW) this.#setBehind(before, behind, this.slotBehind(row));
    if (behind !== NO_ROW) this.values[behind * this.stride + BEFORE] = before;
    const { stamps } = this.#layout;
    for (let stamp = 0; stamp < stamps; stamp++) this.stamps[row * stamps + stamp] = undefined;
    this.#free.push(row);
  }

  #setBehind(row: number, behind: number, slot: number): void {
    this.values[row * this.stride + BEHIND] = behind;
    this.values[row * this.stride + BEHIND_SLOT] = slot;
  }

  #reserve(rows: number): void {
    this.values = grown(this.values, rows * this.stride);
    this.words = grown(this.words, rows * this.#layout.words);
  }
}
