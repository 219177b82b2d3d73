import { describe, expect, test } from '@jest/globals';

import { type AdmittedFeedback, admitFeedback } from '#domain/admit-feedback.ts';
import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { resolveFeedbackColumns, rowOf } from '#domain/columns.ts';
import { FeedbackSchema } from '#domain/feedback.ts';

const NOW = Date.parse('2026-03-10T12:00:00.000Z');
const CARD = '4111111111111111';

const eventType = EventTypeSchema.parse({
  format: 1,
  eventType: 'card_payment',
  purpose: 'fraud-detection',
  entities: {},
  variables: {},
  labels: { fraud: [1, 'F', true], legit: [0, 'G'] },
});

const admit = (raw: unknown, nowMs = NOW): AdmittedFeedback => admitFeedback(raw, eventType, { nowMs });

const said = (raw: unknown, nowMs?: number) => {
  const admitted = admit(raw, nowMs);
  if ('problems' in admitted) throw new Error(JSON.stringify(admitted.problems));
  return admitted.feedback;
};

const problemsOf = (raw: unknown): string[] => {
  const admitted = admit(raw);
  return 'problems' in admitted ? admitted.problems.map(({ field, reason }) => `${field} ${reason}`) : ['admitted'];
};

test('a label is mapped, its source folded, its times put into UTC', () => {
  const feedback = said({
    eventId: 'e-1',
    kind: 'label',
    value: 'f',
    source: 'Customer report',
    happenedAt: '2026-03-01T01:00:00+01:00',
    saidAt: '2026-03-09T00:00:00Z',
  });

  expect(feedback).toEqual({
    v: 1,
    feedbackId: expect.stringMatching(/^[0-9a-f]{32}$/),
    eventType: 'card_payment',
    eventId: 'e-1',
    kind: 'label',
    value: 'fraud',
    source: 'customer_report',
    happenedAt: '2026-03-01T00:00:00.000Z',
    saidAt: '2026-03-09T00:00:00.000Z',
    receivedAt: '2026-03-10T12:00:00.000Z',
  });
  expect(FeedbackSchema.safeParse(feedback).success).toBe(true);
});

test.each([
  { raw: { eventId: 'e', value: 1 }, kind: 'label', value: 'fraud' },
  { raw: { eventId: 'e', value: '0' }, kind: 'label', value: 'legit' },
  { raw: { eventId: 'e', value: true }, kind: 'label', value: 'fraud' },
  { raw: { eventId: 'e', label: 'Legit' }, kind: 'label', value: 'legit' },
  { raw: { eventId: 'e', assignedLabel: 'F', labelTimestamp: '2026-03-09T00:00:00Z' }, kind: 'label', value: 'fraud' },
  { raw: { EVENT_ID: 'e', EVENT_LABEL: '1', LABEL_TIMESTAMP: '' }, kind: 'label', value: 'fraud' },
  { raw: { eventId: 'e', action: 'Declined' }, kind: 'action', value: 'declined' },
  { raw: { event_id: 'e', kind: 'action', value: 'sent back' }, kind: 'action', value: 'sent_back' },
])('$raw says $kind $value', ({ raw, kind, value }) => {
  expect(said(raw)).toMatchObject({ eventId: 'e', kind, value });
});

describe('what is wrong is said by field and reason', () => {
  test.each([
    { raw: [], problems: ['(row) not_an_object'] },
    { raw: { value: 1 }, problems: ['eventId missing_field'] },
    { raw: { eventId: 'e' }, problems: ['value missing_field'] },
    { raw: { eventId: 'e', value: 'maybe' }, problems: ['value unknown_label'] },
    { raw: { eventId: 'e', value: {} }, problems: ['value unknown_label'] },
    { raw: { eventId: 'e', value: 1, label: 1 }, problems: ['value unknown_field'] },
    { raw: { eventId: 'e', kind: 'hint', value: 1 }, problems: ['kind bad_name'] },
    { raw: { eventId: 'e', kind: 'action', value: 'a!' }, problems: ['value bad_name'] },
    { raw: { eventId: 'e', kind: 'action', value: CARD }, problems: ['value card_number'] },
    { raw: { eventId: `c-${CARD}`, value: 1 }, problems: ['eventId card_number'] },
    { raw: { eventId: 'e', value: 1, saidAt: 'yesterday' }, problems: ['saidAt bad_time'] },
    { raw: { eventId: 'e', value: 1, saidAt: '2026-03-10T12:06:00Z' }, problems: ['saidAt in_future'] },
    { raw: { eventId: 'e', value: 1, eventType: 'login' }, problems: ['eventType wrong_event_type'] },
    { raw: { eventId: 'e', value: 1, stray: 1 }, problems: ['stray unknown_field'] },
    { raw: { eventId: 'e', value: 1, cvv: '123' }, problems: ['cvv secret_field'] },
  ])('$raw', ({ raw, problems }) => {
    expect(problemsOf(raw)).toEqual(problems);
  });

  test('feedback older than a retention that is given', () => {
    const raw = { eventId: 'e', value: 1, saidAt: '2025-01-01T00:00:00Z' };

    expect(problemsOf(raw)).toEqual(['admitted']);
    expect(admitFeedback(raw, eventType, { nowMs: NOW, retentionDays: 30 })).toMatchObject({
      problems: [{ field: 'saidAt', reason: 'too_old' }],
    });
  });
});

test('the same thing said again has the same id, in any form and at any time; another thing has another', () => {
  const first = said({ eventId: 'e', value: 1, source: 'analyst' });

  expect(said({ EVENT_ID: 'e', EVENT_LABEL: 'F', source: 'Analyst' }, NOW + 60_000).feedbackId).toBe(first.feedbackId);
  expect(said({ eventId: 'e', value: 0, source: 'analyst' }).feedbackId).not.toBe(first.feedbackId);
  expect(said({ eventId: 'e', value: 1, source: 'chargeback' }).feedbackId).not.toBe(first.feedbackId);
});

test('a secret in a column of a file is refused where it is filled in', () => {
  const resolved = resolveFeedbackColumns(['event_id', 'label', 'CVV'], eventType);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));

  expect(problemsOf(rowOf(resolved.plan, ['e', '1', '123']))).toEqual(['CVV secret_field']);
  expect(problemsOf(rowOf(resolved.plan, ['e', '1', '']))).toEqual(['admitted']);
});
