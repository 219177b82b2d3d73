import { describe, expect, test } from '@jest/globals';

import { effectiveLabelOf, standingOf } from '#domain/effective-label.ts';
import type { Feedback } from '#domain/feedback.ts';

const day = (number: number): string => `2026-03-${String(number).padStart(2, '0')}T00:00:00.000Z`;

const entry = (value: string, source: string, saidOn: number, changes: Partial<Feedback> = {}): Feedback => ({
  v: 1,
  feedbackId: `${source}-${saidOn}`,
  eventType: 'card_payment',
  eventId: 'e',
  kind: 'label',
  value,
  source,
  saidAt: day(saidOn),
  receivedAt: day(saidOn),
  ...changes,
});

const labelSources = ['analyst', 'chargeback'];

describe('the label that counts', () => {
  test.each([
    { what: 'nobody has said anything', feedback: [], label: undefined },
    { what: 'one source', feedback: [entry('fraud', 'chargeback', 1)], label: 'fraud' },
    {
      what: 'the stronger source, though it spoke earlier',
      feedback: [entry('legit', 'analyst', 1), entry('fraud', 'chargeback', 9)],
      label: 'legit',
    },
    {
      what: 'a correction by the same source',
      feedback: [entry('fraud', 'analyst', 1), entry('legit', 'analyst', 2)],
      label: 'legit',
    },
    {
      what: 'a named source above an unnamed one',
      feedback: [entry('fraud', 'chargeback', 1), entry('legit', 'neighbour', 9)],
      label: 'fraud',
    },
    {
      what: 'the latest of unnamed sources',
      feedback: [entry('fraud', 'neighbour', 3), entry('legit', 'cousin', 2)],
      label: 'fraud',
    },
    {
      what: 'the one received later, said at the same instant',
      feedback: [entry('fraud', 'analyst', 1, { receivedAt: day(5) }), entry('legit', 'analyst', 1)],
      label: 'fraud',
    },
    { what: 'actions are no labels', feedback: [entry('approve', 'analyst', 1, { kind: 'action' })], label: undefined },
  ])('$what', ({ feedback, label }) => {
    expect(effectiveLabelOf({ feedback, labelSources })?.label).toBe(label);
    expect(effectiveLabelOf({ feedback: feedback.toReversed(), labelSources })?.label).toBe(label);
  });

  test('labels are visible from the time they were said', () => {
    const feedback = [entry('fraud', 'chargeback', 1), entry('legit', 'analyst', 5)];

    expect(effectiveLabelOf({ feedback, labelSources, asOf: day(4) })?.label).toBe('fraud');
    expect(effectiveLabelOf({ feedback, labelSources, asOf: day(5) })?.label).toBe('legit');
  });
});

describe('how an event stands', () => {
  const declined = ['decline'];
  const approved = ['approve'];
  const action = (value: string) => entry(value, 'shop', 2, { kind: 'action' });

  test.each([
    { outcomes: approved, feedback: [], kind: 'unlabelled' },
    { outcomes: declined, feedback: [], kind: 'censored' },
    { outcomes: declined, feedback: [entry('legit', 'analyst', 1)], kind: 'labelled' },
    { outcomes: declined, feedback: [action('approve')], kind: 'unlabelled' },
    { outcomes: approved, feedback: [action('declined')], kind: 'censored' },
    {
      outcomes: approved,
      feedback: [entry('declined', 'shop', 1, { kind: 'action' }), action('approve')],
      kind: 'unlabelled',
    },
  ])('$outcomes with %# is $kind', ({ outcomes, feedback, kind }) => {
    expect(standingOf({ feedback, labelSources, outcomes }).kind).toBe(kind);
  });
});
