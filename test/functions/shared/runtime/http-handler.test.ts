import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import { ok } from '#runtime/http-answer.ts';
import { type HttpRequest, httpHandler } from '#runtime/http-handler.ts';

const CARD = '4111111111111111';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 5_000 } as Context;

const post = (body: unknown, overrides: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent =>
  ({
    httpMethod: 'POST',
    resource: '/v1/things',
    headers: { 'Content-Type': 'application/json' },
    multiValueHeaders: {},
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    queryStringParameters: null,
    pathParameters: null,
    requestContext: { requestId: 'request-1', identity: { userArn: 'arn:aws:iam::1:role/caller' } },
    ...overrides,
  }) as unknown as APIGatewayProxyEvent;

const Body = z.strictObject({ name: z.string(), amount: z.number().optional() });

const handlerThat = (handle: (input: z.infer<typeof Body>, request: HttpRequest) => Promise<unknown>) =>
  httpHandler({ name: 'test', body: Body, maxBodyBytes: 1_000 }, async (input, request) =>
    ok(await handle(input, request)),
  );

const echo = handlerThat(async (input) => input);

test('a request is answered with the JSON of its handler and its request id', async () => {
  const result = await echo(post({ name: 'a' }), context);

  expect(result.statusCode).toBe(200);
  expect(JSON.parse(result.body)).toEqual({ name: 'a' });
  expect(result.headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': 'request-1' });
});

test('a body in base64 is decoded', async () => {
  const body = Buffer.from('{"name":"ü"}').toString('base64');

  const result = await echo(post(body, { isBase64Encoded: true }), context);

  expect(JSON.parse(result.body)).toEqual({ name: 'ü' });
});

test('the handler learns who calls, what was asked for and how long it may take', async () => {
  let seen: HttpRequest | undefined;
  const handler = handlerThat(async (_, request) => {
    seen = request;
  });

  await handler(
    post(
      { name: 'a' },
      {
        headers: { 'content-type': 'application/json', 'X-Correlation-Id': 'chain-7', 'X-Budget-Ms': '100' },
        queryStringParameters: { limit: '5' },
        pathParameters: { id: 'x' },
      },
    ),
    context,
  );

  expect(seen?.principal).toEqual({ kind: 'service', id: 'arn:aws:iam::1:role/caller' });
  expect(seen?.correlationId).toBe('chain-7');
  expect(seen?.headers['x-budget-ms']).toBe('100');
  expect(seen?.query).toEqual({ limit: '5' });
  expect(seen?.pathParameters).toEqual({ id: 'x' });
  expect(seen?.deadline.remainingMs()).toBeLessThanOrEqual(4_400);
  expect(seen?.deadline.remainingMs()).toBeGreaterThan(4_000);
});

test('a card number is no correlation id: logs would carry it', async () => {
  let seen: HttpRequest | undefined;
  const handler = handlerThat(async (_, request) => {
    seen = request;
  });
  const headers = { 'content-type': 'application/json', 'x-correlation-id': '4111-1111-1111-1111' };

  await handler(post({ name: 'a' }, { headers }), context);

  expect(seen?.correlationId).toBe('request-1');
});

describe('what cannot be used is refused by name', () => {
  const nested = `{"name":${'['.repeat(40)}${']'.repeat(40)}}`;
  test.each([
    { what: 'text that is not JSON', event: post('{"name": tr'), status: 400, code: 'invalid_input' },
    { what: 'no body', event: post('', { body: null }), status: 400, code: 'invalid_input' },
    { what: 'a body nested too deeply', event: post(nested), status: 400, code: 'invalid_input' },
    { what: 'a large body', event: post({ name: 'x'.repeat(2_000) }), status: 413, code: 'too_large' },
    {
      what: 'a body large in bytes, not in characters',
      event: post({ name: 'ü'.repeat(600) }),
      status: 413,
      code: 'too_large',
    },
    {
      what: 'another content type',
      event: post('name=a', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      status: 415,
      code: 'unsupported_format',
    },
    {
      what: 'a compressed body',
      event: post('{}', { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }),
      status: 415,
      code: 'unsupported_format',
    },
    {
      what: 'bytes that are not UTF-8',
      event: post(Buffer.from([0x22, 0xff, 0x22]).toString('base64'), { isBase64Encoded: true }),
      status: 415,
      code: 'unsupported_format',
    },
  ])('$what', async ({ event, status, code }) => {
    const result = await echo(event, context);

    expect(result.statusCode).toBe(status);
    expect(result.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(result.body)).toMatchObject({ status, code, requestId: 'request-1' });
  });
});

test('fields at fault are named without their values', async () => {
  const result = await echo(post({ name: 7, amount: CARD, [CARD]: 1 }), context);

  const { code, fields } = JSON.parse(result.body);
  expect(code).toBe('invalid_input');
  expect(fields.map(({ field }: { field: string }) => field)).toEqual(['name', 'amount', '']);
  expect(result.body).not.toContain(CARD);
});

test('a named failure keeps its code, message and fields', async () => {
  const handler = handlerThat(async () => {
    throw new ServiceError('conflict', 'the event is on record with other content', {
      fields: [{ field: 'eventId', problem: 'use another id' }],
    });
  });

  const result = await handler(post({ name: 'a' }), context);

  expect(result.statusCode).toBe(409);
  expect(JSON.parse(result.body)).toMatchObject({
    code: 'conflict',
    detail: 'the event is on record with other content',
    fields: [{ field: 'eventId', problem: 'use another id' }],
  });
});

test('an unexpected failure says nothing of its inside, and is counted and logged', async () => {
  const counted: string[] = [];
  const logged: unknown[] = [];
  const quiet = () => {};
  const handler = httpHandler(
    {
      name: 'test',
      body: Body,
      metrics: { count: (name) => counted.push(name), duration: quiet, flush: quiet },
      loggers: (ids) => ({
        debug: quiet,
        info: quiet,
        warn: quiet,
        error: (message, error) => logged.push({ ...ids, message, error }),
      }),
    },
    async () => {
      throw new TypeError(`cannot read ${CARD}`);
    },
  );

  const result = await handler(post({ name: 'a' }), context);

  expect(result.statusCode).toBe(500);
  expect(result.body).not.toMatch(/cannot read|TypeError|\.ts:/);
  expect(counted).toEqual(['Faults']);
  expect(logged).toEqual([
    expect.objectContaining({ requestId: 'request-1', correlationId: 'request-1', message: 'request failed' }),
  ]);
});

test('a handler that does not come to an end is answered before Lambda kills it, and told to stop', async () => {
  let signal: AbortSignal | undefined;
  const handler = handlerThat((_, { deadline }) => {
    signal = deadline.signal;
    return new Promise(() => {});
  });

  const result = await handler(post({ name: 'a' }), { ...context, getRemainingTimeInMillis: () => 520 } as Context);

  expect(result.statusCode).toBe(504);
  expect(JSON.parse(result.body).code).toBe('deadline_exceeded');
  expect(signal?.aborted).toBe(true);
});

test('a handler without a body schema does not look at the body', async () => {
  const handler = httpHandler({ name: 'test' }, async (input) => ok({ input: input ?? null }));

  const result = await handler(post('not json', { httpMethod: 'GET' }), context);

  expect(JSON.parse(result.body)).toEqual({ input: null });
});
