import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Event } from '#domain/event.ts';
import type { Measure } from '#features/history/plan.ts';
import { cellOf, joinCells, type Known, markOf, unitsOf } from '#features/history/state/cells.ts';
import type { Cell } from '#features/history/state/types.ts';

const event: Event = {
  eventId: 'e1',
  eventType: 'payment',
  occurredAt: '2026-11-01T00:00:01.000Z',
  entities: { customer: 't1_customer0000000000000000' },
  variables: { amount: 12.345, city: 'Bern', flag: true },
};
const atMs = Date.parse(event.occurredAt);
const cell = (measure: Measure, known?: Known): Cell | undefined => cellOf({ measure }, event, atMs, known);

test.each([
  { value: 12.345, decimals: 2, units: 1235 },
  { value: -12.345, decimals: 2, units: -1234 },
  { value: 0.1 + 0.2, decimals: 3, units: 300 },
  { value: -0.001, decimals: 2, units: 0 },
  { value: true, decimals: 1, units: 10 },
  { value: 90_071_992_547_409.91, decimals: 2, units: Number.MAX_SAFE_INTEGER },
  { value: 90_071_992_547_409.92, decimals: 2, units: undefined },
  { value: 1e300, decimals: 2, units: undefined },
  { value: Number.MAX_VALUE, decimals: 9, units: undefined },
  { value: '12', decimals: 2, units: undefined },
  { value: undefined, decimals: 2, units: undefined },
])('$value is $units in units of 10^-$decimals', ({ value, decimals, units }) => {
  expect(unitsOf(value, decimals)).toBe(units);
});

describe('what an event alone makes of an empty cell', () => {
  const amount = { of: { variable: 'amount' }, decimals: 2 } as const;
  test.each<{ measure: Measure; known?: Known; expected: Cell | undefined }>([
    { measure: { kind: 'count' }, expected: 1 },
    { measure: { kind: 'count', ...amount }, expected: 1 },
    { measure: { kind: 'count', of: { variable: 'city' }, decimals: 2 }, expected: undefined },
    { measure: { kind: 'count', of: { variable: 'city' } }, expected: 1 },
    { measure: { kind: 'count', of: { variable: 'absent' } }, expected: undefined },
    { measure: { kind: 'sum', ...amount }, expected: 1235 },
    { measure: { kind: 'squares', ...amount }, expected: 1235 ** 2 },
    { measure: { kind: 'min', of: { time: true }, decimals: 0 }, expected: atMs },
    { measure: { kind: 'max', of: { variable: 'constructor' }, decimals: 0 }, expected: undefined },
    { measure: { kind: 'last', of: { variable: 'city' } }, expected: { value: 'Bern', atMs, eventId: 'e1' } },
    {
      measure: { kind: 'first', of: { role: 'customer' } },
      expected: { value: 't1_customer0000000000000000', atMs, eventId: 'e1' },
    },
    { measure: { kind: 'first', of: { role: 'terminal' } }, expected: undefined },
    { measure: { kind: 'distinct', of: { variable: 'city' } }, expected: new Set([markOf('Bern')]) },
    { measure: { kind: 'sum', of: { transform: 'double', value: () => 24.69 }, decimals: 2 }, expected: 2469 },
    { measure: { kind: 'labelled', label: 'fraud' }, expected: undefined },
    { measure: { kind: 'labelled', label: 'fraud' }, known: { label: 'fraud' }, expected: 1 },
    { measure: { kind: 'labelled', label: 'fraud' }, known: { label: 'legit' }, expected: undefined },
  ])('$measure.kind of $measure.of: $expected', ({ measure, known, expected }) => {
    expect(cell(measure, known)).toEqual(expected);
  });

  test.each([
    { detector: 'cards', outcome: 'decline', expected: 1 },
    { detector: 'cards', outcome: 'approve', expected: undefined },
    { detector: 'others', outcome: 'decline', expected: undefined },
  ])('an outcome $outcome of $detector: $expected', ({ detector, outcome, expected }) => {
    const known = { decisions: [{ detector: 'cards', outcomes: ['review', 'decline'] }] };

    expect(cell({ kind: 'outcome', detector, outcome }, known)).toBe(expected);
  });

  test('is nothing when the event does not meet the condition', () => {
    const where = ({ variables }: Event): boolean => variables.flag === false;

    expect(cellOf({ measure: { kind: 'count' }, where }, event, atMs)).toBeUndefined();
  });
});

const stamps = fc.record({
  value: fc.constantFrom('a', 'b'),
  atMs: fc.integer({ min: 0, max: 3 }),
  eventId: fc.constantFrom('e1', 'e2', 'e3'),
});
const numbers = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(2 ** 53 - 1, 10n ** 20n));
const sets = fc.uniqueArray(fc.integer({ min: 0, max: 9 })).map((marks) => new Set(marks));
const CELLS: Readonly<Record<Measure['kind'], fc.Arbitrary<Cell>>> = {
  count: numbers,
  sum: numbers,
  squares: numbers,
  labelled: numbers,
  outcome: numbers,
  min: numbers,
  max: numbers,
  first: stamps,
  last: stamps,
  distinct: sets,
};

/** Of one instant and event there is one stamp alone, so what has the same rank is the same. */
const seen = (value: Cell | undefined): unknown => {
  if (value instanceof Set) return [...value].sort();
  return typeof value === 'object' ? { ...value, value: 0 } : value;
};

test.each(Object.entries(CELLS))('%s: cells join in any order and grouping', (kind, cells) => {
  const join = (left: Cell | undefined, right: Cell | undefined) => joinCells(kind as Measure['kind'], left, right);
  fc.assert(
    fc.property(fc.option(cells, { nil: undefined }), cells, cells, (a, b, c) => {
      expect(seen(join(a, b))).toEqual(seen(join(b, a)));
      expect(seen(join(join(a, b), c))).toEqual(seen(join(a, join(b, c))));
    }),
  );
});
