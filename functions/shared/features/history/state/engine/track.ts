import type { Event } from '#domain/event.ts';
import type { Column, Profile, WindowFeature } from '../../plan.ts';
import { joinCells, type Known } from '../cells.ts';
import type { Stamp } from '../types.ts';
import { Entities, Records } from './entities.ts';
import { totalsOf } from './finish.ts';
import { layoutOf, type RowLayout } from './layout.ts';
import { addLanes } from './limbs.ts';
import { OwnCells } from './own.ts';
import { NO_ROW, Rows, slotAt } from './rows.ts';
import { keep } from './totals.ts';
import { SlidingWindows } from './window.ts';

/** Entities that are looked at, with each event, whether they are out of every window: so memory follows the live ones. */
const LOOKED_AT = 2;

/** Where in an entity's record what is: its first row and its last, each with its slot, so that they are seldom touched. */
const HEAD = 0;
const HEAD_SLOT = 1;
const TAIL = 2;
const TAIL_SLOT = 3;
/** Doubles that these take. */
const ENDS = 2;

/** A profile in memory: the slots of its entities that a window may still reach, and all windows over them. */
export class Track {
  readonly profile: Profile;
  readonly layout: RowLayout;
  readonly rows: Rows;
  readonly entities = new Entities();
  readonly #windows = new Map<string, SlidingWindows>();
  readonly #all: readonly SlidingWindows[];
  readonly #own: OwnCells;
  /** How far back any window reaches from the newest event, in milliseconds. */
  readonly #reachMs: number;
  readonly #records = new Records();
  readonly #ends = this.#records.claim(ENDS);
  #newestMs = Number.NEGATIVE_INFINITY;
  #lookingAt = 0;

  /**
   * @param features - all that are over this profile, of whichever event type.
   * @param graceMs - how much later than a later event an event may come, and still find and leave all that it should.
   */
  constructor(profile: Profile, features: readonly WindowFeature[], graceMs: number) {
    this.profile = profile;
    this.layout = layoutOf(profile);
    this.rows = new Rows(this.layout);
    this.#own = new OwnCells(this.layout);
    for (const [key, alike] of Map.groupBy(features, (feature) => this.#keyOf(feature))) {
      const columns = new Set(alike.flatMap(({ reading }) => totalsOf(reading)));
      const span = { slots: this.#slotsOf(alike[0]!), delayMs: alike[0]!.delayMs };
      this.#windows.set(key, new SlidingWindows(this.#records, this.rows, this.layout, span, columns));
    }
    this.#all = [...this.#windows.values()];
    this.#reachMs = graceMs + Math.max(...this.#all.map(({ slots, delayMs }) => slots * profile.slotMs + delayMs));
  }

  /** The windows that a feature is over. */
  windowsOf(feature: WindowFeature): SlidingWindows {
    return this.#windows.get(this.#keyOf(feature))!;
  }

  /** Number of the slot that holds an instant. */
  slotAt(atMs: number): number {
    return slotAt(this.profile.slotMs, atMs);
  }

  /** Last row of an entity; {@link NO_ROW} for one that is not live. */
  tailOf(entity: number): number {
    return entity < 0 ? NO_ROW : this.#records.ints[this.#endsAt(entity) + TAIL]!;
  }

  /** What an event makes of an empty slot; good until the next question. */
  ownOf(event: Event, atMs: number, known: Known): OwnCells {
    this.#own.become(event, atMs, known);
    return this.#own;
  }

  /** Counts an event of an entity, by its key. */
  count(key: string, event: Event, atMs: number, known: Known): void {
    const own = this.ownOf(event, atMs, known);
    const row = own.isEmpty ? NO_ROW : this.#rowAt(key, atMs);
    if (row !== NO_ROW) {
      this.#put(row, own);
      const entity = this.entities.find(key);
      const slot = this.rows.slotOf(row);
      for (const windows of this.#all) windows.counted(entity, slot, own);
    }
    this.#clear();
  }

  /** Adds to columns of the slot of an event that was counted, unless it is out of every window. */
  adjust(key: string, event: Event, atMs: number, byOf: (column: Column) => number): void {
    for (const { column, at } of this.layout.places) {
      const by = column.where && !column.where(event) ? 0 : byOf(column);
      const row = by === 0 ? NO_ROW : this.#rowAt(key, atMs);
      if (row === NO_ROW) continue;
      this.rows.values[this.rows.lanesAt(row) + at]! += by;
      const entity = this.entities.find(key);
      const slot = this.rows.slotOf(row);
      for (const windows of this.#all) windows.adjusted(entity, slot, column.key, by);
    }
  }

  #keyOf(feature: WindowFeature): string {
    return `${this.#slotsOf(feature)}/${feature.delayMs}`;
  }

  #slotsOf({ windowMs }: WindowFeature): number {
    return Math.ceil(windowMs / this.profile.slotMs);
  }

  #endsAt(entity: number): number {
    return 2 * (entity * this.#records.stride + this.#ends);
  }

  /** Slots before this one are out of every window. */
  #horizon(): number {
    return this.slotAt(this.#newestMs - this.#reachMs) + 1;
  }

  /** The row of an entity's slot, made when there is none; {@link NO_ROW} when it is out of every window. */
  #rowAt(key: string, atMs: number): number {
    if (atMs > this.#newestMs) this.#newestMs = atMs;
    const slot = this.slotAt(atMs);
    if (slot < this.#horizon()) return NO_ROW;
    const found = this.entities.find(key);
    const entity = found < 0 ? this.#begin(key) : found;
    this.#drop(entity);
    let behind: number = NO_ROW;
    let before = this.tailOf(entity);
    let beforeSlot = this.#records.ints[this.#endsAt(entity) + TAIL_SLOT]!;
    for (; before !== NO_ROW && beforeSlot > slot; beforeSlot = this.rows.slotOf(before)) {
      behind = before;
      before = this.rows.before(before);
    }
    if (before !== NO_ROW && beforeSlot === slot) return before;
    const row = this.rows.take(slot, before, behind);
    if (before === NO_ROW) this.#setHead(entity, row);
    if (behind === NO_ROW) this.#setTail(entity, row);
    for (const windows of this.#all) windows.inserted(entity, row, behind);
    return row;
  }

  #setHead(entity: number, row: number, slot: number = this.rows.slotOf(row)): void {
    const { ints } = this.#records;
    ints[this.#endsAt(entity) + HEAD] = row;
    ints[this.#endsAt(entity) + HEAD_SLOT] = slot;
  }

  #setTail(entity: number, row: number): void {
    const { ints } = this.#records;
    ints[this.#endsAt(entity) + TAIL] = row;
    ints[this.#endsAt(entity) + TAIL_SLOT] = this.rows.slotOf(row);
  }

  #begin(key: string): number {
    const entity = this.entities.add(key);
    this.#records.reserve(entity);
    this.#setHead(entity, NO_ROW);
    this.#setTail(entity, NO_ROW);
    for (const windows of this.#all) windows.begin(entity);
    return entity;
  }

  #put(row: number, own: OwnCells): void {
    const { values, words, stamps } = this.rows;
    const at = this.rows.lanesAt(row);
    const { lanes, carries } = this.layout.added;
    addLanes(values, at, own.lanes, 0, lanes, carries, 1);
    let marked = 0;
    for (const { column, role, at: lane } of this.layout.places) {
      if (role === 'least') keep(values, at + lane, own.lanes[lane]!, 1);
      else if (role === 'greatest') keep(values, at + lane, own.lanes[lane]!, -1);
      else if (role === 'stamp') {
        const place = row * this.layout.stamps + lane;
        stamps[place] = joinCells(column.measure.kind, stamps[place], own.stamps[lane]) as Stamp | undefined;
      } else if (role === 'marks') {
        const mark = own.marks[marked++]!;
        if (mark >= 0) words[row * this.layout.words + lane + (mark >> 5)]! |= 1 << (mark & 31);
      }
    }
  }

  /** Drops the first rows of an entity that are out of every window. */
  #drop(entity: number): void {
    const horizon = this.#horizon();
    const { ints } = this.#records;
    const ends = this.#endsAt(entity);
    while (ints[ends + HEAD_SLOT]! < horizon) {
      const row = ints[ends + HEAD]!;
      const behind = this.rows.behind(row);
      for (const windows of this.#all) windows.dropping(entity, row);
      this.#setHead(entity, behind, this.rows.slotBehind(row));
      this.rows.release(row);
      if (behind === NO_ROW) this.#setTail(entity, NO_ROW);
    }
  }

  /** Looks at the next few entities, and lets go of those that are out of every window. */
  #clear(): void {
    const horizon = this.#horizon();
    for (let count = 0; count < LOOKED_AT; count++) {
      const entity = this.#lookingAt;
      this.#lookingAt = entity + 1 < this.entities.reach ? entity + 1 : 0;
      // An entity that is gone has no last row, and that is behind every horizon.
      if (!(this.#records.ints[this.#endsAt(entity) + TAIL_SLOT]! < horizon)) continue;
      this.#drop(entity);
      this.entities.remove(entity);
    }
  }
}
