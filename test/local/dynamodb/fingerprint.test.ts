import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf } from '#local/dynamodb/fingerprint.ts';

const backwards = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(backwards);
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, member]) => [name, backwards(member)]));
};

test('the order of members makes no difference', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(fingerprintOf(backwards(value))).toBe(fingerprintOf(value));
    }),
  );
});

test('any other difference does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const isSame = JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));

      expect(fingerprintOf(one) === fingerprintOf(other)).toBe(isSame);
    }),
  );
});

test.each([
  [['ab'], ['a', 'b']],
  [{ a: '1:b' }, { a: '1', b: '' }],
  [[['a']], [['a'], []]],
  [null, 'null'],
  [1, '1'],
  [{ S: 'true' }, { BOOL: true }],
])('%j and %j differ', (one, other) => {
  expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
});

/** A value whose objects have their members in the order of the names, and are told from arrays. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return { members: members.map(([name, member]) => [name, inOrder(member)]) };
}
