import { expect, test } from '@jest/globals';

import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import type { Feedback } from '#domain/feedback.ts';
import { LabelBook } from '../../../bin/replay/label-book.ts';
import { paymentOf } from './payments.ts';

const DAY_MS = 86_400_000;
const payment: EventType = EventTypeSchema.parse({
  format: 1,
  eventType: 'payment',
  purpose: 'fraud-detection',
  entities: { customer: 'person' },
  variables: { amount: { type: 'money' } },
  labels: { fraud: ['1'], legit: ['0'] },
  labelSources: ['analyst', 'chargeback'],
});
const event = paymentOf('p-1', '2026-03-01T00:00:00.000Z');
const atMs = Date.parse(event.occurredAt);

const said = (value: string, source: string, saidAt = '2026-03-02T00:00:00.000Z'): Feedback => ({
  v: 1,
  feedbackId: `${value}/${source}/${saidAt}`,
  eventType: 'payment',
  eventId: 'p-1',
  kind: 'label',
  value,
  source,
  saidAt,
  receivedAt: saidAt,
});

const bookOf = (entries: readonly Feedback[], delayMs = 0, isTold = true): LabelBook => {
  const book = new LabelBook(new Map([['payment', payment]]), delayMs);
  for (const entry of entries) book.add(entry, isTold ? entry.saidAt : undefined);
  return book;
};

test('a label comes when it is said, a correction later', () => {
  const book = bookOf([
    said('legit', 'analyst', '2026-03-09T00:00:00.000Z'),
    said('fraud', 'chargeback', '2026-03-04T00:00:00.000Z'),
  ]);

  expect(book.take(event, atMs)).toEqual({
    before: undefined,
    changes: [
      { dueMs: Date.parse('2026-03-04T00:00:00Z'), event, from: undefined, to: 'fraud' },
      { dueMs: Date.parse('2026-03-09T00:00:00Z'), event, from: 'fraud', to: 'legit' },
    ],
    end: { label: 'legit', source: 'analyst', saidAt: '2026-03-09T00:00:00.000Z' },
  });
});

test('the word of a weaker source changes nothing', () => {
  const book = bookOf([
    said('legit', 'analyst', '2026-03-04T00:00:00.000Z'),
    said('fraud', 'chargeback', '2026-03-09T00:00:00.000Z'),
  ]);

  expect(book.take(event, atMs).changes).toHaveLength(1);
});

test('a label that was said before its event is known with it', () => {
  const book = bookOf([said('fraud', 'analyst', '2026-02-01T00:00:00.000Z')]);

  expect(book.take(event, atMs)).toMatchObject({ before: 'fraud', changes: [], end: { label: 'fraud' } });
});

test('without a time of its own it is said so long after the event', () => {
  const book = bookOf([said('fraud', 'analyst')], 7 * DAY_MS, false);

  const { changes, end } = book.take(event, atMs);

  expect(changes).toEqual([{ dueMs: atMs + 7 * DAY_MS, event, from: undefined, to: 'fraud' }]);
  expect(end?.saidAt).toBe('2026-03-08T00:00:00.000Z');
});

test('what was taken is in the book no more, and actions never are', () => {
  const book = bookOf([said('fraud', 'analyst'), { ...said('declined', 'bank'), kind: 'action', eventId: 'p-2' }]);

  expect(book.size).toBe(1);
  book.take(event, atMs);
  expect(book.size).toBe(0);
  expect(book.take(event, atMs).end).toBeUndefined();
});
