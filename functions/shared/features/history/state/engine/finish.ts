import type { VariableValue } from '#domain/event.ts';
import type { Profile, Reading } from '../../plan.ts';
import { decayOf, deviationOf, distinctOf, meanOf, rateOf, secondsSince, valueOfUnits } from '../arithmetic.ts';
import { joinCells } from '../cells.ts';
import { addInts, type Int } from '../integers.ts';
import type { Stamp } from '../types.ts';
import { type ColumnPlace, MARK_WORDS, type RowLayout } from './layout.ts';
import { intAt } from './limbs.ts';
import type { OwnCells } from './own.ts';
import { NO_ROW, type Rows, slotStart } from './rows.ts';
import type { Glance, SlidingWindows } from './window.ts';

/** Columns whose totals a reading is made of; what it takes from the slots one by one is not among them. */
export const totalsOf = (reading: Reading): readonly string[] => {
  switch (reading.kind) {
    case 'first':
    case 'last':
    case 'decayed':
      return [];
    case 'mean':
      return [reading.sum, reading.count];
    case 'stddev':
      return [reading.sum, reading.squares, reading.count];
    case 'rate':
      return [reading.part, reading.count];
    default:
      return [reading.column];
  }
};

/**
 * Makes a feature's value of a window.
 *
 * @param atMs - time of the current event.
 * @param own - what the current event makes of the last slot, when it is part of its window; totals have it already.
 */
export type Finish = (glance: Glance, atMs: number, own: OwnCells | undefined) => VariableValue | null;

interface Parts {
  readonly profile: Profile;
  readonly layout: RowLayout;
  readonly rows: Rows;
  readonly windows: SlidingWindows;
}

/** The same values, to the bit, as `featuresFrom` makes of pages. */
export const finishOf = (reading: Reading, parts: Parts): Finish => {
  const { layout, windows } = parts;
  const placeOf = (key: string): ColumnPlace => layout.places.find(({ column }) => column.key === key)!;
  const total = (key: string): ((glance: Glance) => Int) => {
    const [lane, { length }] = [windows.totals.laneOf(key)!, placeOf(key)];
    if (length === 1) return ({ lanes, at }) => lanes[at + lane]!;
    return ({ lanes, at }) => intAt(lanes, at + lane, length);
  };
  switch (reading.kind) {
    case 'count': {
      const count = total(reading.column);
      return (glance) => Number(count(glance));
    }
    case 'sum': {
      const sum = total(reading.column);
      return (glance) => valueOfUnits(sum(glance), reading.decimals);
    }
    case 'mean': {
      const [sum, count] = [total(reading.sum), total(reading.count)];
      return (glance) => meanOf(sum(glance), count(glance), reading.decimals);
    }
    case 'stddev': {
      const [sum, squares, count] = [total(reading.sum), total(reading.squares), total(reading.count)];
      return (glance) => deviationOf(sum(glance), squares(glance), count(glance), reading.decimals);
    }
    case 'rate': {
      const [part, count] = [total(reading.part), total(reading.count)];
      return (glance) => rateOf(part(glance), count(glance), reading.prior, reading.weight);
    }
    case 'min':
    case 'max': {
      const lane = windows.totals.laneOf(reading.column)!;
      return ({ lanes, at }) => orNull(lanes[at + lane]!, (units) => valueOfUnits(units, reading.decimals));
    }
    case 'since_first':
    case 'since_last': {
      const lane = windows.totals.laneOf(reading.column)!;
      return ({ lanes, at }, atMs) => orNull(lanes[at + lane]!, (thenMs) => secondsSince(thenMs, atMs));
    }
    case 'distinct': {
      const word = windows.totals.wordOf(reading.column)!;
      return ({ words, wordsAt }) => distinctOf(marksIn(words, wordsAt + word));
    }
    case 'is_new': {
      const count = total(reading.column);
      return (glance) => count(glance) === 0;
    }
    case 'first':
    case 'last':
      return stampFinish(reading.kind, placeOf(reading.column).at, parts);
    case 'decayed':
      return decayedFinish(reading, placeOf(reading.column), parts);
  }
};

const orNull = (value: number, make: (value: number) => number): number | null =>
  Number.isNaN(value) ? null : make(value);

const marksIn = (words: Uint32Array, at: number): number => {
  let marks = 0;
  for (let word = at; word < at + MARK_WORDS; word++) marks += bitsOf(words[word]!);
  return marks;
};

/** How many bits of 32 are set. @see Warren, Hacker's Delight (2012), chapter 5 */
const bitsOf = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};

const stampFinish = (kind: 'first' | 'last', at: number, { rows, layout }: Parts): Finish => {
  const stampOf = (row: number): Stamp | undefined => rows.stamps[row * layout.stamps + at];
  const found = ({ first, next, tail }: Glance): Stamp | undefined => {
    if (first === next) return undefined;
    const last = next === NO_ROW ? tail : rows.before(next);
    const [start, end] = kind === 'first' ? [first, last] : [last, first];
    for (let row = start; ; row = kind === 'first' ? rows.behind(row) : rows.before(row)) {
      const stamp = stampOf(row);
      if (stamp || row === end) return stamp;
    }
  };
  return (glance, _, own) => (joinCells(kind, found(glance), own?.stamps[at]) as Stamp | undefined)?.value ?? null;
};

const decayedFinish = (
  { halfLifeMs, decimals }: Extract<Reading, { readonly kind: 'decayed' }>,
  { at, length }: ColumnPlace,
  { rows, windows, profile: { slotMs } }: Parts,
): Finish => {
  const intIn = (lanes: Float64Array, start: number): Int =>
    length === 1 ? lanes[start]! : intAt(lanes, start, length);
  return ({ first, next, lastSlot }, atMs, own) => {
    const endMs = atMs - windows.delayMs;
    let all = 0;
    let added = own && intIn(own.lanes, at);
    for (let row = first; row !== next; row = rows.behind(row)) {
      const slot = rows.slotOf(row);
      let value = intIn(rows.values, rows.lanesAt(row) + at);
      if (added !== undefined && slot === lastSlot) {
        value = addInts(value, added);
        added = undefined;
      }
      all += Number(value) * decayOf(slotStart(slotMs, slot), slotMs, endMs, halfLifeMs);
    }
    if (added !== undefined) all += Number(added) * decayOf(slotStart(slotMs, lastSlot), slotMs, endMs, halfLifeMs);
    return all / 10 ** decimals;
  };
};
