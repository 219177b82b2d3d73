import { grown, type Records } from './entities.ts';
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

/**
 * Where in an entity's record what is: the number of the slot behind the window's last; the first row in the window and
 * the first one behind it, each with its slot, so that rows are touched only when they enter or leave; whether the least,
 * the greatest and the marks are to be looked up again. The totals are behind that.
 */
const TO = 0;
const FIRST = 1;
const FIRST_SLOT = 2;
const NEXT = 3;
const NEXT_SLOT = 4;
const STALE = 5;
const HEAD = 6;

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
  readonly #wordStride: number;
  readonly #records: Records;
  /** Where in a record this is. */
  readonly #offset: number;
  #words = new Uint32Array(0);
  readonly #glance: Glance;
  readonly #scratch: Glance;

  /** @param columns - keys of the columns that totals are kept of. */
  constructor(
    records: Records,
    rows: Rows,
    layout: RowLayout,
    span: { readonly slots: number; readonly delayMs: number },
    columns: ReadonlySet<string>,
  ) {
    this.#records = records;
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
    this.#offset = records.claim(HEAD + lane);
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
    this.#words = grown(this.#words, (entity + 1) * this.#wordStride);
    this.#words.fill(0, entity * this.#wordStride, (entity + 1) * this.#wordStride);
    const { values } = this.#records;
    const start = this.#startOf(entity);
    values[start + TO] = Number.NEGATIVE_INFINITY;
    this.#begins(values, start, NO_ROW, Number.POSITIVE_INFINITY);
    this.#continues(values, start, NO_ROW, Number.POSITIVE_INFINITY);
    values[start + STALE] = 0;
    for (let lane = 0; lane < this.#added.lanes.length; lane++) values[start + HEAD + lane] = 0;
    for (const { lane } of this.#extremes) values[start + HEAD + lane] = Number.NaN;
  }

  /** Takes note of a row, still empty, that was put in before another one. */
  inserted(entity: number, row: number, behind: number): void {
    const { values } = this.#records;
    const start = this.#startOf(entity);
    const to = values[start + TO]!;
    const slot = this.#rows.slotOf(row);
    if (slot >= to - this.slots && values[start + FIRST] === behind) this.#begins(values, start, row, slot);
    if (slot >= to && values[start + NEXT] === behind) this.#continues(values, start, row, slot);
  }

  /** Adds what an event makes of its slot, if the window has that slot. */
  counted(entity: number, slot: number, own: OwnCells): void {
    const start = this.#startOf(entity);
    if (!this.#has(start, slot)) return;
    this.#addOwn(this.#records.values, start + HEAD, this.#words, entity * this.#wordStride, own);
  }

  /** Adds to one column of a slot, if the window has that slot. */
  adjusted(entity: number, slot: number, column: string, by: number): void {
    const start = this.#startOf(entity);
    const lane = this.#laneOf.get(column);
    if (lane !== undefined && this.#has(start, slot)) this.#records.values[start + HEAD + lane]! += by;
  }

  /** Takes note that the first row of an entity is about to go. */
  dropping(entity: number, row: number): void {
    const { values } = this.#records;
    const start = this.#startOf(entity);
    if (values[start + FIRST] !== row) return;
    const [behind, slot] = [this.#rows.behind(row), this.#rows.slotBehind(row)];
    if (values[start + NEXT] === row) this.#continues(values, start, behind, slot);
    else this.#leave(entity, row);
    this.#begins(values, start, behind, slot);
  }

  /**
   * What the window comes to that ends with a slot. The answer is good until the next question.
   *
   * @param entity - -1: one that nothing is known of.
   * @param tail - the entity's last row.
   */
  glance(entity: number, lastSlot: number, tail: number): Glance {
    if (entity < 0) return this.#scan(NO_ROW, lastSlot);
    const { values } = this.#records;
    const start = this.#startOf(entity);
    if (lastSlot + 1 < values[start + TO]!) return this.#scan(tail, lastSlot);
    this.#moveTo(entity, lastSlot + 1);
    const glance = this.#glance;
    glance.lanes = values;
    glance.at = start + HEAD;
    glance.words = this.#words;
    glance.wordsAt = entity * this.#wordStride;
    glance.first = values[start + FIRST]!;
    glance.next = values[start + NEXT]!;
    glance.tail = tail;
    glance.lastSlot = lastSlot;
    if (values[start + STALE] === 1) {
      this.#gather(glance);
      values[start + STALE] = 0;
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

  #startOf(entity: number): number {
    return entity * this.#records.stride + this.#offset;
  }

  #begins(values: Float64Array, start: number, row: number, slot: number): void {
    values[start + FIRST] = row;
    values[start + FIRST_SLOT] = slot;
  }

  #continues(values: Float64Array, start: number, row: number, slot: number): void {
    values[start + NEXT] = row;
    values[start + NEXT_SLOT] = slot;
  }

  #has(start: number, slot: number): boolean {
    const to = this.#records.values[start + TO]!;
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
    const { values } = this.#records;
    const start = this.#startOf(entity);
    if (values[start + TO] === to) return;
    values[start + TO] = to;
    while (values[start + NEXT_SLOT]! < to) {
      const row = values[start + NEXT]!;
      this.#enter(entity, row);
      this.#continues(values, start, this.#rows.behind(row), this.#rows.slotBehind(row));
    }
    while (values[start + FIRST_SLOT]! < to - this.slots) {
      const row = values[start + FIRST]!;
      this.#leave(entity, row);
      this.#begins(values, start, this.#rows.behind(row), this.#rows.slotBehind(row));
    }
  }

  #enter(entity: number, row: number): void {
    const { values } = this.#records;
    const at = this.#startOf(entity) + HEAD;
    this.#addRow(values, at, row, 1);
    this.#keepRow(values, at, this.#words, entity * this.#wordStride, row);
  }

  #leave(entity: number, row: number): void {
    const { values: totals } = this.#records;
    const start = this.#startOf(entity);
    this.#addRow(totals, start + HEAD, row, -1);
    const { values, words } = this.#rows;
    const lanesAt = this.#rows.lanesAt(row);
    for (const { lane, from } of this.#extremes)
      if (values[lanesAt + from] === totals[start + HEAD + lane]) totals[start + STALE] = 1;
    for (const { from } of this.#marks)
      for (let word = 0; word < MARK_WORDS; word++)
        if (words[row * this.#layout.words + from + word] !== 0) totals[start + STALE] = 1;
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
