import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { addInts, type Int, intOf, multiplyInts, parseInt10 } from '#features/history/state/integers.ts';

const MOST = Number.MAX_SAFE_INTEGER;

const ints = fc
  .oneof(
    fc.maxSafeInteger().map(BigInt),
    fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }),
    fc.constantFrom(-1n, 0n, 1n),
  )
  .map(intOf);

test.each<{ value: bigint | number; int: Int }>([
  { value: 0n, int: 0 },
  { value: -0, int: 0 },
  { value: BigInt(MOST), int: MOST },
  { value: BigInt(MOST) + 1n, int: 9_007_199_254_740_992n },
  { value: 2 ** 53, int: 9_007_199_254_740_992n },
  { value: -BigInt(MOST), int: -MOST },
])('$value is kept as $int', ({ value, int }) => {
  expect(intOf(value)).toBe(int);
});

test('sums and products are those of bigints, in the one form that each integer has', () => {
  fc.assert(
    fc.property(ints, ints, (left, right) => {
      expect(addInts(left, right)).toBe(intOf(BigInt(left) + BigInt(right)));
      expect(multiplyInts(left, right)).toBe(intOf(BigInt(left) * BigInt(right)));
      expect(parseInt10(String(left))).toBe(left);
    }),
  );
});

test.each(['', '1.5', 'x', 'Infinity', '0x10'])('%j is no integer', (digits) => {
  expect(() => parseInt10(digits)).toThrow();
});
