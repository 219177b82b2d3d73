import type { Measure } from './plan.ts';

/** Most bytes of an item that takes one write unit. */
export const PAGE_BYTES = 1_024;

/**
 * Bytes of a page beside its cells, at most: names and values of `pk` (a profile's hash, and a kind and a token for each
 * role), `sk` (a start), `v` and `expiresAt`.
 *
 * @param kinds - of the roles that are the profile's key.
 */
export const overheadBytesOf = (kinds: readonly string[]): number =>
  NAMES_BYTES + HASH_BYTES + kinds.reduce((sum, kind) => sum + kind.length + PART_BYTES, 0) + 9 + 2 + 7;

const NAMES_BYTES = ['pk', 'sk', 'v', 'expiresAt'].join('').length;
const HASH_BYTES = 16;
/** A token under a key of up to four digits, and the signs around it. */
const PART_BYTES = 30 + 2;

/** Longest text that `first` and `last` keep, in UTF-16 code units. */
export const MAX_KEPT_TEXT = 48;

/** A stamp as text: its time, an event id, and the value as JSON, in which a control character takes six bytes. */
const STAMP_BYTES = 9 + 1 + 128 + 1 + 2 + 6 * MAX_KEPT_TEXT;

/**
 * Bytes of a cell's value, at most, as DynamoDB counts: an integer of n digits takes n / 2 + 1, and one more below zero.
 *
 * - Events of a slot: up to 10^12.
 * - A value: up to 2^53, 16 digits; the sum of 10^12 of them 28; their squares 38, which is all that a number has.
 * - Marks: a set of 256 single bytes.
 */
const VALUE_BYTES: Readonly<Record<Measure['kind'], number>> = {
  count: 8,
  labelled: 8,
  outcome: 8,
  sum: 16,
  squares: 21,
  min: 10,
  max: 10,
  first: STAMP_BYTES,
  last: STAMP_BYTES,
  distinct: 256,
};

/** Digits of a slot's number in its page. */
const SLOT_DIGITS = 2;
/** Most slots of a page, which {@link SLOT_DIGITS} can number. */
const MAX_SLOTS = 10 ** SLOT_DIGITS;

/** Bytes of one slot of these columns, at most, names of its cells included. */
export const slotBytesOf = (measures: readonly Measure[]): number =>
  measures.reduce((sum, { kind }, index) => sum + columnKeyOf(index).length + SLOT_DIGITS + VALUE_BYTES[kind], 0);

/** How many slots of these columns a page of 1 KB holds, every cell as wide as it can be; 0 if not even one. */
export const slotsPerPage = (measures: readonly Measure[], kinds: readonly string[]): number =>
  Math.min(MAX_SLOTS, Math.floor((PAGE_BYTES - overheadBytesOf(kinds)) / slotBytesOf(measures)));

/** Key of a column by its place: a … z, aa, ab … */
export const columnKeyOf = (index: number): string =>
  (index < 26 ? '' : columnKeyOf(Math.floor(index / 26) - 1)) + String.fromCharCode(97 + (index % 26));
