import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { COMBINE_METHODS, combine } from '#model/ensemble.ts';
import { logit, sigmoid } from '#model/logit.ts';
import { ModelError } from '#model/model-error.ts';
import {
  buildReference,
  calibratedProbability,
  checkReference,
  type Reference,
  ReferenceSchema,
  type ReferenceSubject,
  referenceSetFor,
  survivorKey,
  survivorSets,
} from '#model/reference.ts';
import { leastRateOf, rateOf, SCORE_KNOTS, scoreOf, scoreOfRate } from '#model/score.ts';

/** Uniform numbers from 0 to 1, the same for the same seed (mulberry32). */
const uniform = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** What correlated members of different sharpness say about legitimate events. */
const legitimateRows = (events: number, members: number, seed: number): number[][] => {
  const random = uniform(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: events }, () => {
    const shared = normal();
    return Array.from({ length: members }, (_, member) => sigmoid(-4 + (1 + member / 2) * shared + normal()));
  });
};

const names = ['trees', 'remote', 'linear', 'old', 'new'];
const subjectOf = (count: number, method: ReferenceSubject['combine'] = 'mean_logit'): ReferenceSubject => ({
  detector: 'card-payments',
  combine: method,
  members: names.slice(0, count).map((name, at) => ({ name, modelHash: `hash of ${name}`, weight: at + 1 })),
});

/** Score of each row when only some members answer, by the same way as in production. */
const scoresOf = (
  reference: Reference,
  subject: ReferenceSubject,
  rows: readonly number[][],
  set: readonly number[],
): number[] => {
  const members = set.map((at) => ({ ...subject.members[at]!, at }));
  const part = referenceSetFor(
    reference,
    members.map(({ name }) => name),
  )!;
  return rows.map((row) => {
    const answers = members.map(({ name, weight, at }) => ({
      name,
      probability: row[at]!,
      ...(weight !== undefined && { weight }),
    }));
    return scoreOf(combine(answers, subject.combine).margin, part);
  });
};
const shareAtOrAbove = (scores: readonly number[], score: number): number =>
  scores.filter((value) => value >= score).length / scores.length;

describe.each(COMBINE_METHODS)('with a member down, combined by %s,', (method) => {
  const events = 5_000;
  const subject = subjectOf(3, method);
  const rows = legitimateRows(events, 3, 11);
  const fresh = legitimateRows(events, 3, 12);
  const reference = buildReference(rows, subject);

  test.each(survivorSets(3).map((set) => ({ set })))('members $set keep the meaning of each score', ({ set }) => {
    const scores = scoresOf(reference, subject, rows, set);
    const freshScores = scoresOf(reference, subject, fresh, set);

    for (const { score, rate } of SCORE_KNOTS) {
      const error = Math.sqrt((rate * (1 - rate)) / events);
      expect(Math.abs(shareAtOrAbove(scores, score) - rate)).toBeLessThanOrEqual(Math.max(error, 1 / events));
      // Two samples differ by the error of both; four of them in 24 shares of 3 methods is ample.
      expect(Math.abs(shareAtOrAbove(freshScores, score) - rate)).toBeLessThanOrEqual(4 * Math.SQRT2 * error);
    }
    expect(shareAtOrAbove(scores, 1000)).toBeCloseTo(10 / events, 9);
  });
});

test('all 31 sets of five members have a reference in which 900 means 2 %', () => {
  const subject = subjectOf(5);
  const rows = legitimateRows(3_000, 5, 5);

  const reference = buildReference(rows, subject);

  expect(Object.keys(reference.sets)).toHaveLength(31);
  for (const set of survivorSets(5)) {
    expect(shareAtOrAbove(scoresOf(reference, subject, rows, set), 900)).toBeCloseTo(0.02, 3);
  }
});

test('a stored reference is small and gives the same scores', () => {
  const subject = subjectOf(5);
  const rows = legitimateRows(3_000, 5, 5);
  const reference = buildReference(rows, subject);

  const text = JSON.stringify(reference);
  const stored = ReferenceSchema.parse(JSON.parse(text));

  expect(stored).toEqual(reference);
  expect(text.length).toBeLessThan(31 * 300 * 20);
  expect(Object.values(stored.sets).every(({ margins }) => margins.length > 100 && margins.length <= 300)).toBe(true);
});

describe('the score', () => {
  const rows = legitimateRows(5_000, 1, 3);
  const set = buildReference(rows, subjectOf(1)).sets.trees!;
  const margins = rows.map(([probability]) => logit(probability!));

  test.each(SCORE_KNOTS)('$score stands for a rate of $rate', ({ score, rate }) => {
    expect(scoreOfRate(rate, 0.001)).toBe(score);
    expect(scoreOfRate(rate * 1.000_1, 0.001)).toBe(Math.max(0, score - 1));
  });

  // Half way in the logarithm: the square root of the product of both rates.
  test.each([
    { rate: Math.sqrt(1 * 0.1), score: 300 },
    { rate: Math.sqrt(0.02 * 0.01), score: 925 },
    { rate: Math.sqrt(0.005 * 0.000_5), score: 987 },
    { rate: 0.000_5, score: 1000 },
    { rate: 0.000_01, score: 1000 },
  ])('of rate $rate is $score when 0.05 % can be shown', ({ rate, score }) => {
    expect(scoreOfRate(rate, 0.000_5)).toBe(score);
  });

  test.each([
    { events: 100, most: 600 },
    { events: 500, most: 900 },
    { events: 1_000, most: 950 },
    { events: 2_000, most: 975 },
    { events: 2_001, most: 1000 },
    { events: 1_000_000, most: 1000 },
  ])('of a reference of $events events is at most $most', ({ events, most }) => {
    expect(scoreOfRate(1e-9, leastRateOf(events))).toBe(most);
  });

  test('is a whole number from 0 to 1000 that never falls as the margin rises', () => {
    const margin = fc.double({ min: -25, max: 25, noNaN: true });

    fc.assert(
      fc.property(margin, margin, (one, other) => {
        const [low, high] = [scoreOf(Math.min(one, other), set), scoreOf(Math.max(one, other), set)];

        expect(Number.isInteger(low) && low >= 0 && high <= 1000).toBe(true);
        expect(low).toBeLessThanOrEqual(high);
      }),
      { numRuns: 500 },
    );
  });

  test('rests on a rate that falls strictly wherever the reference can tell margins apart', () => {
    const [least, most] = [set.margins[0]!, set.margins.at(-1)!];
    const steps = Array.from({ length: 2_000 }, (_, at) => rateOf(least + ((most - least) * at) / 1_999, set));

    expect(steps.every((rate, at) => at === 0 || rate < steps[at - 1]!)).toBe(true);
    expect(rateOf(least - 1, set)).toBe(1);
    expect(rateOf(most + 1, set)).toBe(rateOf(most, set));
  });

  test('never claims a rate below ten events, nor one far from what was counted', () => {
    expect(rateOf(100, set)).toBe(10 / 5_000);
    for (const margin of [-6, -5, -4, -3, -2.5]) {
      const counted = margins.filter((other) => other >= margin).length / margins.length;
      expect(rateOf(margin, set) / counted).toBeGreaterThan(0.95);
      expect(rateOf(margin, set) / counted).toBeLessThan(1.05);
    }
  });

  test('of events that all say the same is 0, and more than they say is no less', () => {
    const flat = buildReference(
      Array.from({ length: 500 }, () => [0.3]),
      subjectOf(1),
    ).sets.trees!;

    expect(flat.margins).toHaveLength(1);
    expect(scoreOf(logit(0.3), flat)).toBe(0);
    expect(scoreOf(logit(0.9), flat)).toBe(0);
  });

  test('counts events of equal margin together: 900 is never more than 2 %', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 600, maxLength: 900 }), (steps) => {
        const tied = steps.map((step) => [step / 21]);
        const part = buildReference(tied, subjectOf(1)).sets.trees!;

        expect(
          shareAtOrAbove(
            tied.map(([p]) => scoreOf(logit(p!), part)),
            900,
          ),
        ).toBeLessThanOrEqual(0.02);
      }),
      { numRuns: 30 },
    );
  });
});

describe('building', () => {
  test('does not depend on the order of members or of events', () => {
    const subject = subjectOf(3, 'weighted');
    const rows = legitimateRows(400, 3, 9);
    const turned = { ...subject, members: [...subject.members].reverse() };

    const other = buildReference(
      [...rows].reverse().map((row) => [...row].reverse()),
      turned,
    );

    expect(other).toEqual(buildReference(rows, subject));
  });

  test.each([
    { members: 1, sets: 1 },
    { members: 5, sets: 31 },
    // all; six with one and fifteen with two missing; six alone
    { members: 6, sets: 28 },
    { members: 10, sets: 66 },
  ])('$members members have $sets sets of survivors', ({ members, sets }) => {
    expect(new Set(survivorSets(members).map((set) => survivorKey(set.map(String)))).size).toBe(sets);
  });

  test.each<[string, () => Reference, string]>([
    [
      'too few events',
      () => buildReference(legitimateRows(99, 1, 1), subjectOf(1)),
      'needs 100 legitimate events and has 99',
    ],
    [
      'an event without an answer',
      () => buildReference(legitimateRows(200, 1, 1), subjectOf(2)),
      "reference event 1 has no probability of member 'remote'",
    ],
    [
      'an answer of NaN',
      () => buildReference(legitimateRows(200, 1, 1).with(150, [Number.NaN]), subjectOf(1)),
      'reference event 151',
    ],
    ['no members', () => buildReference(legitimateRows(200, 1, 1), subjectOf(0)), 'needs members'],
    [
      'two members of one name',
      () => buildReference(legitimateRows(200, 2, 1), { ...subjectOf(0), members: [{ name: 'a' }, { name: 'a' }] }),
      'different names',
    ],
  ])('refuses %s', (_, build, message) => {
    expect(build).toThrow(ModelError);
    expect(build).toThrow(message);
  });

  test('keeps the calibration of a set', () => {
    const platt = { kind: 'platt', a: 2, b: -1 } as const;
    const reference = buildReference(legitimateRows(200, 2, 1), subjectOf(2), { 'remote+trees': platt });

    expect(referenceSetFor(reference, ['trees', 'remote'])?.calibration).toEqual(platt);
    expect(referenceSetFor(reference, ['trees'])?.calibration).toEqual({ kind: 'none' });
    expect(calibratedProbability(0.5, platt)).toBe(0.5);
    expect(calibratedProbability(0.5, { kind: 'none' })).toBeCloseTo(0.622_459, 6);
  });

  test('has no reference for survivors that it does not know', () => {
    const reference = buildReference(legitimateRows(200, 1, 1), subjectOf(1));

    expect(referenceSetFor(reference, ['trees', 'remote'])).toBeUndefined();
    expect(referenceSetFor(reference, ['constructor'])).toBeUndefined();
  });
});

describe('a reference', () => {
  const subject = subjectOf(2, 'weighted');
  const reference = buildReference(legitimateRows(300, 2, 4), subject);

  test('serves the detector that it was made for', () => {
    expect(() => checkReference(reference, { ...subject, members: [...subject.members].reverse() })).not.toThrow();
  });

  test.each<[string, ReferenceSubject, string]>([
    ['detector', { ...subject, detector: 'payouts' }, "is that of detector 'card-payments'"],
    ['way to combine', { ...subject, combine: 'max' }, 'was made with combine weighted'],
    ['set of members', { ...subject, members: subject.members.slice(1) }, 'other members'],
    [
      'model',
      { ...subject, members: subject.members.with(0, { name: 'trees', modelHash: 'other', weight: 1 }) },
      "another model of member 'trees'",
    ],
    [
      'weight',
      { ...subject, members: subject.members.with(0, { ...subject.members[0]!, weight: 7 }) },
      "another weight of 'trees'",
    ],
  ])('does not serve another %s', (_, other, message) => {
    expect(() => checkReference(reference, other)).toThrow(ModelError);
    expect(() => checkReference(reference, other)).toThrow(message);
  });

  const broken = (change: (copy: Reference) => unknown): unknown => {
    const copy = structuredClone(reference);
    change(copy);
    return ReferenceSchema.safeParse(copy).success;
  };

  test.each<[string, (copy: Reference) => unknown]>([
    ['margins that fall', (copy) => copy.sets.trees!.margins.reverse()],
    ['counts that rise', (copy) => copy.sets.trees!.atOrAbove.reverse()],
    ['a count too few', (copy) => copy.sets.trees!.atOrAbove.pop()],
    ['fewer events than it says', (copy) => Object.assign(copy, { events: 301 })],
    [
      'a calibration that falls',
      (copy) => Object.assign(copy.sets.trees!, { calibration: { kind: 'platt', a: -1, b: 0 } }),
    ],
  ])('with %s is not read', (_, change) => {
    expect(ReferenceSchema.safeParse(reference).success).toBe(true);
    expect(broken(change)).toBe(false);
  });
});
