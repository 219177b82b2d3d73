import { setImmediate } from 'node:timers/promises';

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { hmacTokeniser, SecretTokeniserSource } from '#adapters/secret-tokeniser.ts';
import { TokenSchema } from '#domain/event.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';

const secrets = mockClient(SecretsManagerClient);
const call = createAwsCaller({ random: () => 0, metrics: silentMetrics });
const source = () => new SecretTokeniserSource(new SecretsManagerClient({ region: 'eu-west-1' }), 'arn:secret', call);

beforeEach(() => {
  secrets.reset();
});

test('equal values of a domain give equal tokens, other domains, values, keys and versions give others', () => {
  const tokeniser = hmacTokeniser({ current: 1, keys: ['a key of some length'] });

  const token = tokeniser.token('person', 'c-1');

  expect(TokenSchema.safeParse(token).success).toBe(true);
  expect(tokeniser.token('person', 'c-1')).toBe(token);
  expect(tokeniser.token('terminal', 'c-1')).not.toBe(token);
  expect(tokeniser.token('person', 'c-2')).not.toBe(token);
  expect(hmacTokeniser({ current: 1, keys: ['another key of it'] }).token('person', 'c-1')).not.toBe(token);
  const second = hmacTokeniser({ current: 2, keys: ['another key of it', 'a key of some length'] });
  expect(second.token('person', 'c-1')).toBe(token.replace('t1_', 't2_'));
});

test('a token is the HMAC of its domain and value', () => {
  // printf 'assay/token\0person\0c-1' | openssl dgst -sha256 -hmac 'a key of some length' -binary | base64, first 24.
  expect(hmacTokeniser({ current: 1, keys: ['a key of some length'] }).token('person', 'c-1')).toBe(
    't1_s9bz1rjdnmaQTO9oPB5CR8pb',
  );
});

test('the key is read once, and the current version is in the token', async () => {
  secrets
    .on(GetSecretValueCommand)
    .resolves({ SecretString: '{"current":2,"k1":"an old key, long","k2":"the key of today"}' });
  const tokenisers = source();

  const [first] = await Promise.all([tokenisers.current(deadlineIn(1_000)), tokenisers.current(deadlineIn(1_000))]);

  expect(first?.token('person', 'x')).toBe(
    hmacTokeniser({ current: 2, keys: ['any', 'the key of today'] }).token('person', 'x'),
  );
  expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(1);
});

test('content has one fingerprint under whichever key tokens are made', () => {
  const keys = ['a key of some length', 'another key of it'];
  const [before, after] = [hmacTokeniser({ current: 1, keys }), hmacTokeniser({ current: 2, keys })];

  expect(after.fingerprint('content')).toBe(before.fingerprint('content'));
  expect(after.fingerprint('content')).toMatch(/^[0-9a-f]{64}$/);
  expect(after.fingerprint('contents')).not.toBe(before.fingerprint('content'));
  expect(hmacTokeniser({ current: 1, keys: ['a third key, long'] }).fingerprint('content')).not.toBe(
    before.fingerprint('content'),
  );
  expect(after.tokens('person', 'c-1')).toEqual([before.token('person', 'c-1'), after.token('person', 'c-1')]);
});

test('a key that is added is known within minutes, and nobody waits for that', async () => {
  secrets
    .on(GetSecretValueCommand)
    .resolvesOnce({ SecretString: '{"current":1,"k1":"the key of today"}' })
    .rejectsOnce(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
    .resolves({ SecretString: '{"current":2,"k1":"the key of today","k2":"the key of tomorrow"}' });
  const time = { nowMs: Date.parse('2026-03-01T00:00:00Z') };
  const tokenisers = new SecretTokeniserSource(new SecretsManagerClient({ region: 'eu-west-1' }), 'arn:secret', call, {
    nowMs: () => time.nowMs,
  });
  const prefixes: string[] = [];
  for (let look = 0; look < 4; look++) {
    const tokeniser = await tokenisers.current(deadlineIn(1_000));
    prefixes.push(tokeniser.token('person', 'x').slice(0, 3));
    await setImmediate();
    time.nowMs += 300_000;
  }

  expect(prefixes).toEqual(['t1_', 't1_', 't1_', 't2_']);
  expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(4);
});

test('a failed read is repeated by the next call', async () => {
  secrets
    .on(GetSecretValueCommand)
    .rejectsOnce(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
    .resolves({ SecretString: '{"current":1,"k1":"the key of today"}' });
  const tokenisers = source();

  await expect(tokenisers.current(deadlineIn(1_000))).rejects.toMatchObject({ code: 'store_unavailable' });

  await expect(tokenisers.current(deadlineIn(1_000))).resolves.toBeDefined();
});

test.each([
  '',
  'a password',
  '{"current":1}',
  '{"current":1,"k1":"short"}',
  '{"k1":"long enough, but current?"}',
  '{"current":2,"k1":"the key of today"}',
  '{"current":2,"k2":"the first key is lost"}',
  '{"current":1,"k1":"the key of today","k3":"the second is lost"}',
])('a secret of another form is refused without being quoted (%j)', async (SecretString) => {
  secrets.on(GetSecretValueCommand).resolves({ SecretString });

  const failure = await source()
    .current(deadlineIn(1_000))
    .catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: 'store_unavailable' });
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('a password');
});
