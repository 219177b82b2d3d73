import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { SageMakerMembers } from '#adapters/sagemaker-members.ts';
import { MemberSchema } from '#domain/catalog/detector.ts';
import type { RemoteMember } from '#ports/remote-members.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';

type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void;

const says =
  (body: string, contentType = 'text/csv', status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': contentType }).end(body);
  };
const fault =
  (status: number, name: string, body: object = {}): Answer =>
  (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name })
      .end(JSON.stringify(body));
  };

let server: Server;
let client: SageMakerRuntimeClient;
/** What the endpoint does, request by request; the last goes on. */
let answers: Answer[] = [];
let seen: { readonly url: string; readonly body: string; readonly contentType: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push({ url: request.url ?? '', body, contentType: request.headers['content-type'] ?? '' });
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      answer(response, request, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new SageMakerRuntimeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  answers = [says('0.25')];
  seen = [];
});

const clock = { nowMs: () => Date.now() };
const members = (nowMs = clock.nowMs) =>
  new SageMakerMembers({
    sageMaker: client,
    endpoints: ['fraud-xgb'],
    call: createAwsCaller({ random: () => 0, metrics: silentMetrics }),
    clock: { nowMs },
    metrics: silentMetrics,
  });
const member = (overrides: object = {}): RemoteMember =>
  MemberSchema.parse({
    name: 'remote',
    kind: 'sagemaker',
    endpoint: 'fraud-xgb',
    inputs: ['amount', 'first_order', 'country', 'email'],
    timeoutMs: 1_000,
    ...overrides,
  }) as RemoteMember;
const row = [12.5, true, 'DE, "west"', undefined];

describe('the request', () => {
  test('is one CSV line in the order of the inputs', async () => {
    expect(await members().ask(member(), row, deadlineIn(2_000))).toEqual({ probability: 0.25 });

    expect(seen).toEqual([
      { url: '/endpoints/fraud-xgb/invocations', body: '12.5,1,"DE, ""west""",', contentType: 'text/csv' },
    ]);
  });

  test('is one JSON row when the member says so, and the probability is where it says', async () => {
    answers = [says('{"predictions":[{"score":0.75}]}', 'application/json; charset=utf-8')];
    const json = member({ request: 'json', answerPath: 'predictions.0.score' });

    expect(await members().ask(json, row, deadlineIn(2_000))).toEqual({ probability: 0.75 });

    expect(JSON.parse(seen[0]!.body)).toEqual({ instances: [{ features: [12.5, 1, 'DE, "west"', null] }] });
  });
});

describe('an answer that is none', () => {
  test.each([
    { what: 'HTML', answer: says('<html>0.5</html>', 'text/html') },
    { what: 'HTML that claims to be CSV', answer: says('<html>0.5</html>') },
    { what: 'NaN', answer: says('nan') },
    { what: 'infinity', answer: says('inf') },
    { what: 'out of range', answer: says('1.0001') },
    { what: 'negative', answer: says('-0.1') },
    { what: 'empty', answer: says('') },
    { what: 'two rows', answer: says('0.1\n0.2') },
    { what: 'two columns', answer: says('0.1,0.9') },
    { what: 'hexadecimal', answer: says('0x0') },
    { what: 'far too long', answer: says(`${' '.repeat(70_000)}0.5`) },
  ])('is refused: $what', async ({ answer }) => {
    answers = [answer];

    expect(await members().ask(member(), row, deadlineIn(2_000))).toEqual({ failed: 'bad_answer' });
    expect(seen).toHaveLength(1);
  });

  test.each([
    { what: 'nothing at the path', body: '{"predictions":[]}' },
    { what: 'text at the path', body: '{"predictions":[{"score":"0.5"}]}' },
    { what: 'null at the path', body: '{"predictions":[{"score":null}]}' },
    { what: 'cut short', body: '{"predictions":[{"sco' },
    { what: 'an inherited name', body: '{}' },
  ])('is refused in JSON: $what', async ({ body }) => {
    answers = [says(body, 'application/json')];
    const path = body === '{}' ? 'constructor.length' : 'predictions.0.score';

    expect(await members().ask(member({ answerPath: path }), row, deadlineIn(2_000))).toEqual({ failed: 'bad_answer' });
  });

  test.each([
    ['0', 0],
    ['1', 1],
    ['1e-05\n', 0.00001],
    [' .5 ', 0.5],
  ])('but %j is a probability', async (body, probability) => {
    answers = [says(body)];

    expect(await members().ask(member(), row, deadlineIn(2_000))).toEqual({ probability });
  });
});

describe('failures', () => {
  test.each([
    { what: 'a server fault', first: fault(500, 'InternalFailure') },
    { what: 'a throttle', first: fault(429, 'ThrottlingException') },
    { what: 'a fault inside the container', first: fault(424, 'ModelError', { OriginalStatusCode: 503 }) },
  ])('$what is tried again', async ({ first }) => {
    answers = [first, says('0.5')];

    expect(await members().ask(member(), row, deadlineIn(2_000))).toEqual({ probability: 0.5 });
  });

  test.each([
    { what: 'throttles', answer: fault(429, 'ThrottlingException'), why: 'throttled', calls: 3 },
    { what: 'server faults', answer: fault(503, 'ServiceUnavailable'), why: 'unavailable', calls: 3 },
    {
      what: 'calls of an endpoint that is not there',
      answer: fault(400, 'ValidationError'),
      why: 'unavailable',
      calls: 1,
    },
    { what: 'refusals of access', answer: fault(403, 'AccessDeniedException'), why: 'unavailable', calls: 1 },
    {
      what: 'rows it cannot read',
      answer: fault(424, 'ModelError', { OriginalStatusCode: 400 }),
      why: 'unavailable',
      calls: 1,
    },
  ])('$what end as $why after so many calls: $calls', async ({ answer, why, calls }) => {
    answers = [answer];

    expect(await members().ask(member(), row, deadlineIn(5_000))).toEqual({ failed: why });
    expect(seen).toHaveLength(calls);
  });

  test('an endpoint that the stage does not name is not called', async () => {
    expect(await members().ask(member({ endpoint: 'another' }), row, deadlineIn(2_000))).toEqual({
      failed: 'unavailable',
    });
    expect(seen).toEqual([]);
  });
});

describe('time', () => {
  const hangs: Answer = () => {};
  const drips: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    const timer = setInterval(() => response.write('0'), 20);
    response.on('close', () => clearInterval(timer));
  };

  test.each([
    { what: 'hangs', answer: hangs, timeoutMs: 120, budgetMs: 2_000, within: 120 },
    { what: 'drips', answer: drips, timeoutMs: 120, budgetMs: 2_000, within: 120 },
    { what: 'hangs longer than the caller waits', answer: hangs, timeoutMs: 5_000, budgetMs: 120, within: 120 },
  ])('is kept when the endpoint $what', async ({ answer, timeoutMs, budgetMs, within }) => {
    answers = [answer];
    const startedAt = performance.now();

    const said = await members().ask(member({ timeoutMs }), row, deadlineIn(budgetMs));

    expect(said).toEqual({ failed: 'timeout' });
    expect(performance.now() - startedAt).toBeLessThan(within + 80);
  });

  test('with less than 20 ms left nothing is started', async () => {
    expect(await members().ask(member(), row, deadlineIn(15))).toEqual({ failed: 'out_of_time' });
    expect(seen).toEqual([]);
  });
});

describe('the breaker', () => {
  test('opens after five failures, lets one probe through after its rest, and closes on success', async () => {
    let nowMs = 1_000_000;
    const asked = members(() => nowMs);
    const ask = () => asked.ask(member(), row, deadlineIn(2_000));
    answers = [says('garbage')];
    for (let call = 0; call < 5; call += 1) expect(await ask()).toEqual({ failed: 'bad_answer' });

    expect(await ask()).toEqual({ failed: 'breaker_open' });
    expect(seen).toHaveLength(5);
    nowMs += 5_000;
    const [probe, beside] = await Promise.all([ask(), ask()]);
    expect([probe, beside]).toEqual([{ failed: 'bad_answer' }, { failed: 'breaker_open' }]);
    expect(await ask()).toEqual({ failed: 'breaker_open' });

    nowMs += 5_000;
    answers = [says('0.5')];
    expect(await ask()).toEqual({ probability: 0.5 });
    expect(await ask()).toEqual({ probability: 0.5 });
  });

  test('does not open because callers are in a hurry', async () => {
    const asked = members();
    answers = [() => {}];
    for (let call = 0; call < 6; call += 1) await asked.ask(member(), row, deadlineIn(25));

    answers = [says('0.5')];
    expect(await asked.ask(member(), row, deadlineIn(2_000))).toEqual({ probability: 0.5 });
  });
});
