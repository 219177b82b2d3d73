import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

import { FileViewSchema } from '#domain/public-file.ts';
import { createHandler } from '../../../functions/ingestion/api/handler.ts';
import { createWorld, drain, paymentType, type World } from './world.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 29_000 } as Context;
let requests = 0;
const request = (httpMethod: string, more: Partial<APIGatewayProxyEvent>): APIGatewayProxyEvent =>
  ({
    httpMethod,
    headers: {},
    body: null,
    requestContext: { requestId: `request-${++requests}`, identity: { userArn: 'arn:aws:iam::1:role/client' } },
    ...more,
  }) as unknown as APIGatewayProxyEvent;
const post = async (world: World, body: unknown, headers: Record<string, string> = {}) => {
  const answer = await createHandler(world.ports)(request('POST', { headers, body: JSON.stringify(body) }), context);
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
};
const read = async (world: World, fileId: string) => {
  const answer = await createHandler(world.ports)(request('GET', { pathParameters: { fileId } }), context);
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
};
const payment = (n: number, amount: unknown = n) => ({
  eventId: `e-${n}`,
  eventType: 'payment',
  occurredAt: '2026-11-20T10:00:00Z',
  entities: { customer: 'c-1' },
  variables: { amount },
});
const payments = (count: number) => Array.from({ length: count }, (_, index) => payment(index + 1));
const settle = (world: World) => drain(world, async () => {});

test('a batch is accepted event by event, and read as a file', async () => {
  const world = createWorld();

  const { status, body } = await post(world, { events: [payment(1), payment(2, 'much'), payment(3)] });
  const before = await read(world, body.fileId);
  await settle(world);
  const after = await read(world, body.fileId);

  expect(status).toBe(202);
  expect(body).toMatchObject({ accepted: 2, rejected: 1, unavailable: 0 });
  expect(body.results).toEqual([
    { index: 0, status: 'accepted', eventId: 'e-1' },
    {
      index: 1,
      status: 'rejected',
      problems: [expect.objectContaining({ field: 'variables.amount', reason: 'wrong_type' })],
    },
    { index: 2, status: 'accepted', eventId: 'e-3' },
  ]);
  expect(before.body).toMatchObject({ status: 'settling', rows: 3, counts: { quarantined: 1 } });
  expect(FileViewSchema.safeParse(after.body).error).toBeUndefined();
  expect(after.body).toMatchObject({ status: 'complete', rows: 3, counts: { decided: 2, quarantined: 1 } });
});

test('500 events leave in chunks of 100', async () => {
  const world = createWorld();

  const { body } = await post(world, { eventType: 'payment', events: payments(500) });

  expect(body.accepted).toBe(500);
  expect(world.eventChunks.take().map(({ rows }) => rows.length)).toEqual([100, 100, 100, 100, 100]);
});

describe('a batch is refused', () => {
  test.each([
    { name: 'when no event is valid', body: { events: [payment(1, 'x')] }, status: 400, code: 'invalid_input' },
    { name: 'with 501 events', body: { events: payments(501) }, status: 400, code: 'invalid_input' },
    { name: 'with none', body: { events: [] }, status: 400, code: 'invalid_input' },
    { name: 'without a type', body: { events: [{ eventId: 'e-1' }] }, status: 400, code: 'invalid_input' },
    {
      name: 'of a type nobody knows',
      body: { eventType: 'login', events: [payment(1)] },
      status: 404,
      code: 'not_found',
    },
    {
      name: 'when every event holds a card number',
      body: { events: [{ ...payment(1), entities: { customer: '4111 1111 1111 1111' } }] },
      status: 422,
      code: 'card_number_refused',
    },
  ])('$name', async ({ body, status, code }) => {
    const world = createWorld();

    const answer = await post(world, body);

    expect(answer).toMatchObject({ status, body: { code } });
    expect(JSON.stringify(answer)).not.toContain('4111');
    expect(world.eventChunks.take()).toEqual([]);
  });

  test('and the fields at fault are named, not their values', async () => {
    const { body } = await post(createWorld(), { events: [payment(1, 'personal'), payment(2, 'personal')] });

    expect(body.fields.map(({ field }: { field: string }) => field)).toEqual([
      'events.0.variables.amount',
      'events.1.variables.amount',
    ]);
    expect(JSON.stringify(body)).not.toContain('personal');
  });
});

describe('with an idempotency key', () => {
  const headers = { 'Idempotency-Key': 'monday' };

  test('a repeat is the same file, and decides nothing twice', async () => {
    const world = createWorld();
    const first = await post(world, { events: payments(3) }, headers);
    await settle(world);

    const again = await post(world, { events: payments(3) }, headers);
    await settle(world);

    expect(again).toEqual(first);
    expect((await read(world, first.body.fileId)).body.counts).toMatchObject({ decided: 3, duplicate: 0 });
  });

  test('another batch is a conflict', async () => {
    const world = createWorld();
    await post(world, { events: payments(3) }, headers);

    expect(await post(world, { events: payments(4) }, headers)).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  test('a key that is no plain text is refused', async () => {
    const answer = await post(createWorld(), { events: payments(1) }, { 'Idempotency-Key': 'a b' });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });
});

test('events that the queue does not take are not accepted, and settle once the request is repeated', async () => {
  const world = createWorld({ eventType: paymentType() });
  let down = true;
  const eventChunks: World['ports']['eventChunks'] = {
    send: async (chunks) => {
      const taken = chunks.filter(({ sequence }) => !down || sequence !== 2);
      await world.eventChunks.send(taken);
      return new Set(down ? [2] : []);
    },
  };
  const failing = { ...world, ports: { ...world.ports, eventChunks } };
  const headers = { 'idempotency-key': 'k' };

  const { body } = await post(failing, { events: payments(150) }, headers);
  await settle(world);
  const before = await read(failing, body.fileId);
  down = false;
  const repeated = await post(failing, { events: payments(150) }, headers);
  await settle(world);

  expect(body).toMatchObject({ accepted: 100, unavailable: 50 });
  expect(body.results[149]).toEqual({ index: 149, status: 'unavailable', eventId: 'e-150' });
  expect(before.body).toMatchObject({ status: 'complete', counts: { decided: 100, dead: 50 } });
  expect(repeated.body).toMatchObject({ fileId: body.fileId, accepted: 150, unavailable: 0 });
  expect((await read(world, body.fileId)).body.counts).toMatchObject({ decided: 150, dead: 0 });
});

test('a queue that takes nothing is a 503', async () => {
  const world = createWorld();
  const eventChunks: World['ports']['eventChunks'] = { send: async (chunks) => new Set(chunks.map((c) => c.sequence)) };

  const answer = await post({ ...world, ports: { ...world.ports, eventChunks } }, { events: payments(3) });

  expect(answer).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
});

test.each([
  { fileId: 'f'.repeat(24), status: 404 },
  { fileId: '../secret', status: 400 },
])('no file with id $fileId: $status', async ({ fileId, status }) => {
  expect((await read(createWorld(), fileId)).status).toBe(status);
});
