import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { MemberAnswer } from '#domain/decision.ts';
import { buildReference } from '#model/reference.ts';
import { judge } from '../../../functions/scoring/judge.ts';
import { referenceSubjectOf } from '../../../functions/scoring/prepare-detector.ts';
import { anEvent } from '../../support/decisions.ts';
import { aDetector, cardPayment, NOW_MS, prepared, remote, trees } from '../../support/scoring.ts';

const says = (member: string, probability?: number): MemberAnswer => ({
  member,
  kind: member === 'remote' ? 'sagemaker' : 'embedded',
  model: member,
  ...(probability !== undefined && { probability }),
});
const ruled = (when: string, more: object = {}) =>
  aDetector({ rules: { list: [{ id: 'it', when, outcomes: ['review'] }], otherwise: ['approve'], ...more } });
const judged = async (detector: ReturnType<typeof aDetector>, options: Partial<Parameters<typeof judge>[0]> = {}) =>
  judge({
    event: anEvent(),
    features: {},
    answers: [],
    prepared: await prepared({ detectors: [detector] }),
    nowMs: NOW_MS,
    degraded: [],
    ...options,
  });

/** What two members say about legitimate events: spread evenly over log-odds, the second a little louder. */
const legitimate = (events: number): number[][] =>
  Array.from({ length: events }, (_, at) => {
    const logOdds = -8 + (10 * (at + 0.5)) / events;
    return [1 / (1 + Math.exp(-logOdds)), 1 / (1 + Math.exp(-1.3 * logOdds))];
  });

const ensemble = aDetector({
  members: [trees, remote],
  rules: { list: [{ id: 'high', when: '$score >= 900', outcomes: ['review'] }], otherwise: ['approve'] },
});
const withReference = async (events = 4_000) => {
  const bare = await prepared({ detectors: [ensemble] });
  const reference = buildReference(legitimate(events), referenceSubjectOf(bare.detector, bare.members));
  return prepared({ detectors: [ensemble], references: { 'card-payments': reference } });
};

describe('what rules see', () => {
  test.each([
    ['$amount == 12.5', true],
    ['$currency == "EUR"', true],
    ['$first_order == null', true],
    ['$signed_up_at == null', true],
    ['$customer != $terminal', true],
    ['$score == null and $probability == null', true],
    ['$amount > 12.5', false],
  ])('%s is %s', async (when, matched) => {
    const { rules, outcomes } = await judged(ruled(when));

    expect(rules[0]).toMatchObject({ matched, faults: [] });
    expect(outcomes).toEqual([matched ? 'review' : 'approve']);
  });

  test('datetimes are instants, not text', async () => {
    const event = anEvent({ variables: { signed_up_at: '2026-10-31T10:00:00.000Z' } });
    const when = 'isbefore($signed_up_at, "2026-10-31T12:30:00+02:00") and getcurrentdatetime() > $signed_up_at';

    const { rules } = await judged(ruled(when), { event });

    expect(rules[0]).toMatchObject({ matched: true, faults: [] });
  });

  test('a default stands in for a missing variable in rules', async () => {
    const event = anEvent({ variables: {} });

    const { rules } = await judged(ruled('$currency == "EUR"'), { event });

    expect(rules[0]?.matched).toBe(true);
  });

  test('a list holds what has not expired, at the instant of the decision', async () => {
    const values = [
      'DE',
      { value: 'FR', until: '2026-11-01T10:00:05.001Z' },
      { value: 'IT', until: '2026-11-01T10:00:05.000Z' },
    ];
    const lists = { risky: { version: 7, hash: 'list', document: { format: 1 as const, list: 'risky', values } } };
    const detector = ruled('$country in @risky');
    const ready = await prepared({ detectors: [detector], lists });
    const matchedIn = (country: string) => {
      const event = anEvent({ variables: { country } });
      return judge({ event, features: {}, answers: [], prepared: ready, nowMs: NOW_MS, degraded: [] });
    };

    expect(['DE', 'FR', 'IT', 'ES'].map((country) => matchedIn(country).rules[0]?.matched)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(matchedIn('DE').lists).toEqual({ risky: 7 });
  });
});

describe('probability and score', () => {
  test('without a reference there is a probability and no score', async () => {
    const { probability, score, rung } = await judged(ensemble, { answers: [says('trees', 0.2), says('remote', 0.2)] });

    expect(probability).toBeCloseTo(0.2, 12);
    expect(score).toBeUndefined();
    expect(rung).toBe('full');
  });

  test('a weight counts among those that answered', async () => {
    const weighted = aDetector({
      members: [{ ...trees, weight: 3 }, remote],
      ensemble: { combine: 'weighted' },
    });

    const both = await judged(weighted, { answers: [says('trees', 0.5), says('remote', 0.9)] });
    const one = await judged(weighted, { answers: [says('trees'), says('remote', 0.9)] });

    // Log-odds: (3 · 0 + 1 · ln 9) ÷ 4 = ln √3, so 0.634.
    expect(both.probability).toBeCloseTo(Math.sqrt(3) / (1 + Math.sqrt(3)), 12);
    expect(one.probability).toBeCloseTo(0.9, 12);
  });

  test.each([
    { survivors: 'both members', of: ([t, r]: readonly number[]) => [says('trees', t), says('remote', r)] },
    { survivors: 'the embedded one', of: ([t]: readonly number[]) => [says('trees', t), says('remote')] },
    { survivors: 'the endpoint', of: ([, r]: readonly number[]) => [says('trees'), says('remote', r)] },
  ])('with $survivors left, 2 % of legitimate events are at or above 900', async ({ of }) => {
    const events = 4_000;
    const ready = await withReference(events);

    const reviewed = legitimate(events).filter((said) => {
      const { score, outcomes } = judge({
        event: anEvent(),
        features: {},
        answers: of(said),
        prepared: ready,
        nowMs: NOW_MS,
        degraded: [],
      });
      expect(outcomes).toEqual([score! >= 900 ? 'review' : 'approve']);
      return score! >= 900;
    }).length;

    // Binomial error of 2 % among 4,000: 0.22 %; three of them.
    expect(Math.abs(reviewed / events - 0.02)).toBeLessThan(3 * Math.sqrt((0.02 * 0.98) / events));
  });

  test('each member has a score of its own for rules', async () => {
    const detector = aDetector({
      members: [trees, remote],
      rules: {
        list: [
          { id: 'alone', when: '$trees_insightscore >= 900 and $remote_insightscore < 600', outcomes: ['review'] },
        ],
        otherwise: ['approve'],
      },
    });
    const bare = await prepared({ detectors: [detector] });
    const reference = buildReference(legitimate(2_000), referenceSubjectOf(bare.detector, bare.members));
    const ready = await prepared({ detectors: [detector], references: { 'card-payments': reference } });

    const { outcomes } = judge({
      event: anEvent(),
      features: {},
      answers: [says('trees', 0.87), says('remote', 0.001)],
      prepared: ready,
      nowMs: NOW_MS,
      degraded: [],
    });

    expect(outcomes).toEqual(['review']);
  });
});

describe('the ladder', () => {
  test('a rule that cannot be compiled leaves the fallback, and says so', async () => {
    const detector = aDetector({
      rules: { list: [{ id: 'gone', when: '$nothing > 1', outcomes: ['decline'] }], otherwise: ['approve'] },
      fallback: ['hold'],
    });
    const ready = await prepared({ detectors: [detector] });

    const verdict = await judged(detector, { prepared: ready, degraded: ready.degraded });

    expect(verdict).toMatchObject({ outcomes: ['hold'], rung: 'fallback', rules: [] });
    expect(verdict.degraded).toEqual([{ what: 'rules', why: 'not_loaded', spentMs: expect.any(Number) }]);
  });

  test('all matched rules speak when the detector says so', async () => {
    const list = [
      { id: 'one', when: '$amount > 1', outcomes: ['review', 'note'] },
      { id: 'two', when: '$amount > 2', outcomes: ['decline', 'review'] },
    ];
    const { outcomes } = await judged(aDetector({ rules: { mode: 'all_matched', list, otherwise: ['approve'] } }));

    expect(outcomes).toEqual(['review', 'note', 'decline']);
  });

  test('judging changes nothing that it was given, and gives the same again', async () => {
    const ready = await withReference(1_000);
    fc.assert(
      fc.property(
        fc.float({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.float({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
        (t, r) => {
          const judgement = {
            event: anEvent(),
            features: { ratio: 1 / 3 },
            answers: [says('trees', t), says('remote', r)],
            prepared: ready,
            nowMs: NOW_MS,
            degraded: [],
          };
          const before = structuredClone({ ...judgement, prepared: undefined });

          const first = judge(judgement);

          expect(judge(judgement)).toEqual(first);
          expect({ ...judgement, prepared: undefined }).toEqual(before);
          expect(first.score).toBeGreaterThanOrEqual(0);
          expect(first.score).toBeLessThanOrEqual(1000);
        },
      ),
    );
  });
});

test('a personal variable is a token that rules may look up', async () => {
  const email = 't1_eeeeeeeeeeeeeeeeeeeeeeee';
  const lists = {
    known: { version: 1, hash: 'l', document: { format: 1 as const, list: 'known', of: 'email', values: [email] } },
  };
  const ready = await prepared({ eventType: cardPayment(), detectors: [ruled('$email in @known')], lists });

  const { outcomes } = judge({
    event: anEvent({ variables: { email } }),
    features: {},
    answers: [],
    prepared: ready,
    nowMs: NOW_MS,
    degraded: [],
  });

  expect(outcomes).toEqual(['review']);
});
