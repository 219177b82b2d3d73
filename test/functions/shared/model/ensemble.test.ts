import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { COMBINE_METHODS, checkProbability, combine, type EnsembleAnswer } from '#model/ensemble.ts';
import { LEAST_PROBABILITY, logit, sigmoid } from '#model/logit.ts';
import { ModelError } from '#model/model-error.ts';

const answers = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 6 }),
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    weight: fc.double({ min: 0.001, max: 1_000, noNaN: true }),
  }),
  { minLength: 1, maxLength: 8, selector: ({ name }) => name },
);
const method = fc.constantFrom(...COMBINE_METHODS);
const anAnswer = (name: string, probability: number, weight?: number): EnsembleAnswer => ({
  name,
  probability,
  ...(weight !== undefined && { weight }),
});

describe('combining', () => {
  // logit 0.9 = ln 9, logit 0.5 = 0, logit 0.1 = -ln 9
  test.each([
    { method: 'mean_logit' as const, margin: Math.log(9) / 3 },
    { method: 'weighted' as const, margin: (6 * Math.log(9) - 1 * Math.log(9)) / 10 },
    { method: 'max' as const, margin: Math.log(9) },
  ])('by $method', ({ method, margin }) => {
    const given = [anAnswer('a', 0.9, 6), anAnswer('b', 0.5, 3), anAnswer('c', 0.1, 1)];
    const all = method === 'mean_logit' ? [anAnswer('a', 0.9), anAnswer('b', 0.9), anAnswer('c', 0.1)] : given;

    const combined = combine(all, method);

    expect(combined.margin).toBeCloseTo(margin, 12);
    expect(combined.probability).toBeCloseTo(1 / (1 + Math.exp(-margin)), 12);
  });

  test('the order of members is irrelevant, to the last bit', () => {
    fc.assert(
      fc.property(
        answers.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        method,
        ([list, shuffled], by) => {
          expect(combine(shuffled, by)).toEqual(combine(list, by));
        },
      ),
    );
  });

  test('a combination is finite and between the lowest and the highest answer', () => {
    fc.assert(
      fc.property(answers, method, (list, by) => {
        const { margin, probability } = combine(list, by);
        const margins = list.map((answer) => logit(answer.probability));

        expect(Number.isFinite(margin)).toBe(true);
        expect(margin).toBeGreaterThanOrEqual(Math.min(...margins) - 1e-9);
        expect(margin).toBeLessThanOrEqual(Math.max(...margins) + 1e-9);
        expect(probability).toBeGreaterThan(0);
        expect(probability).toBeLessThan(1);
      }),
    );
  });

  test('a surer answer never lowers the combination', () => {
    fc.assert(
      fc.property(answers, method, fc.double({ min: 0, max: 1, noNaN: true }), (list, by, other) => {
        const raised = list.map((answer, at) =>
          at === 0 ? { ...answer, probability: Math.max(answer.probability, other) } : answer,
        );

        expect(combine(raised, by).margin).toBeGreaterThanOrEqual(combine(list, by).margin - 1e-12);
      }),
    );
  });

  test('weights of survivors are taken anew: scaled alike, they change nothing', () => {
    fc.assert(
      fc.property(answers, (list) => {
        const doubled = list.map((answer) => ({ ...answer, weight: answer.weight * 2 }));

        expect(combine(doubled, 'weighted').margin).toBeCloseTo(combine(list, 'weighted').margin, 9);
      }),
    );
  });

  test('a member that answers 1 does not outvote all others', () => {
    const { margin } = combine([anAnswer('a', 1), anAnswer('b', 0.01), anAnswer('c', 0)], 'mean_logit');

    expect(margin).toBeCloseTo(logit(0.01) / 3, 6);
  });

  test.each<[string, readonly EnsembleAnswer[], string]>([
    ['no answers', [], 'no member answered'],
    ['a name twice', [anAnswer('b', 0.1), anAnswer('a', 0.1), anAnswer('b', 0.2)], "'b' answers twice"],
    ['NaN', [anAnswer('a', Number.NaN)], "'a' answers no probability"],
    ['an answer above 1', [anAnswer('a', 1.000_001)], "'a' answers no probability"],
    ['weight 0', [anAnswer('a', 0.5, 0)], 'weight that is not above 0'],
    ['weight NaN', [anAnswer('a', 0.5, Number.NaN)], 'weight that is not above 0'],
  ])('%s is refused', (_, list, message) => {
    expect(() => combine(list, 'mean_logit')).toThrow(ModelError);
    expect(() => combine(list, 'mean_logit')).toThrow(message);
  });
});

test.each([
  { answer: 0, checked: { ok: true, probability: 0 } },
  { answer: 1, checked: { ok: true, probability: 1 } },
  { answer: 0.25, checked: { ok: true, probability: 0.25 } },
  { answer: -0.000_1, checked: { ok: false, reason: 'out_of_range' } },
  { answer: 1.000_1, checked: { ok: false, reason: 'out_of_range' } },
  { answer: Number.NaN, checked: { ok: false, reason: 'not_finite' } },
  { answer: Number.POSITIVE_INFINITY, checked: { ok: false, reason: 'not_finite' } },
  { answer: '0.5', checked: { ok: false, reason: 'not_a_number' } },
  { answer: null, checked: { ok: false, reason: 'not_a_number' } },
  { answer: undefined, checked: { ok: false, reason: 'not_a_number' } },
  { answer: [0.5], checked: { ok: false, reason: 'not_a_number' } },
])('an answer of $answer is checked as $checked', ({ answer, checked }) => {
  expect(checkProbability(answer)).toEqual(checked);
});

describe('log-odds', () => {
  test('and probabilities undo each other', () => {
    fc.assert(
      fc.property(fc.double({ min: LEAST_PROBABILITY, max: 1 - LEAST_PROBABILITY, noNaN: true }), (probability) => {
        expect(sigmoid(logit(probability))).toBeCloseTo(probability, 12);
      }),
    );
  });

  test('are finite at 0 and 1', () => {
    expect(logit(0)).toBeCloseTo(-20.723, 3);
    expect(logit(1)).toBeCloseTo(20.723, 3);
    expect([sigmoid(-1e6), sigmoid(0), sigmoid(1e6)]).toEqual([0, 0.5, 1]);
  });
});
