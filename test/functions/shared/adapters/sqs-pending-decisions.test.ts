import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { SqsPendingDecisions } from '#adapters/sqs-pending-decisions.ts';
import { PendingDecisionSchema } from '#domain/messages.ts';
import type { PageMove } from '#features/history/state/types.ts';
import { readMove } from '#features/history/written-moves.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { aDecision, anEvent } from '../../../support/decisions.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
});

const queue = new SqsPendingDecisions({
  sqs: new SQSClient({ region: 'eu-west-1' }),
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/pending',
  call: createAwsCaller({ random: () => 0, metrics: silentMetrics }),
});
const bodies = (): string[] => sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input.MessageBody ?? '');
const long = { text: 'ä'.repeat(8_000) };
const large = (detector: string) =>
  aDecision({
    detector,
    event: anEvent({ variables: Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`text_${at}`, long.text])) }),
  });

test('decisions on one event travel together', async () => {
  const decisions = [aDecision(), aDecision({ detector: 'second' })];

  await queue.add(decisions, deadlineIn(1_000));

  expect(bodies().map((body) => PendingDecisionSchema.parse(JSON.parse(body)).decisions)).toEqual([decisions]);
});

test('decisions that are too large together travel alone', async () => {
  const decisions = [large('first'), large('second')];

  await queue.add(decisions, deadlineIn(1_000));

  expect(bodies()).toHaveLength(2);
  for (const body of bodies()) expect(Buffer.byteLength(body)).toBeLessThan(262_144);
});

test('what recording an event does to history travels with each of them, exactly', async () => {
  const place = { profile: '0123456789abcdef', entity: 'person:t1_c', startMs: 0, keepUntilMs: 1 };
  const value = { value: 'DE', atMs: 12, eventId: 'e-1' };
  const move: PageMove = {
    ...place,
    adds: new Map<string, number | bigint>([
      ['a0', -3],
      ['b0', 2n ** 64n + 1n],
    ]),
    marks: new Map([['c0', new Set([0, 255])]]),
    sets: new Map([
      ['d0', { to: 5, keeps: 'lower', was: 7 }],
      ['e0', { to: value, keeps: 'higher', was: undefined }],
    ]),
  };

  await queue.add([large('first'), large('second')], deadlineIn(1_000), { moves: [move], profiles: [place.profile] });

  const messages = bodies().map((body) => PendingDecisionSchema.parse(JSON.parse(body)));
  const sets = new Map([...move.sets].map(([name, set]) => [name, { ...set, was: undefined }]));
  expect(messages.map(({ v }) => v)).toEqual([2, 2]);
  for (const message of messages) {
    const history = message.v === 2 ? message.history : undefined;
    expect(history?.profiles).toEqual([place.profile]);
    expect(history?.moves.map(readMove)).toEqual([{ ...move, sets }]);
  }
});

test('a queue that does not take them is named', async () => {
  sqs.on(SendMessageCommand).rejects(Object.assign(new Error('no'), { name: 'ServiceUnavailable' }));

  await expect(queue.add([aDecision()], deadlineIn(1_000))).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('recorded-later queue'),
  });
});
