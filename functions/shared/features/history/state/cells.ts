import type { Event, VariableValue } from '#domain/event.ts';
import type { Column, Measure, ValueSource } from '../plan.ts';
import { addInts, type Int, multiplyInts } from './integers.ts';
import { type Cell, type CellSet, isKept, joinMarks } from './types.ts';

/** How many marks a `distinct` has. */
export const MARKS = 256;

/** A value in units of 10^-decimals, halves rounded up; undefined when it is no number, or then no safe integer. */
export const unitsOf = (value: VariableValue | undefined, decimals: number): number | undefined => {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  const units = Math.round(number * 10 ** decimals);
  // -0 is no other integer than 0.
  return Number.isSafeInteger(units) ? units + 0 : undefined;
};

/** What a measure is of, for an event at `atMs`; undefined where the event has none. */
export const sourceValueOf = (of: ValueSource, event: Event, atMs: number): VariableValue | undefined => {
  if ('time' in of) return atMs;
  if ('transform' in of) return of.value(event);
  return 'role' in of ? own(event.entities, of.role) : own(event.variables, of.variable);
};

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/**
 * The mark of a value, 0 to 255: FNV-1a over its UTF-16 units, mixed as MurmurHash3 does at its end, since the last
 * byte of FNV alone is uneven for short texts.
 *
 * @see Fowler, Noll and Vo, FNV hash; Appleby, MurmurHash3 (fmix32)
 */
export const markOf = (value: VariableValue): number => {
  const text = String(value);
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & (MARKS - 1);
};

/** What a detector said to do. */
export interface Judged {
  readonly detector: string;
  readonly outcomes: readonly string[];
}

/** What is known of an event beside itself, when it is counted. */
export interface Known {
  /** Its effective label. */
  readonly label?: string | undefined;
  /** The decisions on it. */
  readonly decisions?: readonly Judged[] | undefined;
}

/** What an event alone makes of an empty cell; undefined when it adds nothing to this column. */
export const cellOf = (
  { measure, where }: Pick<Column, 'measure' | 'where'>,
  event: Event,
  atMs: number,
  { label, decisions }: Known = {},
): Cell | undefined => {
  if (where && !where(event)) return undefined;
  switch (measure.kind) {
    case 'count':
      return has(measure, event, atMs) ? 1 : undefined;
    case 'labelled':
      return label === measure.label ? 1 : undefined;
    case 'outcome':
      return decisions?.some((judged) => isOutcome(measure, judged)) ? 1 : undefined;
    default:
      return valueCellOf(measure, event, atMs);
  }
};

/** Whether a decision is one that an `outcome` counts. */
const isOutcome = ({ detector, outcome }: Extract<Measure, { readonly kind: 'outcome' }>, judged: Judged): boolean =>
  judged.detector === detector && judged.outcomes.includes(outcome);

/** What a column gains when an event's effective label goes from one to another; 0 for what is no rate of either. */
export const labelGain = (measure: Measure, from: string | undefined, to: string | undefined): number =>
  measure.kind === 'labelled' ? Number(measure.label === to) - Number(measure.label === from) : 0;

/** What a column gains by a further decision. */
export const outcomeGain = (measure: Measure, judged: Judged): number =>
  Number(measure.kind === 'outcome' && isOutcome(measure, judged));

/** Whether an event has the value that a count is of, if it is of any. */
const has = ({ of, decimals }: Extract<Measure, { readonly kind: 'count' }>, event: Event, atMs: number): boolean => {
  if (!of) return true;
  const value = sourceValueOf(of, event, atMs);
  return decimals === undefined ? value !== undefined : unitsOf(value, decimals) !== undefined;
};

const valueCellOf = (
  measure: Extract<Measure, { readonly of: ValueSource }>,
  event: Event,
  atMs: number,
): Cell | undefined => {
  const value = sourceValueOf(measure.of, event, atMs);
  if (value === undefined) return undefined;
  switch (measure.kind) {
    case 'first':
    case 'last':
      return { value, atMs, eventId: event.eventId };
    case 'distinct':
      return new Set([markOf(value)]);
    default: {
      const units = unitsOf(value, measure.decimals);
      return measure.kind === 'squares' && units !== undefined ? multiplyInts(units, units) : units;
    }
  }
};

/**
 * Two cells of one column as one: what came of some events, and what came of others. In any order and grouping the
 * same, so that late events, batches and replays agree.
 */
export const joinCells = (kind: Measure['kind'], left: Cell | undefined, right: Cell | undefined): Cell | undefined => {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (kind === 'distinct') return joinMarks(left as ReadonlySet<number>, right as ReadonlySet<number>);
  const keeps = keepsOf(kind);
  if (!keeps) return addInts(left as Int, right as Int);
  return isKept(left as CellSet['to'], { to: right as CellSet['to'], keeps }) ? left : right;
};

/** Which of two cells a conditional measure keeps; undefined: what is measured is added up. */
export const keepsOf = (kind: Measure['kind']): CellSet['keeps'] | undefined => KEEPS[kind];

const KEEPS: Partial<Record<Measure['kind'], CellSet['keeps']>> = {
  min: 'lower',
  first: 'lower',
  max: 'higher',
  last: 'higher',
};
