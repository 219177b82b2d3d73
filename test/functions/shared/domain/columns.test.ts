import { expect, test } from '@jest/globals';

import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { resolveColumns, resolveFeedbackColumns, rowOf } from '#domain/columns.ts';

const eventType = EventTypeSchema.parse({
  format: 1,
  eventType: 'card_payment',
  purpose: 'fraud-detection',
  entities: { customer: 'person' },
  variables: { amount: { type: 'money', required: true }, note: { type: 'text' } },
  columns: { event_id: 'Transaction ID', amount: 'Betrag' },
});

const plan = (header: string[]) => {
  const resolved = resolveColumns(header, eventType);
  return resolved.ok
    ? { ignored: resolved.plan.ignored }
    : { problems: resolved.problems.map(({ field, reason }) => `${field} ${reason}`) };
};

test.each([
  { header: ['transaction id', 'occurred_at', 'customer', 'betrag'], expected: { ignored: [] } },
  { header: ['TRANSACTION  ID', 'EVENT_TIMESTAMP', 'ENTITY_TYPE', 'ENTITY_ID', 'BETRAG '], expected: { ignored: [] } },
  {
    header: ['Transaction ID', 'occurredAt', 'Customer', 'Betrag', 'Shade', '', 'EVENT_LABEL', ''],
    expected: { ignored: ['Shade', 'EVENT_LABEL'] },
  },
  // What the event type maps has its own name and no other.
  {
    header: ['event_id', 'occurred_at', 'customer', 'amount'],
    expected: { problems: ['transaction_id missing_column', 'betrag missing_column'] },
  },
  {
    header: ['Transaction ID', 'occurred_at', 'event_timestamp', 'customer', 'Betrag'],
    expected: { problems: ['event_timestamp duplicate_headers'] },
  },
  {
    header: ['Transaction ID', 'occurred_at', 'customer', 'Betrag', 'X', 'x '],
    expected: { problems: ['? duplicate_headers'] },
  },
  { header: ['Transaction ID', 'occurred_at', 'Betrag'], expected: { problems: ['customer missing_column'] } },
])('the header $header', ({ header, expected }) => {
  expect(plan(header)).toEqual(expected);
});

test('a column named like a secret is kept for admission to refuse, not left out silently', () => {
  const resolved = resolveColumns(['transaction id', 'occurred_at', 'customer', 'betrag', 'CVV2'], eventType);

  expect(resolved.ok && rowOf(resolved.plan, ['e', 't', 'c', '1', '123'])).toMatchObject({
    variables: { amount: '1', CVV2: '123' },
  });
});

test('empty cells are missing', () => {
  const resolved = resolveColumns(['transaction id', 'occurred_at', 'customer', 'betrag', 'note'], eventType);

  expect(resolved.ok && rowOf(resolved.plan, ['e', 't', 'c', '', ''])).toEqual({
    eventId: 'e',
    occurredAt: 't',
    entities: { customer: 'c' },
    variables: {},
  });
});

test("feedback is read under its own names and Amazon Fraud Detector's", () => {
  const own = resolveFeedbackColumns(['transaction id', 'kind', 'value', 'source', 'said_at', 'more'], eventType);
  const theirs = resolveFeedbackColumns(['Transaction ID', 'EVENT_LABEL', 'LABEL_TIMESTAMP'], eventType);
  const without = resolveFeedbackColumns(['label'], eventType);

  expect(own.ok && rowOf(own.plan, ['e', 'label', '1', 'analyst', 't', 'x'])).toEqual({
    eventId: 'e',
    kind: 'label',
    value: '1',
    source: 'analyst',
    saidAt: 't',
  });
  expect(own.ok && own.plan.ignored).toEqual(['more']);
  expect(theirs.ok && rowOf(theirs.plan, ['e', '1', 't'])).toEqual({ eventId: 'e', label: '1', saidAt: 't' });
  expect(without.ok).toBe(false);
});
