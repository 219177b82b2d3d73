import { beforeEach, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';

import { MemoryFeedbackLedger } from '#adapters/memory-feedback-ledger.ts';
import { canonicalJson } from '#domain/content-hash.ts';
import type { Decision } from '#domain/decision.ts';
import type { Event } from '#domain/event.ts';
import type { Feedback } from '#domain/feedback.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import type { EventChunk, FeedbackChunk } from '#domain/messages.ts';
import { createHandler } from '../../../functions/dead-letters/handler.ts';
import { pendingRecordOf } from '../../../functions/ingestion/send-slices.ts';
import { aDecision, anEvent } from '../../support/decisions.ts';
import { createWorld, type World } from '../ingestion/world.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 29_000 } as Context;
let world: World;
let counted: Record<string, number>;
beforeEach(() => {
  [world, counted] = [createWorld(), {}];
});

const bury = async (body: string) => {
  const { decisions, feedback, ledger, resultStore: results, quarantine } = world;
  const metrics = {
    count: (name: string, value = 1) => {
      counted[name] = (counted[name] ?? 0) + value;
    },
    duration: () => {},
    flush: () => {},
  };
  const handler = createHandler({ decisions, feedback, ledger, results, quarantine }, { metrics });
  const attributes = { ApproximateReceiveCount: '1', SentTimestamp: '0', MessageGroupId: 'f1' };
  const record = { messageId: 'm-1', body, attributes, eventSourceARN: 'arn:aws:sqs:eu-west-1:1:dead.fifo' };
  return handler({ Records: [record] } as unknown as SQSEvent, context);
};
const event = (eventId: string, amount = 1): Event => anEvent({ eventId, eventType: 'payment', variables: { amount } });
const chunk = (...events: readonly Event[]): EventChunk => ({
  v: 1,
  kind: 'events',
  fileId: 'f1',
  sequence: 3,
  eventType: 'payment',
  redrives: 0,
  rows: events.map((content, index) => ({ row: 201 + index, event: content, contentHash: canonicalJson(content) })),
});
const record = (recorded: Event, origin: string, decisions: readonly Decision[] = []) =>
  world.decisions.commit([
    { event: recorded, contentHash: canonicalJson(recorded), origin, decisions, eventRecorded: false },
  ]);

test('rows on record count as what they came to, the others as dead', async () => {
  const dead = chunk(event('own'), event('twice'), event('other', 2), event('lost'));
  await world.ledger.addChunks([pendingRecordOf(dead)]);
  await record(event('own'), 'file/f1/201');
  await record(event('twice'), 'file/f0/9');
  await record(event('other', 1), 'file/f0/10');

  const { batchItemFailures } = await bury(JSON.stringify(dead));

  expect(batchItemFailures).toEqual([]);
  expect(await world.ledger.findChunk('f1', 3)).toMatchObject({
    status: 'dead',
    rows: 4,
    counts: { decided: 1, duplicate: 1, conflict: 1, quarantined: 0, dead: 1 },
  });
  expect(
    world.results
      .text('chunks/f1/000003.csv')!
      .split('\n')
      .map((line) => line.split(',').slice(0, 3).join()),
  ).toEqual(['201,own,decided', '202,twice,duplicate', '203,other,conflict', '204,lost,dead', '']);
  expect(JSON.parse(world.quarantine.text('dead/f1/000003.json')!)).toEqual(dead);
  expect(counted).toMatchObject({ DeadLetters: 1, RowsDead: 1 });
});

test('a chunk of which every row is on record is settled for good', async () => {
  const dead = chunk(event('own'));
  await world.ledger.addChunks([pendingRecordOf(dead)]);
  await record(event('own'), 'file/f1/201');

  await bury(JSON.stringify(dead));

  expect(await world.ledger.findChunk('f1', 3)).toMatchObject({ status: 'settled', counts: { decided: 1, dead: 0 } });
});

test('rows that were decided before their chunk died keep their decisions in its results and sums', async () => {
  const dead = chunk(event('own'), event('twice'));
  await world.ledger.addChunks([pendingRecordOf(dead)]);
  const decisionOn = (eventId: string) => aDecision({ event: event(eventId), score: 991 });
  await record(event('own'), 'file/f1/201', [decisionOn('own')]);
  await record(event('twice'), 'file/f0/9', [decisionOn('twice')]);

  await bury(JSON.stringify(dead));

  const [own, twice] = world.results.text('chunks/f1/000003.csv')!.split('\n');
  expect(own).toMatch(/^201,own,decided,card-payments,991,,review,large,/);
  expect(twice).toMatch(/^202,twice,duplicate,card-payments,991,,review,large,/);
  expect(await world.ledger.findChunk('f1', 3)).toMatchObject({
    status: 'settled',
    outcomes: { review: 1 },
    rules: { large: 1 },
  });
});

test('a chunk that has settled is left alone', async () => {
  const late = chunk(event('own'));
  const counts = { ...NO_COUNTS, decided: 1 };
  await world.ledger.addChunks([{ ...pendingRecordOf(late), status: 'settled', counts }]);

  await bury(JSON.stringify(late));

  expect((await world.ledger.findChunk('f1', 3))?.counts).toEqual(counts);
  expect(world.quarantine.text('dead/f1/000003.json')).toBeUndefined();
});

test('a chunk of feedback is accounted for alike', async () => {
  const said = (feedbackId: string): Feedback => ({
    v: 1,
    feedbackId,
    eventType: 'payment',
    eventId: `e-${feedbackId}`,
    kind: 'label',
    value: 'fraud',
    source: 'analyst',
    saidAt: '2026-11-19T00:00:00.000Z',
    receivedAt: '2026-11-20T12:00:00.000Z',
  });
  const rows = ['own', 'twice', 'lost'].map((id, index) => ({ row: 1 + index, feedback: said(id) }));
  const dead: FeedbackChunk = { ...chunk(), kind: 'feedback', sequence: 1, rows };
  await world.ledger.addChunks([pendingRecordOf(dead)]);
  await world.feedback.add([
    { feedback: said('own'), origin: 'file/f1/1' },
    { feedback: said('twice'), origin: 'file/f0/7' },
  ]);

  await bury(JSON.stringify(dead));

  expect(world.feedback).toBeInstanceOf(MemoryFeedbackLedger);
  expect(await world.ledger.findChunk('f1', 1)).toMatchObject({
    status: 'dead',
    counts: { decided: 1, duplicate: 1, dead: 1 },
  });
});

test.each(['no json', '{}', '{"v":1,"kind":"events","fileId":"f1"}', '['.repeat(40)])(
  'what is no chunk is kept and counted: %s',
  async (body) => {
    const { batchItemFailures } = await bury(body);

    expect(batchItemFailures).toEqual([]);
    expect(world.quarantine.text('dead/unreadable/m-1')).toBe(body);
    expect(counted).toEqual({ DeadLettersUnreadable: 1 });
  },
);

test('a chunk that cannot be kept is delivered again', async () => {
  const dead = chunk(event('lost'));
  await world.ledger.addChunks([pendingRecordOf(dead)]);
  world = { ...world, quarantine: { ...world.quarantine, write: () => Promise.reject(new Error('down')) } as never };

  const { batchItemFailures } = await bury(JSON.stringify(dead));

  expect(batchItemFailures).toEqual([{ itemIdentifier: 'm-1' }]);
  expect(await world.ledger.findChunk('f1', 3)).toMatchObject({ status: 'pending' });
});
