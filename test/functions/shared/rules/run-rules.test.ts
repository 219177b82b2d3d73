import { describe, expect, test } from '@jest/globals';

import { compileCondition } from '#rules/compile.ts';
import { type CompiledRule, runRules } from '#rules/run-rules.ts';
import { contextOf, scope } from './scope.ts';

const rule = (id: string, when: string, ...outcomes: string[]): CompiledRule => ({
  id,
  condition: compileCondition(when, scope),
  outcomes,
});

const rules = [
  rule('missing', '$count > 1', 'decline'),
  rule('small', '$amount < 10', 'approve'),
  rule('large', '$amount > 100', 'review', 'notify'),
  rule('larger', '$amount > 150', 'notify', 'decline'),
];

describe('first matched', () => {
  test('the first rule that matches settles the outcomes, and the rules behind it are not evaluated', () => {
    const result = runRules(rules, 'first_matched', contextOf({ amount: 200 }));

    expect(result.outcomes).toEqual(['review', 'notify']);
    expect(result.evaluations).toEqual([
      {
        id: 'missing',
        expression: '$count > 1',
        expressionWithValues: 'null > 1',
        evaluated: true,
        matched: false,
        outcomes: ['decline'],
        faults: ['missing_value'],
      },
      {
        id: 'small',
        expression: '$amount < 10',
        expressionWithValues: '200 < 10',
        evaluated: true,
        matched: false,
        outcomes: ['approve'],
        faults: [],
      },
      {
        id: 'large',
        expression: '$amount > 100',
        expressionWithValues: '200 > 100',
        evaluated: true,
        matched: true,
        outcomes: ['review', 'notify'],
        faults: [],
      },
      {
        id: 'larger',
        expression: '$amount > 150',
        expressionWithValues: '',
        evaluated: false,
        matched: false,
        outcomes: ['notify', 'decline'],
        faults: [],
      },
    ]);
  });

  test('a rule behind the match does not ask the event', () => {
    const asked: string[] = [];
    const context = { ...contextOf({}), value: (name: string) => (asked.push(name) > 0 ? 200 : null) };

    runRules(rules.slice(2), 'first_matched', context);

    // Once to evaluate and once to show, both for the first rule.
    expect(asked).toEqual(['amount', 'amount']);
  });
});

describe('all matched', () => {
  test('outcomes are joined in the order of the rules, each once', () => {
    const result = runRules(rules, 'all_matched', contextOf({ amount: 200, count: 2 }));

    expect(result.outcomes).toEqual(['decline', 'review', 'notify']);
    expect(result.evaluations.map(({ matched }) => matched)).toEqual([true, false, true, true]);
  });
});

test.each(['first_matched', 'all_matched'] as const)('without a match there are no outcomes (%s)', (mode) => {
  const result = runRules(rules, mode, contextOf({ amount: 50 }));

  expect(result.outcomes).toEqual([]);
  expect(result.evaluations.every(({ evaluated }) => evaluated)).toBe(true);
});

test('without rules there is nothing to say', () => {
  expect(runRules([], 'first_matched', contextOf({}))).toEqual({ outcomes: [], evaluations: [] });
});

test('a rule whose event throws is recorded as a fault and does not stop the others', () => {
  const context = {
    ...contextOf({ amount: 5 }),
    inList: () => {
      throw new Error('lost');
    },
  };

  const result = runRules([rule('listed', '$amount in @blocked', 'decline'), ...rules], 'first_matched', context);

  expect(result.outcomes).toEqual(['approve']);
  expect(result.evaluations[0]).toMatchObject({ matched: false, faults: ['evaluation_failed'] });
});

test('what is recorded can be changed without changing the rules', () => {
  const { evaluations } = runRules(rules, 'first_matched', contextOf({ amount: 5 }));

  evaluations[1]?.outcomes.push('changed');

  expect(rules[1]?.outcomes).toEqual(['approve']);
});
