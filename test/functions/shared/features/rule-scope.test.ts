import { expect, test } from '@jest/globals';

import { DetectorSchema } from '#domain/catalog/detector.ts';
import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { ruleScopeOf } from '#features/rule-scope.ts';
import { compileCondition } from '#rules/compile.ts';

const eventType = EventTypeSchema.parse({
  format: 1,
  eventType: 'card_payment',
  purpose: 'fraud-detection',
  entities: { customer: 'person' },
  variables: {
    amount: { type: 'money', default: 3 },
    channel: { type: 'category' },
    three_ds: { type: 'boolean', default: false },
    email: { type: 'email', personal: true },
    shipped_at: { type: 'datetime', default: '2026-01-01T00:00:00Z' },
  },
});
const detector = DetectorSchema.parse({
  format: 1,
  detector: 'd',
  eventType: 'card_payment',
  members: [{ name: 'trees', kind: 'embedded', model: 'm' }],
  rules: { otherwise: ['approve'] },
});

test('rules may name entities, variables, member scores, the score and the probability', () => {
  const { variables, lists } = ruleScopeOf(eventType, detector, ['blocked']);

  expect(Object.fromEntries(variables)).toEqual({
    customer: { type: 'string', token: true },
    amount: { type: 'number', default: 3 },
    channel: { type: 'string' },
    three_ds: { type: 'boolean', default: false },
    email: { type: 'string', token: true },
    shipped_at: { type: 'datetime', default: Date.UTC(2026, 0, 1) },
    trees_insightscore: { type: 'number' },
    score: { type: 'number' },
    probability: { type: 'number' },
  });
  expect([...lists]).toEqual(['blocked']);
});

test('features are variables of rules, by their types and without defaults', () => {
  const features = new Map([['customer_count_1d', { type: 'number' as const }]]);

  const scope = ruleScopeOf(eventType, detector, [], features);

  expect(scope.variables.get('customer_count_1d')).toEqual({ type: 'number' });
  expect(compileCondition('$customer_count_1d > 3 and $amount > 1', scope).type).toBe('boolean');
});

test.each([
  { rule: '$customer in @blocked and $trees_insightscore > 900', compiles: true },
  { rule: '$email in @blocked', compiles: true },
  { rule: 'regex_match("a.*", $email)', compiles: false },
  { rule: '$other_insightscore > 900', compiles: false },
  { rule: '$customer in @unknown', compiles: false },
])('$rule compiles: $compiles', ({ rule, compiles }) => {
  const compile = () => compileCondition(rule, ruleScopeOf(eventType, detector, ['blocked']));

  if (compiles) expect(compile().type).toBe('boolean');
  else expect(compile).toThrow();
});
