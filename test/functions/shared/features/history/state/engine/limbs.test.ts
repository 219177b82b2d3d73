import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { lanesOf } from '#features/history/state/engine/layout.ts';
import { addLanes, intAt, putLimbs, SQUARE_LIMBS, SUM_LIMBS } from '#features/history/state/engine/limbs.ts';
import { addInts, type Int, multiplyInts } from '#features/history/state/integers.ts';

const units = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(0, -1, 2 ** 50, 2 ** 50 - 1, -(2 ** 50), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);

/** Adds to limbs what is to be added, and takes away what is below. */
const total = (values: readonly { readonly value: Int; readonly sign: number }[], limbs: number): Int => {
  const { lanes, carries } = lanesOf([{ at: 0, length: limbs }]);
  const into = new Float64Array(limbs);
  const from = new Float64Array(limbs);
  for (const { value, sign } of values) {
    putLimbs(from, 0, limbs, value);
    addLanes(into, 0, from, 0, lanes, carries, sign);
  }
  return intAt(into, 0, limbs);
};

test.each([
  { what: 'sums', limbs: SUM_LIMBS, of: (value: number): Int => value },
  { what: 'squares', limbs: SQUARE_LIMBS, of: (value: number): Int => multiplyInts(value, value) },
])('$what in limbs are exact, added and taken away', ({ limbs, of }) => {
  fc.assert(
    fc.property(fc.array(units, { maxLength: 40 }), fc.nat(), (values, pick) => {
      const added = values.map((value) => ({ value: of(value), sign: 1 }));
      const gone = added.slice(0, pick % (added.length + 1)).map(({ value }) => ({ value, sign: -1 }));

      expect(total(added, limbs)).toBe(added.reduce<Int>((sum, { value }) => addInts(sum, value), 0));
      expect(total([...added, ...gone], limbs)).toBe(
        added.slice(gone.length).reduce<Int>((sum, { value }) => addInts(sum, value), 0),
      );
    }),
  );
});
