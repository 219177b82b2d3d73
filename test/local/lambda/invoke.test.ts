import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { servicePrincipal } from '#local/resources.ts';
import { isAlive, type LambdaRooms, openLambda, until } from './support.ts';

let lambda: LambdaRooms;

beforeAll(async () => {
  process.env.DEVELOPERS_OWN = 'secret';
  lambda = await openLambda({ concurrency: 4, patienceMs: 0, repeatWaitsMs: [10, 10] });
  await lambda.start();
});

afterAll(async () => {
  delete process.env.DEVELOPERS_OWN;
  await lambda.close();
  lambda.remove();
});

describe('a function that works', () => {
  test('gets its event and context, and is used again while warm', async () => {
    await lambda.define(
      'echo',
      `let calls = 0;
       exports.handler = async (event, context) => ({
         event, calls: ++calls, pid: process.pid, name: context.functionName, arn: context.invokedFunctionArn,
         memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis(), id: context.awsRequestId,
         trace: process.env._X_AMZN_TRACE_ID });`,
      { Timeout: 5, MemorySize: 256 },
    );

    const first = await lambda.invoke('echo', { a: [1, 'ü'] });
    const second = await lambda.invoke('arn:aws:lambda:eu-central-1:000000000000:function:echo');

    const payload = first.payload as Record<string, unknown>;
    expect(payload).toMatchObject({ event: { a: [1, 'ü'] }, calls: 1, name: 'echo', memory: '256' });
    expect(payload.arn).toBe('arn:aws:lambda:eu-central-1:000000000000:function:echo');
    expect(payload.left).toBeGreaterThan(4000);
    expect(payload.left).toBeLessThanOrEqual(5000);
    expect(payload.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(payload.trace).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/);
    expect(second.payload).toMatchObject({ calls: 2, pid: payload.pid, event: {} });
  });

  test('has the environment that Lambda sets, and nothing of the developer', async () => {
    await lambda.define('surroundings', 'exports.handler = async () => ({ ...process.env, cwd: process.cwd() });', {
      Environment: { Variables: { COLOUR: 'blue', NODE_OPTIONS: '--enable-source-maps' } },
    });

    const { payload } = await lambda.invoke('surroundings');

    const { AWS_SESSION_TOKEN: token, AWS_ACCESS_KEY_ID: key, ...rest } = payload as Record<string, string>;
    expect(rest).toMatchObject({
      COLOUR: 'blue',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'surroundings',
      AWS_ENDPOINT_URL: lambda.host.endpoint,
      LAMBDA_TASK_ROOT: rest.cwd,
      PATH: '/usr/local/bin:/usr/bin:/bin',
    });
    expect(key).toMatch(/^ASIA/);
    expect(token).toBeDefined();
    expect(rest.DEVELOPERS_OWN).toBeUndefined();
    expect(rest.HOME).toBeUndefined();
  });

  test('writes its lines between those of Lambda', async () => {
    await lambda.define(
      'talkative',
      `exports.handler = async () => { process.stdout.write('{"_aws":{}}\\n'); console.log('two', 'words'); };`,
    );

    await lambda.invoke('talkative');
    await lambda.invoke('talkative');

    await until(() => lambda.logOf('talkative').split('REPORT').length === 3);
    const lines = lambda.logOf('talkative').split('\n');
    expect(lines[0]).toMatch(/^START RequestId: [0-9a-f-]{36} Version: \$LATEST$/);
    expect(lines[1]).toBe('{"_aws":{}}');
    expect(lines[2]).toMatch(/^\d{4}-.+Z\t[0-9a-f-]{36}\tINFO\ttwo words$/);
    expect(lines[3]).toMatch(/^END RequestId: /);
    expect(lines[4]).toMatch(
      /\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms$/,
    );
    expect(lines[9]).toMatch(/MB$/);
    // A bare Node takes some 45 MB; what the process that started it holds is no part of it.
    const used = /Max Memory Used: (\d+) MB/.exec(lines[4] ?? '')?.[1];
    expect(Number(used)).toBeGreaterThan(20);
    expect(Number(used)).toBeLessThan(100);
  });
});

describe('a function that fails', () => {
  test('answers its own error, and goes on', async () => {
    await lambda.define(
      'thrower',
      `exports.handler = async (e) => { if (e.fail) throw new TypeError('no'); return 1; };`,
    );

    const failed = await lambda.invoke('thrower', { fail: true });
    const worked = await lambda.invoke('thrower');

    expect(failed).toMatchObject({ status: 200, functionError: 'Unhandled' });
    expect(failed.payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
    expect(worked.payload).toBe(1);
  });

  test('is killed when its time is over, in a busy loop too, and the next call gets a new process', async () => {
    await lambda.define(
      'slow',
      `exports.handler = async ({ spin }) => { if (spin) for (;;) {} return process.pid; };`,
      { Timeout: 1 },
    );
    const { payload: pid } = await lambda.invoke('slow');

    const late = await lambda.invoke('slow', { spin: true });
    const { payload: nextPid } = await lambda.invoke('slow');

    expect(late).toMatchObject({ status: 200, functionError: 'Unhandled' });
    expect(late.payload).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect((late.payload as { errorMessage: string }).errorMessage).toContain('Task timed out after 1.00 seconds');
    expect(isAlive(pid as number)).toBe(false);
    expect(nextPid).not.toBe(pid);
    expect(lambda.logOf('slow')).toContain('Task timed out after 1.00 seconds');
  });

  test('is told apart by how its process ended', async () => {
    await lambda.define(
      'crasher',
      `exports.handler = async ({ how }) => {
         if (how === 'exit') process.exit(3);
         if (how === 'quiet') process.exit(0);
         if (how === 'throw') { setTimeout(() => { throw new RangeError('late'); }, 5); await new Promise(() => {}); }
         if (how === 'reject') { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 500)); }
       };`,
    );

    expect((await lambda.invoke('crasher', { how: 'exit' })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
    expect((await lambda.invoke('crasher', { how: 'quiet' })).payload).toMatchObject({
      errorMessage: expect.stringContaining('without providing a reason'),
    });
    expect((await lambda.invoke('crasher', { how: 'throw' })).payload).toMatchObject({ errorType: 'RangeError' });
    expect((await lambda.invoke('crasher', { how: 'reject' })).payload).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
    });
  });

  test('is killed when it holds more memory than it has', async () => {
    await lambda.define(
      'hoarder',
      `exports.handler = async () => {
         const kept = [];
         for (let i = 0; i < 30; i += 1) { kept.push(Buffer.alloc(10e6, 1)); await new Promise((r) => setTimeout(r, 20)); }
         return kept.length;
       };`,
      { Timeout: 10 },
    );

    const answer = await lambda.invoke('hoarder');

    expect(answer.functionError).toBe('Unhandled');
    expect(answer.payload).toMatchObject({ errorType: 'Runtime.OutOfMemory' });
  });

  test.each([
    ['a module that throws', `throw new SyntaxError('broken');`, 'SyntaxError'],
    ['no such export', 'exports.other = 1;', 'Runtime.HandlerNotFound'],
    ['a handler with a callback', 'exports.handler = (a, b, c) => {};', 'Runtime.CallbackHandlerDeprecated'],
    ['a process that ends while it starts', 'process.exit(7);', 'Runtime.ExitError'],
  ])('says so when it cannot start: %s', async (_, code, errorType) => {
    const name = `bad-${errorType.replace('.', '-')}`;
    await lambda.define(name, code);

    const answer = await lambda.invoke(name);

    expect(answer).toMatchObject({ status: 200, functionError: 'Unhandled', payload: { errorType } });
  });

  test('is refused an answer above 6 MB', async () => {
    await lambda.define('large', `exports.handler = async () => 'x'.repeat(6 * 1024 * 1024);`);

    const answer = await lambda.invoke('large');

    expect(answer.payload).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });
});

describe('who may invoke', () => {
  const api = (method: string) =>
    servicePrincipal(
      'apigateway.amazonaws.com',
      `arn:aws:execute-api:eu-central-1:000000000000:a1/v1/${method}/x`,
      '000000000000',
    );

  test('a service that a permission names, from the source that it names, and no other', async () => {
    const FunctionName = await lambda.define('guarded', 'exports.handler = async () => 1;');
    await lambda.deploy('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:eu-central-1:000000000000:a1/*/GET/x',
    });

    const granted = await lambda.invoke('guarded', {}, { as: api('GET') });
    const otherSource = await lambda.invoke('guarded', {}, { as: api('POST') });
    const otherService = await lambda.invoke('guarded', {}, { as: { ...api('GET'), arn: 'events.amazonaws.com' } });

    expect(granted).toMatchObject({ status: 200, payload: 1 });
    expect(otherSource).toMatchObject({ status: 403, errorType: 'AccessDeniedException' });
    expect(JSON.stringify(otherSource.payload)).toContain('Allow lambda:InvokeFunction on');
    expect(otherService.status).toBe(403);
  });

  test('a function that is not there is not found', async () => {
    expect(await lambda.invoke('nobody')).toMatchObject({ status: 404, errorType: 'ResourceNotFoundException' });
  });
});

describe('how many run at once', () => {
  const sleeper = `exports.handler = async ({ ms = 300 }) => { await new Promise((r) => setTimeout(r, ms)); return process.pid; };`;

  test('as many processes as calls, up to the limit, and then a throttle', async () => {
    await lambda.define('sleeper', sleeper);

    const answers = await Promise.all(Array.from({ length: 5 }, () => lambda.invoke('sleeper')));

    const worked = answers.filter(({ status }) => status === 200);
    expect(new Set(worked.map(({ payload }) => payload)).size).toBe(4);
    expect(answers.filter(({ status }) => status === 429)).toMatchObject([{ errorType: 'TooManyRequestsException' }]);
  });

  test('no more than are reserved', async () => {
    await lambda.define('reserved', sleeper, { ReservedConcurrentExecutions: 1 });

    const answers = await Promise.all([lambda.invoke('reserved'), lambda.invoke('reserved')]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429]);
  });
});

describe('an asynchronous invocation', () => {
  test('is taken at once, and repeated twice when it fails', async () => {
    await lambda.define(
      'flaky',
      `exports.handler = async (event) => { console.log('got ' + event.x); throw new Error('x'); };`,
    );

    const answer = await lambda.invoke('flaky', { x: 7 }, { type: 'Event' });

    expect(answer).toMatchObject({ status: 202, payload: undefined });
    await until(() => lambda.notices.some((line) => line.includes('flaky') && line.includes('3 attempts')));
    expect(lambda.logOf('flaky').match(/got 7/g)).toHaveLength(3);
  });

  test('is repeated as its configuration says', async () => {
    const FunctionName = await lambda.define('once', `exports.handler = async () => { throw new Error('x'); };`);
    await lambda.deploy('AWS::Lambda::EventInvokeConfig', {
      FunctionName,
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
    });

    await lambda.invoke('once', {}, { type: 'Event' });

    await until(() => lambda.notices.some((line) => line.includes('once') && line.includes('1 attempts')));
  });
});
