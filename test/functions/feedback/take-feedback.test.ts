import { expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

import { CANARY_EVENT_TYPE } from '#domain/canary.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { createHandler } from '../../../functions/feedback/api/handler.ts';
import { FeedbackRequestSchema, takeFeedback } from '../../../functions/feedback/take-feedback.ts';
import { aCommit, aDecision, anEvent } from '../../support/decisions.ts';
import { createWorld, paymentType, type World } from '../ingestion/world.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 29_000 } as Context;
const post = async ({ ports, feedback, decisions }: World, body: unknown, requestId = 'request-1') => {
  const { clock, catalog } = ports;
  const event = { httpMethod: 'POST', headers: {}, body: JSON.stringify(body), requestContext: { requestId } };
  const handler = createHandler({ clock, catalog, feedback, decisions });
  const answer = await handler(event as unknown as APIGatewayProxyEvent, context);
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
};
const label = (eventId: string, value: unknown = 'fraud') => ({
  eventType: 'payment',
  eventId,
  value,
  source: 'analyst',
});
const seen = (world: World, eventId: string) =>
  world.decisions.commit([aCommit(aDecision({ event: anEvent({ eventType: 'payment', eventId }) }))]);

test('feedback is recorded, and says whether its event is known', async () => {
  const world = createWorld();
  await seen(world, 'e-1');

  const { status, body } = await post(world, { feedback: [label('e-1'), label('e-2'), label('e-3', 'perhaps')] });

  expect(status).toBe(200);
  expect(body.results).toEqual([
    { index: 0, status: 'recorded', feedbackId: expect.any(String), matched: true },
    { index: 1, status: 'recorded', feedbackId: expect.any(String), matched: false },
    { index: 2, status: 'rejected', problems: [expect.objectContaining({ reason: 'unknown_label' })] },
  ]);
  expect(await world.feedback.forEvent('payment', 'e-2')).toHaveLength(1);
});

test('said again it is a duplicate, whenever that is', async () => {
  const world = createWorld();
  await post(world, label('e-1'), 'request-1');
  world.time.nowMs += 60_000;

  const { body } = await post(world, label('e-1'), 'request-2');

  expect(body.results).toMatchObject([{ status: 'duplicate' }]);
  expect(await world.feedback.forEvent('payment', 'e-1')).toHaveLength(1);
});

test('the type may be named once for all entries', async () => {
  const { eventType: _, ...entry } = label('e-1');

  const { body } = await post(createWorld(), { eventType: 'payment', feedback: [entry] });

  expect(body.results).toMatchObject([{ status: 'recorded' }]);
});

test.each([
  { name: 'no valid entry', body: label('e-1', 'perhaps'), status: 400 },
  { name: 'an event type nobody knows', body: { ...label('e-1'), eventType: 'login' }, status: 404 },
  { name: 'no event type', body: { eventId: 'e-1', value: 'fraud' }, status: 404 },
  { name: 'no entries', body: { feedback: [] }, status: 400 },
  { name: '501 entries', body: { feedback: Array.from({ length: 501 }, (_, n) => label(`e-${n}`)) }, status: 400 },
  { name: 'a list', body: [label('e-1')], status: 400 },
  { name: 'a card number', body: label('4111111111111111'), status: 422 },
])('$name is refused with $status', async ({ body, status }) => {
  const world = createWorld();

  const answer = await post(world, body);

  expect(answer.status).toBe(status);
  expect(JSON.stringify(answer.body)).not.toContain('4111');
});

test('a ledger that does not answer is not taken for success', async () => {
  const world = createWorld();
  const feedback = { ...world.feedback, add: () => Promise.reject(new Error('down')) } as unknown as World['feedback'];

  expect((await post({ ...world, feedback }, label('e-1'))).status).toBe(500);
  expect(await world.feedback.forEvent('payment', 'e-1')).toEqual([]);
});

test("of the system's own events is taken from a smoke test, and is no traffic", async () => {
  const world = createWorld({ eventType: paymentType({ eventType: CANARY_EVENT_TYPE }) });
  const counted: string[] = [];
  const metrics = {
    count: (name: string, value = 1) => counted.push(...(value > 0 ? [name] : [])),
    duration: () => {},
  };
  const said = {
    eventType: CANARY_EVENT_TYPE,
    feedback: [{ eventId: 'smoke-1', kind: 'action', value: 'smoke_test' }],
  };

  const taken = await takeFeedback(
    FeedbackRequestSchema.parse(said),
    'request-1',
    { deadline: deadlineIn(5_000), metrics },
    { clock: world.ports.clock, catalog: world.ports.catalog, feedback: world.feedback, decisions: world.decisions },
  );

  expect(taken).toMatchObject([{ status: 'recorded' }]);
  expect(counted).toEqual([]);
});
