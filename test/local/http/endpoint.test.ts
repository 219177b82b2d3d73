import { randomUUID } from 'node:crypto';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Cloud, startCore } from '#local/core.ts';
import { openCredentials } from '#local/credentials/credentials.ts';
import { readClaim, verifySignature } from '#local/http/signature.ts';
import { temporaryFolder, writeAssembly } from '../support/assembly.ts';
import { NodeSha256 } from '../support/signing.ts';

const folder = temporaryFolder();
let cloud: Cloud;

beforeAll(async () => {
  const assembly = writeAssembly(`${folder.path}/assembly`, {
    app: {
      template: {
        Resources: { Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'one', SecretString: 'x' } } },
      },
    },
  });
  cloud = await startCore({ assembly, directory: `${folder.path}/data` }, () => []);
});

afterAll(async () => {
  await cloud.stop();
  folder.remove();
});

const sdk = () => ({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials });
const read = (client: SecretsManagerClient) => client.send(new GetSecretValueCommand({ SecretId: 'one' }));

describe('a client of the SDK', () => {
  test('is answered when its signature is right', async () => {
    expect(await read(new SecretsManagerClient(sdk()))).toMatchObject({ Name: 'one', SecretString: 'x' });
  });

  test.each([
    ['another secret', { secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
    ['a key that nobody has', { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }, 'UnrecognizedClientException'],
    ['a token that does not belong to the key', { sessionToken: 'made-up' }, 'UnrecognizedClientException'],
  ])('is refused with %s', async (_, change, name) => {
    const client = new SecretsManagerClient({ ...sdk(), credentials: { ...cloud.credentials, ...change } });

    await expect(read(client)).rejects.toMatchObject({ name });
  });

  test('is refused in another region', async () => {
    const client = new SecretsManagerClient({ ...sdk(), region: 'eu-south-2' });

    await expect(read(client)).rejects.toThrow("scoped to a valid region: 'us-east-1'");
  });

  test('is refused when its clock is more than a quarter of an hour wrong', async () => {
    const client = new SecretsManagerClient({ ...sdk(), systemClockOffset: 16 * 60_000, maxAttempts: 1 });

    await expect(read(client)).rejects.toThrow('Signature not current');
  });

  test('gets errors in the shape of each protocol', async () => {
    await expect(new KMSClient(sdk()).send(new DescribeKeyCommand({ KeyId: 'none' }))).rejects.toMatchObject({
      name: 'NotFoundException',
      message: "Key 'none' does not exist",
    });
    await expect(
      new CloudFormationClient(sdk()).send(new DescribeStacksCommand({ StackName: 'none' })),
    ).rejects.toMatchObject({ name: 'ValidationError', message: 'Stack with id none does not exist' });
  });
});

describe('a request by hand', () => {
  const target = 'secretsmanager.GetSecretValue';
  const body = JSON.stringify({ SecretId: 'one' });

  const signed = async (change: { service?: string; unsigned?: Set<string> } = {}) => {
    const url = new URL(cloud.endpoint);
    const signer = new SignatureV4({
      credentials: cloud.credentials,
      region: cloud.region,
      service: change.service ?? 'secretsmanager',
      sha256: NodeSha256,
    });
    const request = {
      method: 'POST',
      protocol: 'http:',
      hostname: url.hostname,
      port: Number(url.port),
      path: '/',
      query: {},
      headers: { host: url.host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body,
    };
    return (await signer.sign(request, change.unsigned ? { unsignableHeaders: change.unsigned } : {})).headers;
  };

  const post = async (headers: Record<string, string>, sent = body) => {
    const response = await fetch(cloud.endpoint, { method: 'POST', headers, body: sent });
    return { status: response.status, answer: await response.text() };
  };

  test('passes as it was signed', async () => {
    expect((await post(await signed())).status).toBe(200);
  });

  test('is refused when its body was changed', async () => {
    const { status, answer } = await post(await signed(), body.replace('one', 'two'));

    expect(status).toBe(400);
    expect(answer).toContain('InvalidSignatureException');
  });

  test('is refused when a header was changed', async () => {
    const { answer } = await post({ ...(await signed()), 'x-amz-target': 'secretsmanager.DescribeSecret' });

    expect(answer).toContain('InvalidSignatureException');
  });

  test('is refused when a header of AWS is not signed', async () => {
    const { answer } = await post(await signed({ unsigned: new Set(['x-amz-target']) }));

    expect(answer).toContain('not signed: x-amz-target');
  });

  test('is refused without a signature, and with half of one', async () => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };

    expect((await post(headers)).answer).toContain('MissingAuthenticationTokenException');
    expect((await post({ ...headers, authorization: 'AWS4-HMAC-SHA256 Credential=x' })).answer).toContain(
      'IncompleteSignatureException',
    );
  });

  test('for a service that is not here is told so', async () => {
    const { status, answer } = await post(await signed({ service: 'sns' }));

    expect(status).toBe(501);
    expect(answer).toContain("the service 'sns' is not part of the embedded cloud");
  });

  test('to STS says who is calling', async () => {
    const url = new URL(cloud.endpoint);
    const signer = new SignatureV4({
      credentials: cloud.credentials,
      region: cloud.region,
      service: 'sts',
      sha256: NodeSha256,
    });
    const request = await signer.sign({
      method: 'POST',
      protocol: 'http:',
      hostname: url.hostname,
      port: Number(url.port),
      path: '/',
      query: {},
      headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });

    const response = await fetch(cloud.endpoint, { method: 'POST', headers: request.headers, body: request.body });

    expect(await response.text()).toContain('<Arn>arn:aws:iam::000000000000:user/developer</Arn>');
  });
});

describe('a presigned address', () => {
  const store = openCredentials(folder.path, '111122223333');
  const credentials = store.developer;
  const signingDate = new Date('2026-11-22T06:00:00Z');
  const later = (seconds: number) => signingDate.getTime() + seconds * 1000;

  const presigned = async (path: string, expiresIn: number) => {
    const signer = new SignatureV4({
      credentials,
      region: 'us-east-1',
      service: 's3',
      sha256: NodeSha256,
      uriEscapePath: false,
      applyChecksum: false,
    });
    const { query = {} } = await signer.presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: '127.0.0.1',
        path,
        query: { 'x-id': 'GetObject' },
        headers: { host: '127.0.0.1', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      { expiresIn, signingDate, unhoistableHeaders: new Set(), unsignableHeaders: new Set(['x-amz-content-sha256']) },
    );
    return new URLSearchParams(query as Record<string, string>).toString();
  };

  const verify = (path: string, rawQuery: string, nowMs: number) => {
    const request = { method: 'GET', path, rawQuery, headers: { host: '127.0.0.1' } };
    return () =>
      verifySignature(request, readClaim(request), store.find(credentials.accessKeyId), {
        payloadHash: 'UNSIGNED-PAYLOAD',
        nowMs,
        region: 'us-east-1',
      });
  };

  test('opens its object until it expires', async () => {
    const query = await presigned('/inbox/events/a%20b%2Bc.csv', 60);

    expect(verify('/inbox/events/a%20b%2Bc.csv', query, later(59))).not.toThrow();
    expect(verify('/inbox/events/a%20b%2Bc.csv', query, later(61))).toThrow('Request has expired');
  });

  test('opens no other object, and lives no longer than it was signed for', async () => {
    const query = await presigned('/inbox/one', 60);

    expect(verify('/inbox/two', query, later(1))).toThrow('does not match');
    expect(verify('/inbox/one', query.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'), later(1))).toThrow(
      'does not match',
    );
  });
});

test('keys of the developer are kept with the directory, those of roles are new each time', () => {
  const directory = temporaryFolder();
  const first = openCredentials(directory.path, '111122223333');
  const roleArn = `arn:aws:iam::111122223333:role/${randomUUID()}`;
  const session = first.issue(roleArn);

  const second = openCredentials(directory.path, '111122223333');

  expect(second.developer).toEqual(first.developer);
  expect(first.find(session.credentials.accessKeyId)?.principal.arn).toBe(roleArn);
  expect(second.find(session.credentials.accessKeyId)).toBeUndefined();
  directory.remove();
});
