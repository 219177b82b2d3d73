import { grown, type Records } from './entities.ts';
import type { RowLayout } from './layout.ts';
import type { OwnCells } from './own.ts';
import { END_OF_TIME, NO_ROW, type Rows, START_OF_TIME } from './rows.ts';
import { Totals, type TotalsPlace } from './totals.ts';

/** What a window comes to: totals, and its rows from `first` up to, and without, `next`. */
export interface Glance extends TotalsPlace {
  first: number;
  next: number;
  /** Last row of all, where `next` is {@link NO_ROW}. */
  tail: number;
  /** Number of the window's last slot. */
  lastSlot: number;
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
  /** Where totals of columns are, in the lanes and words of a glance. */
  readonly totals: Totals;
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
    this.slots = span.slots;
    this.delayMs = span.delayMs;
    this.totals = new Totals(rows, layout, columns);
    this.#offset = records.claim(HEAD + this.totals.lanes);
    const empty = (): Glance => ({
      lanes: new Float64Array(this.totals.lanes),
      at: 0,
      words: new Uint32Array(this.totals.words),
      wordsAt: 0,
      first: NO_ROW,
      next: NO_ROW,
      tail: NO_ROW,
      lastSlot: 0,
    });
    this.#glance = empty();
    this.#scratch = empty();
  }

  /** Begins the window of an entity that has no rows yet. */
  begin(entity: number): void {
    this.#words = grown(this.#words, (entity + 1) * this.totals.words);
    const { ints } = this.#records;
    const start = this.#startOf(entity);
    ints[start + TO] = START_OF_TIME;
    this.#begins(ints, start, NO_ROW, END_OF_TIME);
    this.#continues(ints, start, NO_ROW, END_OF_TIME);
    ints[start + STALE] = 0;
    this.totals.clear(this.#placeOf(entity));
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
    this.totals.addOwn(this.#placeOf(entity), own);
  }

  /** Adds to one column of a slot, if the window has that slot. */
  adjusted(entity: number, slot: number, column: string, by: number): void {
    const start = this.#startOf(entity);
    const lane = this.totals.laneOf(column);
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
    const glance = this.#placeOf(entity);
    glance.first = ints[start + FIRST]!;
    glance.next = ints[start + NEXT]!;
    glance.tail = tail;
    glance.lastSlot = lastSlot;
    if (ints[start + STALE] === 1) {
      this.totals.gather(glance, glance.first, glance.next);
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
    this.totals.addOwn(scratch, own);
    return scratch;
  }

  #startOf(entity: number): number {
    return 2 * (entity * this.#records.stride + this.#offset);
  }

  #totalsOf(entity: number): number {
    return entity * this.#records.stride + this.#offset + HEAD;
  }

  /** The glance, with the place of an entity's totals. */
  #placeOf(entity: number): Glance {
    const glance = this.#glance;
    glance.lanes = this.#records.doubles;
    glance.at = this.#totalsOf(entity);
    glance.words = this.#words;
    glance.wordsAt = entity * this.totals.words;
    return glance;
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
    this.totals.addRow(doubles, at, row, 1);
    this.totals.keepRow(doubles, at, this.#words, entity * this.totals.words, row);
  }

  #leave(entity: number, row: number): void {
    const { doubles, ints } = this.#records;
    const at = this.#totalsOf(entity);
    this.totals.addRow(doubles, at, row, -1);
    if (this.totals.mayKeep(doubles, at, row)) ints[this.#startOf(entity) + STALE] = 1;
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
      this.totals.addRow(scratch.lanes, 0, row, 1);
    }
    scratch.first = first;
    scratch.next = next;
    this.totals.gather(scratch, first, next);
    return scratch;
  }
}
