import { type ColumnPlace, type Lanes, lanesOf, MARK_WORDS, type RowLayout } from './layout.ts';
import { addLanes } from './limbs.ts';
import type { OwnCells } from './own.ts';
import type { Rows } from './rows.ts';

/** A lane of least or greatest, where it is in the totals and in a row: `sign` 1 for least, -1 for greatest. */
interface Extreme {
  readonly lane: number;
  readonly from: number;
  readonly sign: number;
}

/** Marks, where they are in the totals and in a row, and which of the event's marks they take. */
interface Marks {
  readonly word: number;
  readonly from: number;
  readonly index: number;
}

/** Where totals are: lanes from `at`, words of marks from `wordsAt`. */
export interface TotalsPlace {
  lanes: Float64Array;
  at: number;
  words: Uint32Array;
  wordsAt: number;
}

/**
 * What totals of some columns are made of: lanes that add up and take away, the least and the greatest, and marks. It
 * knows their shape, and keeps nothing itself.
 */
export class Totals {
  /** Lanes that totals take, and words of marks. */
  readonly lanes: number;
  readonly words: number;
  readonly #rows: Rows;
  readonly #rowWords: number;
  readonly #added: Lanes;
  readonly #extremes: readonly Extreme[];
  readonly #marks: readonly Marks[];
  readonly #laneOf = new Map<string, number>();
  readonly #wordOf = new Map<string, number>();

  /** @param columns - keys of the columns that totals are kept of. */
  constructor(rows: Rows, layout: RowLayout, columns: ReadonlySet<string>) {
    this.#rows = rows;
    this.#rowWords = layout.words;
    const places = layout.places.filter(({ column }) => columns.has(column.key));
    const added = places.filter(({ role }) => role === 'added');
    const extremes = places.filter(({ role }) => role === 'least' || role === 'greatest');
    this.#added = lanesOf(added);
    let lane = 0;
    for (const { column, length } of [...added, ...extremes]) {
      this.#laneOf.set(column.key, lane);
      lane += length;
    }
    this.lanes = lane;
    this.#extremes = extremes.map(({ column, role, at }) => ({
      lane: this.#laneOf.get(column.key)!,
      from: at,
      sign: role === 'least' ? 1 : -1,
    }));
    const marked = layout.places.filter(({ role }) => role === 'marks');
    const kept = places.filter(({ role }) => role === 'marks');
    for (const [position, { column }] of kept.entries()) this.#wordOf.set(column.key, position * MARK_WORDS);
    this.#marks = kept.map((place: ColumnPlace) => ({
      word: this.#wordOf.get(place.column.key)!,
      from: place.at,
      index: marked.indexOf(place),
    }));
    this.words = kept.length * MARK_WORDS;
  }

  /** Where a column's total is, among the lanes; undefined when none is kept. */
  laneOf(column: string): number | undefined {
    return this.#laneOf.get(column);
  }

  /** Where a column's marks are, among the words. */
  wordOf(column: string): number | undefined {
    return this.#wordOf.get(column);
  }

  /** Makes totals those of nothing. */
  clear(place: TotalsPlace): void {
    place.lanes.fill(0, place.at, place.at + this.lanes);
    this.#clearKept(place);
  }

  /** Adds what an event makes of its slot. */
  addOwn({ lanes, at, words, wordsAt }: TotalsPlace, own: OwnCells): void {
    addLanes(lanes, at, own.lanes, 0, this.#added.lanes, this.#added.carries, 1);
    for (const { lane, from, sign } of this.#extremes) keep(lanes, at + lane, own.lanes[from]!, sign);
    for (const { word, index } of this.#marks) {
      const mark = own.marks[index]!;
      if (mark >= 0) words[wordsAt + word + (mark >> 5)]! |= 1 << (mark & 31);
    }
  }

  /** Adds what a row adds up to, or takes it away. @param sign - 1 or -1. */
  addRow(lanes: Float64Array, at: number, row: number, sign: number): void {
    const { values } = this.#rows;
    addLanes(lanes, at, values, this.#rows.lanesAt(row), this.#added.lanes, this.#added.carries, sign);
  }

  /** Keeps the least, the greatest and the marks of a row. */
  keepRow(lanes: Float64Array, at: number, words: Uint32Array, wordsAt: number, row: number): void {
    const { values, words: rowWords } = this.#rows;
    const lanesAt = this.#rows.lanesAt(row);
    for (const { lane, from, sign } of this.#extremes) keep(lanes, at + lane, values[lanesAt + from]!, sign);
    for (const { word, from } of this.#marks)
      for (let offset = 0; offset < MARK_WORDS; offset++)
        words[wordsAt + word + offset]! |= rowWords[row * this.#rowWords + from + offset]!;
  }

  /** Whether the least, the greatest or the marks may be a row's, and are to be gathered again without it. */
  mayKeep(lanes: Float64Array, at: number, row: number): boolean {
    const { values, words } = this.#rows;
    const lanesAt = this.#rows.lanesAt(row);
    for (const { lane, from } of this.#extremes) if (values[lanesAt + from] === lanes[at + lane]) return true;
    for (const { from } of this.#marks)
      for (let word = 0; word < MARK_WORDS; word++) if (words[row * this.#rowWords + from + word] !== 0) return true;
    return false;
  }

  /** The least, the greatest and the marks of the rows from one up to, and without, another. */
  gather(place: TotalsPlace, first: number, next: number): void {
    this.#clearKept(place);
    for (let row = first; row !== next; row = this.#rows.behind(row))
      this.keepRow(place.lanes, place.at, place.words, place.wordsAt, row);
  }

  #clearKept({ lanes, at, words, wordsAt }: TotalsPlace): void {
    for (const { lane } of this.#extremes) lanes[at + lane] = Number.NaN;
    words.fill(0, wordsAt, wordsAt + this.words);
  }
}

/** Keeps the least, or for sign -1 the greatest; NaN is none. */
export const keep = (lanes: Float64Array, at: number, value: number, sign: number): void => {
  const has = lanes[at]!;
  // Written so that a value that is none changes nothing, and one in place of none is kept.
  if (sign * value < sign * has || Number.isNaN(has)) lanes[at] = value;
};
