import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Cloud, startCore } from '#local/core.ts';
import type { Credentials, Host } from '#local/resources.ts';
import { apiTemplate } from '../support/api-template.ts';
import { temporaryFolder, writeAssembly } from '../support/assembly.ts';
import { type Answer, recordingFunctions } from '../support/recording-rooms.ts';
import { NodeSha256 } from '../support/signing.ts';

const run = promisify(execFile);
const testWithCurl = spawnSync('curl', ['--version']).status === 0 ? test : test.skip;
const folder = temporaryFolder();
const notices: string[] = [];
const echo: Answer = ({ payload }) => ({ statusCode: 200, body: JSON.stringify(payload) });
let answer = echo;
let cloud: Cloud;
let host: Host;

beforeAll(async () => {
  cloud = await startCore(
    {
      assembly: writeAssembly(`${folder.path}/assembly`, { app: { template: apiTemplate } }),
      directory: `${folder.path}/data`,
      log: (line) => notices.push(line),
    },
    (given) => {
      host = given;
      return [recordingFunctions(given, (invocation) => answer(invocation))];
    },
  );
});

afterAll(async () => {
  await cloud.stop();
  folder.remove();
});

interface Sent {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly credentials?: Credentials;
  readonly service?: string;
}

/** Calls the API below its stage, signed as the SDK signs. */
const call = async (path: string, { method = 'GET', body, headers = {}, credentials, service }: Sent = {}) => {
  const url = new URL(`${cloud.apis[0]?.urls[0]}${path}`);
  const signer = new SignatureV4({
    credentials: credentials ?? cloud.credentials,
    region: cloud.region,
    service: service ?? 'execute-api',
    sha256: NodeSha256,
  });
  const signed = await signer.sign({
    method,
    protocol: 'http:',
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return readAnswer(await fetch(url, { method, headers: signed.headers, ...(body === undefined ? {} : { body }) }));
};

const readAnswer = async (response: Response) => {
  const text = await response.text();
  const { headers, status } = response;
  // biome-ignore lint/suspicious/noExplicitAny: the answers of these tests are read member by member.
  const json: any = text.startsWith('{') ? JSON.parse(text) : undefined;
  return { status, headers, text, json };
};

const withAnswer = async <Value>(other: Answer, work: () => Promise<Value>): Promise<Value> => {
  answer = other;
  try {
    return await work();
  } finally {
    answer = echo;
  }
};

const json = { 'content-type': 'application/json' };

describe('a request', () => {
  test('reaches its function with path, parameters, query, headers and caller', async () => {
    const { status, json: event } = await call('/v1/decisions/card/ev%201?detector=a&x=%C3%BC', {
      headers: { 'x-budget': '250' },
    });

    expect(status).toBe(200);
    expect(event).toMatchObject({
      resource: '/v1/decisions/{eventType}/{eventId}',
      path: '/v1/decisions/card/ev 1',
      httpMethod: 'GET',
      pathParameters: { eventType: 'card', eventId: 'ev 1' },
      queryStringParameters: { detector: 'a', x: 'ü' },
      multiValueQueryStringParameters: { detector: ['a'], x: ['ü'] },
      headers: { 'x-budget': '250' },
      body: null,
      isBase64Encoded: false,
      stageVariables: null,
      requestContext: {
        stage: 'prod',
        path: '/prod/v1/decisions/card/ev%201',
        resourcePath: '/v1/decisions/{eventType}/{eventId}',
        httpMethod: 'GET',
        accountId: '000000000000',
        identity: { userArn: 'arn:aws:iam::000000000000:user/developer', sourceIp: '127.0.0.1' },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });

  test('keeps its proof of identity from the function', async () => {
    const { json: event } = await call('/v1/files/a');

    expect(Object.keys(event.headers).map((name) => name.toLowerCase())).not.toContain('authorization');
  });

  test.each([
    ['/v1/decisions/card/latest', '/v1/decisions/{eventType}/latest', { eventType: 'card' }],
    ['/v1/files/a/b%20c', '/v1/files/{proxy+}', { proxy: 'a/b c' }],
    ['/v1/files/a/', '/v1/files/{proxy+}', { proxy: 'a' }],
  ])('for %s goes to %s', async (path, resource, pathParameters) => {
    expect((await call(path)).json).toMatchObject({ resource, pathParameters });
  });

  test('with bytes of a type that the API lists as binary arrives in base64', async () => {
    const body = Buffer.from([0xff, 0x00, 0x10]);

    const { json: event } = await call('/v1/files/a', {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/octet-stream' },
    });

    expect(event).toMatchObject({ isBase64Encoded: true, body: body.toString('base64') });
  });

  testWithCurl('signed by curl is accepted, and refused with another secret', async () => {
    const { accessKeyId, secretAccessKey } = cloud.credentials;
    const curl = async (secret: string) => {
      const signature = ['--aws-sigv4', `aws:amz:${cloud.region}:execute-api`, '--user', `${accessKeyId}:${secret}`];
      const body = ['-H', 'content-type: application/json', '-d', '{"eventId":"1"}'];
      const url = `${cloud.apis[0]?.urls[0]}/v1/decisions`;
      const { stdout } = await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', ...signature, ...body, url]);
      return stdout;
    };

    expect(await curl(secretAccessKey)).toBe('200');
    expect(await curl('wrong')).toBe('403');
  });
});

describe('an answer', () => {
  test('has the status, headers and body that the function gave', async () => {
    const created: Answer = () => ({
      statusCode: 201,
      headers: { 'X-One': '1' },
      multiValueHeaders: { 'x-two': ['a', 'b'] },
      body: 'done',
    });

    const { status, headers, text } = await withAnswer(created, () => call('/v1/files/a'));

    expect(status).toBe(201);
    expect(headers.get('x-one')).toBe('1');
    expect(headers.get('x-two')).toBe('a, b');
    expect(text).toBe('done');
  });

  test.each([
    ['the function throws', () => new Error('lost')],
    ['there is no status', () => ({ body: 'x' })],
    ['the body is not text', () => ({ statusCode: 200, body: { a: 1 } })],
    ['it is not an object', () => 'text'],
  ])('is a 502 as problem+json when %s', async (_, broken: Answer) => {
    const { status, headers, json: problem } = await withAnswer(broken, () => call('/v1/files/a'));

    expect(status).toBe(502);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ title: 'Internal server error', code: 'DEFAULT_5XX' });
  });

  test('is a 504 when the function takes longer than the method waits', async () => {
    const late: Answer = () => new Promise((resolve) => setTimeout(() => resolve({ statusCode: 200 }), 400));

    const { status, json: problem } = await withAnswer(late, () => call('/v1/slow'));

    expect(status).toBe(504);
    expect(problem.code).toBe('INTEGRATION_TIMEOUT');
  });

  test('is a 500 when the API may not invoke the function, and the notice says what is missing', async () => {
    const { status, json: problem } = await call('/v1/forbidden');

    expect(status).toBe(500);
    expect(problem.code).toBe('API_CONFIGURATION_ERROR');
    expect(notices.join()).toContain('Allow lambda:InvokeFunction on');
  });
});

describe('a caller', () => {
  test('without a signature is refused, except where none is asked for', async () => {
    const base = cloud.apis[0]?.urls[0];

    const refused = await readAnswer(await fetch(`${base}/v1/files/a`));
    const open = await readAnswer(await fetch(`${base}/v1/open`));

    expect(refused.status).toBe(403);
    expect(refused.json).toMatchObject({ title: 'Missing Authentication Token', code: 'MISSING_AUTHENTICATION_TOKEN' });
    expect(open.json.requestContext.identity.userArn).toBeNull();
  });

  test.each([
    ['a wrong secret', { credentials: { accessKeyId: '', secretAccessKey: 'wrong' } }],
    ['a signature for another service', { service: 's3' }],
  ])('with %s is refused', async (_, change: Sent) => {
    const credentials = change.credentials && { ...cloud.credentials, secretAccessKey: 'wrong' };

    const { status, json: problem } = await call('/v1/files/a', { ...change, ...(credentials ? { credentials } : {}) });

    expect(status).toBe(403);
    expect(problem.code).toBe('INVALID_SIGNATURE');
  });

  test('may call the methods that its role names, and no others', async () => {
    const { credentials } = host.assumeRole(cloud.outputs.app?.Caller ?? '', 'lambda.amazonaws.com');

    const allowed = await call('/v1/files/a', { credentials });
    const refused = await call('/v1/files/a', { method: 'DELETE', credentials });

    expect(allowed.status).toBe(200);
    expect(refused.status).toBe(403);
    expect(refused.json.code).toBe('ACCESS_DENIED');
    expect(refused.json.title).toMatch(
      /Allow execute-api:Invoke on arn:aws:execute-api:.+\/prod\/DELETE\/v1\/files\/a$/,
    );
  });

  test.each([
    ['/v2/nothing', 'MISSING_AUTHENTICATION_TOKEN'],
    ['/v1/decisions/card', 'MISSING_AUTHENTICATION_TOKEN'],
  ])('of %s, which does not exist, is told %s', async (path, code) => {
    expect((await call(path)).json.code).toBe(code);
  });

  test('of a stage that does not exist is refused', async () => {
    const other = await fetch(new URL('/test/v1/open', cloud.apis[0]?.urls[0]));

    expect(other.status).toBe(403);
  });
});

describe('a body', () => {
  const post = (body: string, headers: Record<string, string> = json) =>
    call('/v1/decisions', { method: 'POST', body, headers });

  test.each(['{"eventId":"1"}', '{"eventId":"1","amount":0.1}'])('%s passes', async (body) => {
    expect((await post(body)).status).toBe(200);
  });

  test.each([
    ['{}', 'object has missing required properties'],
    ['{"eventId":"1","amount":0}', '/amount must be > 0'],
    ['{"eventId":4111111111111111}', '/eventId must be string'],
    ['{"eventId":"1","cvv":"123"}', 'not allowed by the schema'],
    ['not json', 'the body is not JSON'],
    ['[]', 'body must be object'],
  ])('%s is refused, and the answer does not repeat its values', async (body, message) => {
    const { status, text } = await post(body);

    expect(status).toBe(400);
    expect(text).toContain('"code":"BAD_REQUEST_BODY"');
    expect(text).toContain(message.replaceAll('"', '\\"'));
    expect(text).not.toContain('4111111111111111');
    expect(text).not.toContain('123"');
  });

  test('of more than 10 MB is refused', async () => {
    const { status, json: problem } = await post('x'.repeat(10 * 1024 * 1024 + 1));

    expect(status).toBe(413);
    expect(problem.code).toBe('REQUEST_TOO_LARGE');
  });
});

test('a parameter that must be there and is not is named', async () => {
  const { status, json: problem } = await call('/v1/decisions/card/1');

  expect(status).toBe(400);
  expect(problem).toMatchObject({
    code: 'BAD_REQUEST_PARAMETERS',
    title: 'Missing required request parameters: [detector]',
  });
});

test('a method takes no more than its limit, and others are not held back by it', async () => {
  const statuses: number[] = [];
  for (let at = 0; at < 3; at++) statuses.push((await call('/v1/decisions/throttled/latest')).status);

  // The table of routes above has used one of the two.
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(1);
  expect(statuses.at(-1)).toBe(429);
  expect((await call('/v1/files/a')).status).toBe(200);
});

test('the output that names the API on AWS names it on this machine', () => {
  expect(cloud.outputs.app?.Url).toBe(`${cloud.apis[0]?.urls[0]}/`);
});

test('every request leaves a line in the access log, refused ones with their reason', async () => {
  await call('/v1/files/logged');
  await call('/v2/logged');
  await cloud.stop();

  const lines = readFileSync(`${folder.path}/data/logs/access.log`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

  expect(lines).toContainEqual({
    path: '/v1/files/{proxy+}',
    status: '200',
    who: 'arn:aws:iam::000000000000:user/developer',
    error: '-',
  });
  expect(lines.at(-1)).toMatchObject({ status: '403', error: 'MISSING_AUTHENTICATION_TOKEN' });
});
