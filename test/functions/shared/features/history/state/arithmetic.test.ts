import { describe, expect, test } from '@jest/globals';

import {
  decayOf,
  deviationOf,
  distinctOf,
  meanOf,
  rateOf,
  secondsSince,
  valueOfUnits,
} from '#features/history/state/arithmetic.ts';
import { MARKS, markOf } from '#features/history/state/cells.ts';
import { addInts, type Int, multiplyInts } from '#features/history/state/integers.ts';

const sumsOf = (values: readonly number[]): { readonly sum: Int; readonly squares: Int } => ({
  sum: values.reduce<Int>(addInts, 0),
  squares: values.map((value) => multiplyInts(value, value)).reduce<Int>(addInts, 0),
});

describe('mean and standard deviation', () => {
  test('are those of the values: 2, 4, 4, 4, 5, 5, 7, 9 have 5 and the root of 32/7', () => {
    const { sum, squares } = sumsOf([200, 400, 400, 400, 500, 500, 700, 900]);

    expect(meanOf(sum, 8, 2)).toBe(5);
    expect(deviationOf(sum, squares, 8, 2)).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  // Doubles hold neither these squares nor what is left when one sum is taken from the other: it would come to 0, or NaN.
  test('lose nothing of values that lie close together far from zero', () => {
    const far = Number.MAX_SAFE_INTEGER - 10;
    const { sum, squares } = sumsOf([far, far + 1, far + 2, far + 3]);

    expect(deviationOf(sum, squares, 4, 0)).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(deviationOf(...(Object.values(sumsOf([far, far])) as [Int, Int]), 2, 0)).toBe(0);
  });

  test.each([
    { count: 0, mean: null, deviation: null },
    { count: 1, mean: 3, deviation: null },
  ])('of $count values are $mean and $deviation', ({ count, mean, deviation }) => {
    expect(meanOf(3 * count, count, 0)).toBe(mean);
    expect(deviationOf(3 * count, 9 * count, count, 0)).toBe(deviation);
  });
});

test('a sum beyond 2^53 is rounded once, when it becomes a value', () => {
  expect(valueOfUnits(2n ** 53n + 1n, 0)).toBe(2 ** 53);
  expect(valueOfUnits(2n ** 53n + 3n, 0)).toBe(2 ** 53 + 4);
});

test.each([
  { part: 3, count: 40, prior: 0, weight: 0, rate: 3 / 40 },
  { part: 0, count: 0, prior: 0.01, weight: 10, rate: 0.01 },
  { part: 1, count: 10, prior: 0.01, weight: 10, rate: 1.1 / 20 },
  { part: 0, count: 0, prior: 0.5, weight: 0, rate: null },
])('$part of $count, smoothed to $prior by $weight, is a rate of $rate', ({ part, count, prior, weight, rate }) => {
  expect(rateOf(part, count, prior, weight)).toBe(rate);
});

test.each([
  { thenMs: 1_000, atMs: 2_500, seconds: 1.5 },
  { thenMs: 2_500, atMs: 2_500, seconds: 0 },
  { thenMs: 9_000, atMs: 2_500, seconds: 0 },
])('an event of $thenMs is $seconds s before one of $atMs', ({ thenMs, atMs, seconds }) => {
  expect(secondsSince(thenMs, atMs)).toBe(seconds);
});

test.each([
  { atMs: 30, share: 1 },
  { atMs: 50, share: 1 },
  { atMs: 150, share: 0.5 },
  { atMs: 350, share: 0.125 },
])('after a half-life of 100 ms, the slot from 0 to 100 counts $share at $atMs', ({ atMs, share }) => {
  expect(decayOf(0, 100, atMs, 100)).toBeCloseTo(share, 12);
});

describe('distinct values by marks', () => {
  const estimateOf = (from: number, count: number): number =>
    distinctOf(new Set(Array.from({ length: count }, (_, index) => markOf(`value-${from + index}`))).size);

  test('nothing is 0, one is 1, and full is the most that can be told', () => {
    expect(distinctOf(0)).toBe(0);
    expect(distinctOf(1)).toBe(1);
    expect(distinctOf(MARKS)).toBe(1_420);
    expect(distinctOf(MARKS - 1)).toBe(1_420);
  });

  // Each error is told from 200 sets of values. With as many, a standard error is itself uncertain by 5 %; a fifth is
  // allowed. What is stated: below 5.5 % up to 250, 7 % up to 500, 11 % up to 1,000.
  test.each([
    { count: 50, error: 0.055, bias: 0.01 },
    { count: 250, error: 0.055, bias: 0.01 },
    { count: 500, error: 0.07, bias: 0.02 },
    { count: 1_000, error: 0.11, bias: 0.05 },
  ])(
    'of $count values the standard error is below $error, and the mean error below $bias',
    ({ count, error, bias }) => {
      const errors = Array.from({ length: 200 }, (_, set) => estimateOf(set * count, count) / count - 1);
      const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
      const deviation = Math.sqrt(errors.reduce((sum, one) => sum + one * one, 0) / errors.length);

      expect(deviation).toBeLessThan(error * 1.2);
      expect(Math.abs(mean)).toBeLessThan(bias);
    },
  );

  test('five values are told exactly in at least nine of ten cases', () => {
    const exact = Array.from({ length: 1_000 }, (_, set) => estimateOf(set * 5, 5)).filter((count) => count === 5);

    expect(exact.length).toBeGreaterThan(900);
  });

  test('marks spread evenly, over short texts and numbers too', () => {
    for (const value of [(index: number) => index, (index: number) => `${index}`, (index: number) => `t1_${index}`]) {
      const counts = new Array<number>(MARKS).fill(0);
      for (let index = 0; index < 25_600; index++) counts[markOf(value(index))]! += 1;
      // Chi-squared with 255 degrees of freedom: 255 by chance, above 350 once in 30,000.
      const chi = counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);

      expect(chi).toBeLessThan(350);
    }
  });
});
