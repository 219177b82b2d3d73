import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '#domain/content-hash.ts';

test.each([
  [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
  [{ b: undefined, a: { d: null, c: undefined } }, '{"a":{"d":null}}'],
  [{ b: 1, 10: 2, 9: 3, a: 4 }, '{"9":3,"10":2,"a":4,"b":1}'],
  [{ '09': 1, '-1': 2, 1: 3 }, '{"1":3,"-1":2,"09":1}'],
  [{ é: 1, z: 2, Z: 3 }, '{"Z":3,"z":2,"é":1}'],
  [[3, { b: [], a: {} }, 'x"y'], '[3,{"a":{},"b":[]},"x\\"y"]'],
  [Number.NaN, 'null'],
  [{ a: -0, b: 1e21 }, '{"a":0,"b":1e+21}'],
])('%j is %s', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('members that are named keep their own order, and what is in them does not', () => {
  const value = { y: 1, rows: { z: { b: 1, a: 2 }, x: 3 }, a: 1 };

  expect(canonicalJson(value, new Set(['rows']))).toBe('{"a":1,"rows":{"z":{"a":2,"b":1},"x":3},"y":1}');
});

test('it is the JSON of the value with its members in order', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(value)).toBe(JSON.stringify(inOrder(value)));
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});

/** The same, made by objects whose members were set in order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, inOrder(member)] as const);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
