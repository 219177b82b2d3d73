import { grown, type Records } from './entities.ts';
import { type ColumnPlace, type Lanes, lanesOf, MARK_WORDS, type RowLayout } from './layout.ts';
import { addLanes } from './limbs.ts';
import type { OwnCells } from './own.ts';
import { END_OF_TIME, NO_ROW, type Rows, START_OF_TIME } from './rows.ts';

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
 * Where in an entity's record which integer is: the number of the slot behind the window's last; the first row in the window and
 * the first one behind it, each with its slot, so that rows are touched only when they enter or leave; whether the least,
 * the greatest and the marks are to be looked up again. The totals are behind that.
 */
const TO = 0;
const FIRST = 1;
const FIRST_SLOT = 2;
const NEXT = 3;
const NEXT_SLOT = 4;
const STALE = 5;
/** Doubles that these take. */
const HEAD = 3;

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
    const { ints, doubles } = this.#records;
    const start = this.#startOf(entity);
    ints[start + TO] = START_OF_TIME;
    this.#begins(ints, start, NO_ROW, END_OF_TIME);
    this.#continues(ints, start, NO_ROW, END_OF_TIME);
    ints[start + STALE] = 0;
    const at = this.#totalsOf(entity);
    for (let lane = 0; lane < this.#added.lanes.length; lane++) doubles[at + lane] = 0;
    for (const { lane } of this.#extremes) doubles[at + lane] = Number.NaN;
  }

  /** Takes note of a row, still empty, that was put in before another one. */
  inserted(entity: number, row: number, behind: number): void {
    const { ints } = this.#records;
    const start = this.#startOf(entity);
    const to = ints[start + TO]!;
    const slot = this.#rows.slotOf(row);
    if (slot >= to - this.slots && ints[start + FIRST] === behind) this.#begins(ints, start, row, slot);
    if (slot >= to && ints[start + NEXT] === behind) this.#continues(ints, start, row, slot);
  }

  /** Adds what an event makes of its slot, if the window has that slot. */
  counted(entity: number, slot: number, own: OwnCells): void {
    const start = this.#startOf(entity);
    if (!this.#has(start, slot)) return;
    this.#addOwn(this.#records.doubles, this.#totalsOf(entity), this.#words, entity * this.#wordStride, own);
  }

  /** Adds to one column of a slot, if the window has that slot. */
  adjusted(entity: number, slot: number, column: string, by: number): void {
    const start = this.#startOf(entity);
    const lane = this.#laneOf.get(column);
    if (lane !== undefined && this.#has(start, slot)) this.#records.doubles[this.#totalsOf(entity) + lane]! += by;
  }

  /** Takes note that the first row of an entity is about to go. */
  dropping(entity: number, row: number): void {
    const { ints } = this.#records;
    const start = this.#startOf(entity);
    if (ints[start + FIRST] !== row) return;
    const behind = this.#rows.behind(row);
    const slot = this.#rows.slotBehind(row);
    if (ints[start + NEXT] === row) this.#continues(ints, start, behind, slot);
    else this.#leave(entity, row);
    this.#begins(ints, start, behind, slot);
  }

  /**
   * What the window comes to that ends with a slot. The answer is good until the next question.
   *
   * @param entity - -1: one that nothing is known of.
   * @param tail - the entity's last row.
   */
  glance(entity: number, lastSlot: number, tail: number): Glance {
    if (entity < 0) return this.#scan(NO_ROW, lastSlot);
    const { ints } = this.#records;
    const start = this.#startOf(entity);
    if (lastSlot + 1 < ints[start + TO]!) return this.#scan(tail, lastSlot);
    this.#moveTo(entity, lastSlot + 1);
    const glance = this.#glance;
    glance.lanes = this.#records.doubles;
    glance.at = this.#totalsOf(entity);
    glance.words = this.#words;
    glance.wordsAt = entity * this.#wordStride;
    glance.first = ints[start + FIRST]!;
    glance.next = ints[start + NEXT]!;
    glance.tail = tail;
    glance.lastSlot = lastSlot;
    if (ints[start + STALE] === 1) {
      this.#gather(glance);
      ints[start + STALE] = 0;
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
    return 2 * (entity * this.#records.stride + this.#offset);
  }

  #totalsOf(entity: number): number {
    return entity * this.#records.stride + this.#offset + HEAD;
  }

  #begins(ints: Int32Array, start: number, row: number, slot: number): void {
    ints[start + FIRST] = row;
    ints[start + FIRST_SLOT] = slot;
  }

  #continues(ints: Int32Array, start: number, row: number, slot: number): void {
    ints[start + NEXT] = row;
    ints[start + NEXT_SLOT] = slot;
  }

  #has(start: number, slot: number): boolean {
    const to = this.#records.ints[start + TO]!;
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
    const { ints } = this.#records;
    const start = this.#startOf(entity);
    if (ints[start + TO] === to) return;
    ints[start + TO] = to;
    while (ints[start + NEXT_SLOT]! < to) {
      const row = ints[start + NEXT]!;
      this.#enter(entity, row);
      this.#continues(ints, start, this.#rows.behind(row), this.#rows.slotBehind(row));
    }
    while (ints[start + FIRST_SLOT]! < to - this.slots) {
      const row = ints[start + FIRST]!;
      this.#leave(entity, row);
      this.#begins(ints, start, this.#rows.behind(row), this.#rows.slotBehind(row));
    }
  }

  #enter(entity: number, row: number): void {
    const { doubles } = this.#records;
    const at = this.#totalsOf(entity);
    this.#addRow(doubles, at, row, 1);
    this.#keepRow(doubles, at, this.#words, entity * this.#wordStride, row);
  }

  #leave(entity: number, row: number): void {
    const { doubles, ints } = this.#records;
    const at = this.#totalsOf(entity);
    this.#addRow(doubles, at, row, -1);
    const stale = this.#startOf(entity) + STALE;
    const { values, words } = this.#rows;
    const lanesAt = this.#rows.lanesAt(row);
    for (const { lane, from } of this.#extremes) if (values[lanesAt + from] === doubles[at + lane]) ints[stale] = 1;
    for (const { from } of this.#marks)
      for (let word = 0; word < MARK_WORDS; word++)
        if (words[row * this.#layout.words + from + word] !== 0) ints[stale] = 1;
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
