import { expect, test } from '@jest/globals';

import { type CallOptions, createAwsCaller } from '#adapters/aws-call.ts';
import type { CountMetric } from '#ports/telemetry.ts';
import { deadlineIn } from '#runtime/deadline.ts';

const failure = (name: string, status: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });

/** A service that fails so many times in the given ways, then answers. */
const service = (...failures: unknown[]) => {
  const calls = { count: 0 };
  const send = async (): Promise<string> => {
    const next = failures[calls.count++];
    if (next) throw next;
    return 'answer';
  };
  return { calls, send };
};

const caller = (counted: CountMetric[] = []) =>
  createAwsCaller({ random: () => 0, metrics: { count: (name) => counted.push(name), duration: () => {} } });

const options = (changes: Partial<CallOptions> = {}): CallOptions => ({
  deadline: deadlineIn(1_000),
  what: 'the table',
  ...changes,
});

test.each([
  { what: 'a throttle', error: failure('ThrottlingException', 400) },
  { what: "a throttle of a queue's key", error: failure('KmsThrottled', 400) },
  { what: 'a fault of the service', error: failure('Whatever', 503) },
  { what: 'a broken connection', error: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) },
])('$what is tried again', async ({ error }) => {
  const counted: CountMetric[] = [];
  const { calls, send } = service(error, error);

  await expect(caller(counted)(send, options())).resolves.toBe('answer');

  expect(calls.count).toBe(3);
  expect(counted).toEqual(['AwsRetries', 'AwsRetries']);
});

test.each(['KmsAccessDenied', 'KmsDisabled', 'KMS.DisabledException', 'AccessDeniedException'])(
  '%s closes the service to everybody, and is not tried again',
  async (name) => {
    const { calls, send } = service(failure(name, 400));

    await expect(caller()(send, options())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(calls.count).toBe(1);
  },
);

test('what does not pass ends as store_unavailable, with the cause kept', async () => {
  const error = failure('InternalServerError', 500);
  const { calls, send } = service(error, error, error, error);

  await expect(caller()(send, options())).rejects.toMatchObject({ code: 'store_unavailable', cause: error });

  expect(calls.count).toBe(3);
});

test('what the service says about the request is thrown on at once', async () => {
  const error = failure('ConditionalCheckFailedException', 400);
  const { calls, send } = service(error);

  await expect(caller()(send, options())).rejects.toBe(error);

  expect(calls.count).toBe(1);
});

test('refused access is store_unavailable and not tried again', async () => {
  const { calls, send } = service(failure('AccessDeniedException', 400));

  await expect(caller()(send, options())).rejects.toMatchObject({ code: 'store_unavailable' });

  expect(calls.count).toBe(1);
});

test('a failure that the caller says passes is tried again, and stays its own after the last try', async () => {
  const error = failure('TransactionCanceledException', 400);
  const retryable = (candidate: unknown) => candidate === error;

  await expect(caller()(service(error).send, options({ retryable }))).resolves.toBe('answer');
  await expect(caller()(service(error, error, error).send, options({ retryable }))).rejects.toBe(error);
});

test('nothing is started with less than 20 ms left', async () => {
  const { calls, send } = service();

  await expect(caller()(send, options({ deadline: deadlineIn(15) }))).rejects.toMatchObject({
    code: 'store_unavailable',
  });

  expect(calls.count).toBe(0);
});

test('a try that hangs is aborted after its own time and tried again', async () => {
  let tries = 0;
  const send = ({ abortSignal }: { abortSignal: AbortSignal }): Promise<string> =>
    ++tries === 2
      ? Promise.resolve('answer')
      : new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));

  await expect(caller()(send, options({ tryMs: 20 }))).resolves.toBe('answer');
});

test('retries stay within a tenth of the calls once the burst is spent', async () => {
  const counted: CountMetric[] = [];
  const call = caller(counted);
  const down = failure('InternalServerError', 500);
  const alwaysDown = async () => {
    throw down;
  };

  for (let index = 0; index < 200; index++) await call(alwaysDown, options()).catch(() => {});

  // 10 at once, and 200 × 0.1 earned; what is earned while the bucket is full is lost, at most one of them.
  const retries = counted.filter((name) => name === 'AwsRetries').length;
  expect(retries).toBeGreaterThanOrEqual(28);
  expect(retries).toBeLessThanOrEqual(30);
  expect(counted).toContain('AwsRetriesForbidden');
});

test.each([
  { what: 'a missing grant', error: failure('AccessDeniedException', 400), counts: true },
  { what: 'a closed bucket', error: failure('AccessDenied', 403), counts: true },
  { what: 'a disabled key', error: failure('KMSDisabledException', 400), counts: true },
  { what: 'a throttled key', error: failure('KmsThrottled', 400), counts: false },
  { what: 'a failed condition', error: failure('ConditionalCheckFailedException', 400), counts: false },
  { what: 'a fault of the service', error: failure('InternalServerError', 500), counts: false },
])('$what counts as refused by a policy: $counts', async ({ error, counts }) => {
  const counted: CountMetric[] = [];
  const { send } = service(error, error, error);

  await expect(caller(counted)(send, options())).rejects.toThrow();

  expect(counted.includes('AccessDenied')).toBe(counts);
});
