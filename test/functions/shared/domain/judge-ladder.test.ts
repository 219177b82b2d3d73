import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type MemberAnswer, RUNGS } from '#domain/decision.ts';
import { fittingRules, isAtOrBelow, outcomesOf, rungOf } from '#domain/judge-ladder.ts';

const answer = (member: string, kind: MemberAnswer['kind'], probability?: number): MemberAnswer => ({
  member,
  kind,
  model: member,
  ...(probability !== undefined && { probability }),
});
const trees = (probability?: number) => answer('trees', 'embedded', probability);
const more = (probability?: number) => answer('more', 'embedded', probability);
const remote = (probability?: number) => answer('remote', 'sagemaker', probability);

describe('the rung', () => {
  test.each([
    { of: 'a detector without members', answers: [], rung: 'full' },
    { of: 'all members answering', answers: [trees(0.1), remote(0.2)], rung: 'full' },
    { of: 'the endpoint silent', answers: [trees(0.1), remote()], rung: 'embedded' },
    { of: 'the embedded model not loaded', answers: [trees(), remote(0.2)], rung: 'survivors' },
    { of: 'two embedded ones left', answers: [trees(0.1), more(0.3), remote()], rung: 'survivors' },
    { of: 'nobody answering', answers: [trees(), remote()], rung: 'rules' },
    { of: 'a probability of zero', answers: [trees(0), remote()], rung: 'embedded' },
  ])('with $of is $rung', ({ answers, rung }) => {
    expect(rungOf(answers, false)).toBe(rung);
  });

  test('under the kill switch is rules, whoever there is', () => {
    expect(rungOf([], true)).toBe('rules');
    expect(rungOf([trees(0.1)], true)).toBe('rules');
  });
});

describe('outcomes', () => {
  const rules = { mode: 'first_matched' as const, list: [], otherwise: ['approve'] };

  test.each([
    { rung: 'full' as const, matched: ['decline'], outcomes: ['decline'] },
    { rung: 'full' as const, matched: [], outcomes: ['approve'] },
    { rung: 'survivors' as const, matched: [], outcomes: ['approve'] },
    { rung: 'embedded' as const, matched: [], outcomes: ['approve', 'review'] },
    { rung: 'rules' as const, matched: ['review'], outcomes: ['review'] },
    { rung: 'fallback' as const, matched: ['decline'], outcomes: ['hold', 'review'] },
  ])('on rung $rung after $matched are $outcomes', ({ rung, matched, outcomes }) => {
    const detector = { rules, fallback: ['hold'], whenDegraded: { from: 'embedded' as const, outcomes: ['review'] } };

    expect(outcomesOf(detector, rung, matched)).toEqual(outcomes);
  });

  test('without a fallback are those of no match', () => {
    expect(outcomesOf({ rules }, 'fallback', [])).toEqual(['approve']);
  });

  test('are never empty and never repeated', () => {
    const name = fc.constantFrom('approve', 'review', 'decline');
    fc.assert(
      fc.property(
        fc.constantFrom(...RUNGS),
        fc.array(name),
        fc.array(name, { minLength: 1 }),
        fc.constantFrom('survivors' as const, 'embedded' as const, 'rules' as const),
        (rung, matched, added, from) => {
          const outcomes = outcomesOf({ rules, whenDegraded: { from, outcomes: added } }, rung, matched);

          expect(outcomes.length).toBeGreaterThan(0);
          expect(new Set(outcomes).size).toBe(outcomes.length);
          if (isAtOrBelow(rung, from)) expect(outcomes).toEqual(expect.arrayContaining(added));
        },
      ),
    );
  });
});

describe('the texts of rules', () => {
  const rule = (id: string, length: number) => ({
    id,
    expression: 'ä'.repeat(length),
    expressionWithValues: 'ö'.repeat(length),
    evaluated: true,
    matched: false,
    outcomes: ['review'],
    faults: [],
  });

  test('stay as they are while they fit', () => {
    const rules = Array.from({ length: 200 }, (_, index) => rule(`r-${index}`, 150));

    expect(fittingRules(rules)).toEqual(rules);
  });

  test('of two hundred of the longest rules fit one item of the store', () => {
    const rules = Array.from({ length: 200 }, (_, index) => rule(`r-${index}`, 4_096));

    const fitting = fittingRules(rules);

    expect(Buffer.byteLength(JSON.stringify(fitting))).toBeLessThan(200_000);
    expect(fitting[0]?.expression).toMatch(/^ä+…$/);
    expect(fittingRules(fitting)).toEqual(fitting);
  });

  test('of characters that JSON spells out fit, too', () => {
    const escaped = { ...rule('r', 0), expressionWithValues: '\u0001'.repeat(59_000) };

    const [fitting] = fittingRules([escaped]);

    expect(Buffer.byteLength(JSON.stringify(fitting))).toBeLessThan(140_000);
    expect(fitting?.expressionWithValues.endsWith('\u0001…')).toBe(true);
  });
});
