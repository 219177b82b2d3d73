import { grown } from './entities.ts';
import { type ColumnPlace, type Lanes, lanesOf, MARK_WORDS, type RowLayout } from './layout.ts';
import { addLanes } from './limbs.ts';
import type { OwnCells } from './own.ts';
import { NO_ROW, type Rows } from './rows.ts';

/** What a window comes to: totals, and its rows from `first` up to, and without, `next`. */
export interface Glance {
  lanes: Float64Array;
  at: number;
  words: Uint32Array;
  wordsAt: number;
  first: number;
  next: number;
  /** Last row of all, where `next` is {@link NO_ROW}. */
  tail: number;
  /** Number of the window's last slot. */
  lastSlot: number;
}

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

const FIRST = 0;
const NEXT = 1;
const STALE = 2;
const LINKS = 3;

/**
 * The windows of one length and delay of all entities of a track, each with running totals: as it moves on, slots enter
 * and leave, each of them once. So a step costs the same however long the history is. The least and the greatest, and
 * marks, are looked up in the slots again only when what leaves may have made them.
 */
export class SlidingWindows {
  readonly slots: number;
  readonly delayMs: number;
  readonly #rows: Rows;
  readonly #layout: RowLayout;
  readonly #added: Lanes;
  readonly #extremes: readonly Extreme[];
  readonly #marks: readonly Marks[];
  readonly #laneOf = new Map<string, number>();
  readonly #wordOf = new Map<string, number>();
  readonly #stride: number;
  readonly #wordStride: number;
  /** By entity: the number of the slot behind the last, then the totals. */
  #values = new Float64Array(0);
  #links = new Int32Array(0);
  #words = new Uint32Array(0);
  readonly #glance: Glance;
  readonly #scratch: Glance;

  /** @param columns - keys of the columns that totals are kept of. */
  constructor(
    rows: Rows,
    layout: RowLayout,
    span: { readonly slots: number; readonly delayMs: number },
    columns: ReadonlySet<string>,
  ) {
    this.#rows = rows;
    this.#layout = layout;
    this.slots = span.slots;
    this.delayMs = span.delayMs;
    const places = layout.places.filter(({ column }) => columns.has(column.key));
    const added = places.filter(({ role }) => role === 'added');
    const extremes = places.filter(({ role }) => role === 'least' || role === 'greatest');
    this.#added = lanesOf(added);
    let lane = 0;
    for (const { column, length } of [...added, ...extremes]) {
      this.#laneOf.set(column.key, lane);
      lane += length;
    }
    this.#extremes = extremes.map(({ column, role, at }) => ({
      lane: this.#laneOf.get(column.key)!,
      from: at,
      sign: role === 'least' ? 1 : -1,
    }));
    this.#marks = marksOf(layout.places, columns);
    for (const { word, index } of this.#marks) this.#wordOf.set(marked(layout.places)[index]!.column.key, word);
    this.#stride = 1 + lane;
    this.#wordStride = this.#marks.length * MARK_WORDS;
    const empty = (): Glance => ({
      lanes: new Float64Array(lane),
      at: 0,
      words: new Uint32Array(this.#wordStride),
      wordsAt: 0,
      first: NO_ROW,
      next: NO_ROW,
      tail: NO_ROW,
      lastSlot: 0,
    });
    this.#glance = empty();
    this.#scratch = empty();
  }

  /** Where a column's totals are, in the lanes of a glance. */
  laneOf(column: string): number {
    return this.#laneOf.get(column)!;
  }

  /** Where a column's marks are, in the words of a glance. */
  wordOf(column: string): number {
    return this.#wordOf.get(column)!;
  }

  /** Begins the window of an entity that has no rows yet. */
  begin(entity: number): void {
    this.#values = grown(this.#values, (entity + 1) * this.#stride);
    this.#links = grown(this.#links, (entity + 1) * LINKS);
    this.#words = grown(this.#words, (entity + 1) * this.#wordStride);
    const start = entity * this.#stride;
    this.#values.fill(0, start, start + this.#stride);
    this.#values[start] = Number.NEGATIVE_INFINITY;
    for (const { lane } of this.#extremes) this.#values[start + 1 + lane] = Number.NaN;
    this.#words.fill(0, entity * this.#wordStride, (entity + 1) * this.#wordStride);
    this.#links[entity * LINKS + FIRST] = NO_ROW;
    this.#links[entity * LINKS + NEXT] = NO_ROW;
    this.#links[entity * LINKS + STALE] = 0;
  }

  /** Takes note of a row, still empty, that was put in before another one. */
  inserted(entity: number, row: number, behind: number): void {
    const to = this.#values[entity * this.#stride]!;
    const slot = this.#rows.slotOf(row);
    const link = entity * LINKS;
    if (slot >= to - this.slots && this.#links[link + FIRST] === behind) this.#links[link + FIRST] = row;
    if (slot >= to && this.#links[link + NEXT] === behind) this.#links[link + NEXT] = row;
  }

  /** Adds what an event makes of its slot, if the window has that slot. */
  counted(entity: number, slot: number, own: OwnCells): void {
    const start = entity * this.#stride;
    if (!this.#has(start, slot)) return;
    this.#addOwn(this.#values, start + 1, this.#words, entity * this.#wordStride, own);
  }

  /** Adds to one lane of a slot, if the window has that slot. @param from - the lane in a row. */
  adjusted(entity: number, slot: number, column: string, by: number): void {
    const start = entity * this.#stride;
    const lane = this.#laneOf.get(column);
    if (lane !== undefined && this.#has(start, slot)) this.#values[start + 1 + lane]! += by;
  }

  /** Takes note that the first row of an entity is about to go. */
  dropping(entity: number, row: number): void {
    const link = entity * LINKS;
    if (this.#links[link + FIRST] !== row) return;
    if (this.#links[link + NEXT] === row) this.#links[link + NEXT] = this.#rows.behind(row);
    else this.#leave(entity, row);
    this.#links[link + FIRST] = this.#rows.behind(row);
  }

  /**
   * What the window comes to that ends with a slot. The answer is good until the next question.
   *
   * @param entity - -1: one that nothing is known of.
   * @param tail - the entity's last row.
   */
  glance(entity: number, lastSlot: number, tail: number): Glance {
    if (entity < 0) return this.#scan(NO_ROW, lastSlot);
    if (lastSlot + 1 < this.#values[entity * this.#stride]!) return this.#scan(tail, lastSlot);
    this.#moveTo(entity, lastSlot + 1);
    const glance = this.#glance;
    glance.lanes = this.#values;
    glance.at = entity * this.#stride + 1;
    glance.words = this.#words;
    glance.wordsAt = entity * this.#wordStride;
    glance.first = this.#links[entity * LINKS + FIRST]!;
    glance.next = this.#links[entity * LINKS + NEXT]!;
    glance.tail = tail;
    glance.lastSlot = lastSlot;
    if (this.#links[entity * LINKS + STALE] === 1) {
      this.#gather(glance);
      this.#links[entity * LINKS + STALE] = 0;
    }
    return glance;
  }

  /** A glance with what the current event makes of its slot, which is the last one. */
  withOwn(glance: Glance, own: OwnCells): Glance {
    const scratch = this.#scratch;
    if (glance !== scratch) {
      for (let lane = 0; lane < scratch.lanes.length; lane++) scratch.lanes[lane] = glance.lanes[glance.at + lane]!;
      for (let word = 0; word < scratch.words.length; word++)
        scratch.words[word] = glance.words[glance.wordsAt + word]!;
      scratch.first = glance.first;
      scratch.next = glance.next;
      scratch.tail = glance.tail;
      scratch.lastSlot = glance.lastSlot;
    }
    this.#addOwn(scratch.lanes, 0, scratch.words, 0, own);
    return scratch;
  }

  #has(start: number, slot: number): boolean {
    const to = this.#values[start]!;
    return slot < to && slot >= to - this.slots;
  }

  #addOwn(lanes: Float64Array, at: number, words: Uint32Array, wordsAt: number, own: OwnCells): void {
    addLanes(lanes, at, own.lanes, 0, this.#added.lanes, this.#added.carries, 1);
    for (const { lane, from, sign } of this.#extremes) keep(lanes, at + lane, own.lanes[from]!, sign);
    for (const { word, index } of this.#marks) {
      const mark = own.marks[index]!;
      if (mark >= 0) words[wordsAt + word + (mark >> 5)]! |= 1 << (mark & 31);
    }
  }

  #moveTo(entity: number, to: number): void {
    const start = entity * this.#stride;
    if (this.#values[start] === to) return;
    const rows = this.#rows;
    const link = entity * LINKS;
    this.#values[start] = to;
    let next = this.#links[link + NEXT]!;
    for (; next !== NO_ROW && rows.slotOf(next) < to; next = rows.behind(next)) this.#enter(entity, next);
    this.#links[link + NEXT] = next;
    let first = this.#links[link + FIRST]!;
    for (; first !== next && rows.slotOf(first) < to - this.slots; first = rows.behind(first))
      this.#leave(entity, first);
    this.#links[link + FIRST] = first;
  }

  #enter(entity: number, row: number): void {
    const start = entity * this.#stride + 1;
    this.#addRow(this.#values, start, row, 1);
    this.#keepRow(this.#values, start, this.#words, entity * this.#wordStride, row);
  }

  #leave(entity: number, row: number): void {
    const start = entity * this.#stride + 1;
    this.#addRow(this.#values, start, row, -1);
    const { values, words } = this.#rows;
    const lanesAt = this.#rows.lanesAt(row);
    for (const { lane, from } of this.#extremes)
      if (values[lanesAt + from] === this.#values[start + lane]) this.#links[entity * LINKS + STALE] = 1;
    for (const { from } of this.#marks)
      for (let word = 0; word < MARK_WORDS; word++)
        if (words[row * this.#layout.words + from + word] !== 0) this.#links[entity * LINKS + STALE] = 1;
  }

  /** The window of an entity as it was, or as an entity without rows has it: from its slots, one by one. */
  #scan(tail: number, lastSlot: number): Glance {
    const rows = this.#rows;
    const scratch = this.#scratch;
    scratch.lanes.fill(0);
    scratch.tail = tail;
    scratch.lastSlot = lastSlot;
    let next: number = NO_ROW;
    let row = tail;
    for (; row !== NO_ROW && rows.slotOf(row) > lastSlot; row = rows.before(row)) next = row;
    let first = next;
    for (; row !== NO_ROW && rows.slotOf(row) > lastSlot - this.slots; row = rows.before(row)) {
      first = row;
      this.#addRow(scratch.lanes, 0, row, 1);
    }
    scratch.first = first;
    scratch.next = next;
    this.#gather(scratch);
    return scratch;
  }

  /** Least, greatest and marks from the slots. */
  #gather(glance: Glance): void {
    for (const { lane } of this.#extremes) glance.lanes[glance.at + lane] = Number.NaN;
    glance.words.fill(0, glance.wordsAt, glance.wordsAt + this.#wordStride);
    for (let row = glance.first; row !== glance.next; row = this.#rows.behind(row))
      this.#keepRow(glance.lanes, glance.at, glance.words, glance.wordsAt, row);
  }

  #addRow(lanes: Float64Array, at: number, row: number, sign: number): void {
    const { values } = this.#rows;
    addLanes(lanes, at, values, this.#rows.lanesAt(row), this.#added.lanes, this.#added.carries, sign);
  }

  #keepRow(lanes: Float64Array, at: number, words: Uint32Array, wordsAt: number, row: number): void {
    const { values, words: rowWords } = this.#rows;
    const lanesAt = this.#rows.lanesAt(row);
    for (const { lane, from, sign } of this.#extremes) keep(lanes, at + lane, values[lanesAt + from]!, sign);
    for (const { word, from } of this.#marks)
      for (let offset = 0; offset < MARK_WORDS; offset++)
        words[wordsAt + word + offset]! |= rowWords[row * this.#layout.words + from + offset]!;
  }
}

/** Keeps the least, or for sign -1 the greatest; NaN is none. */
export const keep = (lanes: Float64Array, at: number, value: number, sign: number): void => {
  const has = lanes[at]!;
  // Written so that a value that is none changes nothing, and one in place of none is kept.
  if (sign * value < sign * has || Number.isNaN(has)) lanes[at] = value;
};

const marked = (places: readonly ColumnPlace[]): readonly ColumnPlace[] =>
  places.filter(({ role }) => role === 'marks');

const marksOf = (places: readonly ColumnPlace[], columns: ReadonlySet<string>): readonly Marks[] =>
  marked(places)
    .map(({ column, at }, index) => ({ column, from: at, index }))
    .filter(({ column }) => columns.has(column.key))
    .map(({ from, index }, position) => ({ from, index, word: position * MARK_WORDS }));
