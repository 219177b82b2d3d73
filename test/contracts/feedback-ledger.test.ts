import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { DynamoFeedbackLedger } from '#adapters/dynamo-feedback-ledger.ts';
import { MemoryFeedbackLedger } from '#adapters/memory-feedback-ledger.ts';
import type { Feedback } from '#domain/feedback.ts';
import type { FeedbackLedger } from '#ports/feedback-ledger.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { type ServedTable, serveTable } from './dynamodb.ts';

const clock = { nowMs: () => Date.parse('2026-11-20T12:00:00Z') };

let table: ServedTable;
beforeAll(async () => {
  table = await serveTable('feedback');
});
afterAll(() => table.served.close());

let events = 0;
const newEvent = (): string => `e-${++events}`;
const said = (eventId: string, feedbackId: string, overrides: Partial<Feedback> = {}): Feedback => ({
  v: 1,
  feedbackId,
  eventType: 'payment',
  eventId,
  kind: 'label',
  value: 'fraud',
  source: 'analyst',
  saidAt: '2026-11-19T00:00:00.000Z',
  receivedAt: '2026-11-20T12:00:00.000Z',
  ...overrides,
});

describe.each([
  { name: 'memory', create: (): FeedbackLedger => new MemoryFeedbackLedger() },
  {
    name: 'DynamoDB',
    create: (): FeedbackLedger =>
      new DynamoFeedbackLedger({
        dynamoDb: table.served.client,
        tableName: table.tableName,
        retentionDays: 30,
        call: table.call,
        clock,
      }),
  },
])('a feedback ledger on $name', ({ create }) => {
  const add = (ledger: FeedbackLedger, origin: string, ...entries: readonly Feedback[]) =>
    ledger.add(
      entries.map((feedback, index) => ({ feedback, origin: `${origin}/${index}` })),
      deadlineIn(5_000),
    );

  test('records what is said, in the order of saying', async () => {
    const ledger = create();
    const eventId = newEvent();
    const late = said(eventId, 'b', { saidAt: '2026-11-19T00:00:00.000Z' });
    const early = said(eventId, 'c', { saidAt: '2026-11-01T00:00:00.000Z', value: 'legit' });

    const ended = await add(ledger, 'one', late, early);

    expect(ended).toEqual(['recorded', 'recorded']);
    expect(await ledger.forEvent('payment', eventId, deadlineIn(5_000))).toEqual([early, late]);
    expect(await ledger.forEvent('login', eventId, deadlineIn(5_000))).toEqual([]);
  });

  test('says twice what is there already: recorded to the delivery that brought it, duplicate to others', async () => {
    const ledger = create();
    const eventId = newEvent();
    const first = said(eventId, 'a');
    await add(ledger, 'one', first);

    const again = await add(ledger, 'one', first);
    const other = await add(ledger, 'two', { ...first, saidAt: '2026-11-20T00:00:00.000Z' });

    expect([again, other]).toEqual([['recorded'], ['duplicate']]);
    expect(await ledger.forEvent('payment', eventId, deadlineIn(5_000))).toEqual([first]);
  });

  test('of what one delivery says twice, the first is recorded', async () => {
    const ledger = create();
    const eventId = newEvent();

    const ended = await add(ledger, 'one', said(eventId, 'a'), said(eventId, 'b'), said(eventId, 'a'));
    const again = await add(ledger, 'one', said(eventId, 'a'), said(eventId, 'b'), said(eventId, 'a'));

    expect([ended, again]).toEqual(Array(2).fill(['recorded', 'recorded', 'duplicate']));
  });

  test('tells who brought each entry', async () => {
    const ledger = create();
    const eventId = newEvent();
    await add(ledger, 'one', said(eventId, 'a'));

    const origins = await ledger.originsOf([said(eventId, 'a'), said(eventId, 'b')], deadlineIn(5_000));

    expect(origins).toEqual(new Map([['a', 'one/0']]));
  });
});
