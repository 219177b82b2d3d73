import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { createS3 } from '#local/s3/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let developer: S3Client;
let versionId: string | undefined;
let keyArn = '';
const clients: S3Client[] = [];
const [Bucket, Key] = ['guarded', 'a/key'];
const ON_OBJECT = 'arn:aws:s3:::guarded/a/*';
const ON_BUCKET = 'arn:aws:s3:::guarded';

beforeAll(async () => {
  rooms = await openRooms((host) => [createS3(host)]);
  developer = new S3Client(rooms.client);
  const key = await rooms.deploy('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: {
        Effect: 'Allow',
        Action: 'kms:*',
        Principal: { AWS: 'arn:aws:iam::000000000000:root' },
        Resource: '*',
      },
    },
  });
  keyArn = key.attributes.Arn ?? '';
  await rooms.deploy('AWS::S3::Bucket', { BucketName: Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  await rooms.deploy('AWS::S3::Bucket', {
    BucketName: 'sealed',
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } },
      ],
    },
  });
  versionId = (await developer.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))).VersionId;
});
afterAll(async () => {
  developer.destroy();
  for (const client of clients) client.destroy();
  await rooms.close();
  rooms.remove();
  expect(rooms.failures).toEqual([]);
});

let made = 0;
const roleWith = (...statements: { Action: string | string[]; Resource: string }[]): S3Client => {
  const allowed = statements.map((statement) => ({ Effect: 'Allow', ...statement }));
  const client = new S3Client(rooms.clientOf(`role-${made++}`, allowed));
  clients.push(client);
  return client;
};
type SourceData = string | ArrayBuffer | ArrayBufferView;
const bytesOf = (data: SourceData): Buffer => {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
};

/** SHA-256 as the signer wants it: keyed if there is a secret. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: SourceData): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const DENIED = { name: 'AccessDenied' };

test.each([
  ['s3:GetObject', ON_OBJECT, () => new GetObjectCommand({ Bucket, Key })],
  ['s3:GetObject', ON_OBJECT, () => new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-0' })],
  ['s3:GetObjectVersion', ON_OBJECT, () => new GetObjectCommand({ Bucket, Key, VersionId: versionId })],
  ['s3:PutObject', ON_OBJECT, () => new PutObjectCommand({ Bucket, Key: 'a/new', Body: 'x' })],
  ['s3:PutObject', ON_OBJECT, () => new CreateMultipartUploadCommand({ Bucket, Key })],
  ['s3:DeleteObject', ON_OBJECT, () => new DeleteObjectCommand({ Bucket, Key: 'a/none' })],
  ['s3:DeleteObjectVersion', ON_OBJECT, () => new DeleteObjectCommand({ Bucket, Key, VersionId: 'none' })],
  ['s3:GetObjectTagging', ON_OBJECT, () => new GetObjectTaggingCommand({ Bucket, Key })],
  [
    's3:PutObjectTagging',
    ON_OBJECT,
    () => new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
  ],
  ['s3:ListBucket', ON_BUCKET, () => new ListObjectsV2Command({ Bucket })],
  ['s3:ListBucketVersions', ON_BUCKET, () => new ListObjectVersionsCommand({ Bucket })],
  ['s3:ListAllMyBuckets', '*', () => new ListBucketsCommand({})],
])('%s on %s is what the call needs, and nothing else will do', async (action, resource, command) => {
  const others = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'].filter(
    (other) => other !== action,
  );
  const denied = roleWith({ Action: others, Resource: '*' }, { Action: action, Resource: 'arn:aws:s3:::other/*' });
  const send = (client: S3Client) => client.send(command() as GetObjectCommand);

  await expect(send(denied)).rejects.toMatchObject({ ...DENIED, message: expect.stringContaining(action) });
  await send(roleWith({ Action: action, Resource: resource }));
});

test('only those who may list a bucket learn that a key is not there', async () => {
  const missing = new GetObjectCommand({ Bucket, Key: 'a/none' });

  await expect(roleWith({ Action: 's3:GetObject', Resource: ON_OBJECT }).send(missing)).rejects.toMatchObject({
    ...DENIED,
    message: expect.stringContaining('s3:ListBucket'),
  });
  await expect(
    roleWith({ Action: 's3:GetObject', Resource: ON_OBJECT }, { Action: 's3:ListBucket', Resource: ON_BUCKET }).send(
      missing,
    ),
  ).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('writing tags or over a known version needs more than writing', async () => {
  const writer = roleWith({ Action: 's3:PutObject', Resource: ON_OBJECT });

  await expect(
    writer.send(new PutObjectCommand({ Bucket, Key: 'a/t', Body: 'x', Tagging: 'a=b' })),
  ).rejects.toMatchObject(DENIED);
  await expect(
    writer.send(new PutObjectCommand({ Bucket, Key: 'a/t', Body: 'x', IfMatch: '"etag"' })),
  ).rejects.toMatchObject(DENIED);
  await expect(writer.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: 'x' }))).rejects.toMatchObject(
    DENIED,
  );
  await expect(
    writer.send(new CopyObjectCommand({ Bucket, Key: 'a/copy', CopySource: `${Bucket}/${Key}` })),
  ).rejects.toMatchObject(DENIED);
});

test('of many deletions, those that are not permitted fail by themselves', async () => {
  const client = roleWith({ Action: 's3:DeleteObject', Resource: ON_OBJECT });

  const answer = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a/1' }, { Key: 'b/1' }] } }),
  );

  expect(answer.Deleted?.map(({ Key: key }) => key)).toEqual(['a/1']);
  expect(answer.Errors).toMatchObject([{ Key: 'b/1', Code: 'AccessDenied' }]);
});

describe('a bucket under a key', () => {
  const s3All = { Action: 's3:*', Resource: '*' };
  const withKey = (...actions: string[]) => ({ Action: actions, Resource: keyArn });

  test('needs the key for writing and for reading', async () => {
    const write = new PutObjectCommand({ Bucket: 'sealed', Key, Body: 'x' });
    const read = new GetObjectCommand({ Bucket: 'sealed', Key });

    await expect(roleWith(s3All).send(write)).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringContaining('kms:GenerateDataKey'),
    });
    const written = await roleWith(s3All, withKey('kms:GenerateDataKey')).send(write);
    expect(written).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn });
    await expect(roleWith(s3All, withKey('kms:GenerateDataKey')).send(read)).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringContaining('kms:Decrypt'),
    });
    await roleWith(s3All, withKey('kms:Decrypt')).send(read);
  });

  test('needs both for uploads in parts, and tags are no digest of the content', async () => {
    const begin = new CreateMultipartUploadCommand({ Bucket: 'sealed', Key });

    await expect(roleWith(s3All, withKey('kms:GenerateDataKey')).send(begin)).rejects.toMatchObject(DENIED);
    await roleWith(s3All, withKey('kms:GenerateDataKey', 'kms:Decrypt')).send(begin);
    const { ETag } = await developer.send(new HeadObjectCommand({ Bucket: 'sealed', Key }));
    expect(ETag).not.toContain(createHash('md5').update('x').digest('hex'));
  });
});

test('the policy of a bucket can refuse what a role allows, and loopback counts as a secure transport', async () => {
  await rooms.deploy('AWS::S3::Bucket', { BucketName: 'closed' });
  const deny = (Action: string, Condition: object) => ({
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action,
    Resource: 'arn:aws:s3:::closed/*',
    Condition,
  });
  await rooms.deploy('AWS::S3::BucketPolicy', {
    Bucket: 'closed',
    PolicyDocument: {
      Statement: [
        deny('s3:*', { Bool: { 'aws:SecureTransport': 'false' } }),
        deny('s3:*', { NumericLessThan: { 's3:TlsVersion': 1.2 } }),
        deny('s3:PutObject', { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } }),
      ],
    },
  });
  const client = roleWith({ Action: 's3:*', Resource: '*' });
  const put = (more = {}) => client.send(new PutObjectCommand({ Bucket: 'closed', Key: 'k', Body: 'x', ...more }));

  await expect(put()).rejects.toMatchObject(DENIED);
  await put({ ServerSideEncryption: 'AES256' });
});

const signer = () =>
  new SignatureV4({
    service: 's3',
    region: rooms.client.region,
    credentials: rooms.client.credentials,
    sha256: Sha256,
    uriEscapePath: false,
  });
const unsigned = (method: string, path: string) => {
  const { host, hostname, port } = new URL(rooms.client.endpoint);
  return { method, protocol: 'http:', hostname, port: Number(port), path, headers: { host } };
};

test('a presigned address serves anyone who has it, for what it was signed for', async () => {
  const path = `/${Bucket}/a/presigned%20%C3%BC`;
  const presigned = async (method: string, query: Record<string, string>): Promise<string> => {
    const request = unsigned(method, path);
    // The signer takes it over into the address, as it does with all headers of S3.
    const headers = { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const signed = await signer().presign({ ...request, query, headers }, { expiresIn: 60 });
    return `${rooms.client.endpoint}${path}?${new URLSearchParams(signed.query as Record<string, string>)}`;
  };
  const write = await presigned('PUT', { 'x-amz-meta-from': 'till' });
  const read = await presigned('GET', { 'response-content-type': 'text/x' });

  expect((await fetch(write, { method: 'PUT', body: 'hello' })).status).toBe(200);
  const answer = await fetch(read);

  expect(await answer.text()).toBe('hello');
  expect(answer.headers.get('content-type')).toBe('text/x');
  expect(answer.headers.get('x-amz-meta-from')).toBe('till');
  expect((await fetch(read, { method: 'DELETE' })).status).toBe(403);
  expect((await fetch(read.replace('presigned%20', 'other%20'))).status).toBe(403);
});

describe('bodies', () => {
  const send = async (key: string, body: string, stated: Record<string, string>, sent = body): Promise<Response> => {
    const path = `/${Bucket}/a/${key}`;
    const request = unsigned('PUT', path);
    const { headers } = await signer().sign({ ...request, headers: { ...request.headers, ...stated }, body });
    return fetch(`${rooms.client.endpoint}${path}`, { method: 'PUT', headers, body: sent });
  };
  const chunked = (kind: string, length: number) => ({
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': kind,
    'x-amz-decoded-content-length': String(length),
  });
  const content = async (key: string) =>
    (await developer.send(new GetObjectCommand({ Bucket, Key: `a/${key}` }))).Body?.transformToString();

  test('a signature covers the hash of the body, and the body is held against it', async () => {
    const answer = await send('tampered', 'what was signed', {}, 'what was sent..');

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
  });

  test('signed chunks are taken apart', async () => {
    const signature = `;chunk-signature=${'0'.repeat(64)}`;
    const body = `5${signature}\r\nhello\r\n4${signature}\r\n\r\n:)\r\n0${signature}\r\n\r\n`;

    expect((await send('signed', body, chunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 9))).status).toBe(200);
    expect(await content('signed')).toBe('hello\r\n:)');
  });

  // CRC-32 of `hello`, as zlib has it: 0x3610a686.
  const trailer = (value: string) => `x-amz-checksum-crc32:${value}\r\n\r\n`;
  const withTrailer = { ...chunked('STREAMING-UNSIGNED-PAYLOAD-TRAILER', 5), 'x-amz-trailer': 'x-amz-checksum-crc32' };
  test.each([
    [`5\r\nhello\r\n0\r\n${trailer('NhCmhg==')}`, undefined],
    [`5\r\nhello\r\n0\r\n${trailer('AAAAAA==')}`, 'BadDigest'],
    ['5\r\nhello\r\n0\r\n\r\n', 'IncompleteBody'],
    ['5\r\nhel', 'IncompleteBody'],
    [`4\r\nhell\r\n0\r\n${trailer('NhCmhg==')}`, 'IncompleteBody'],
    [`4\r\nhello\r\n0\r\n${trailer('NhCmhg==')}`, 'InvalidRequest'],
    [`x\r\nhello\r\n0\r\n${trailer('NhCmhg==')}`, 'InvalidRequest'],
  ])('the chunks %j with a trailing checksum end in %s', async (body, code) => {
    const answer = await send('trailed', body, withTrailer);

    expect(/<Code>(\w+)/.exec(await answer.text())?.[1]).toBe(code);
    if (code === undefined) expect(await content('trailed')).toBe('hello');
  });

  test.each([
    ['XUFAKrxLKna5cZ2REBfFkg==', undefined],
    ['AAAAAAAAAAAAAAAAAAAAAA==', 'BadDigest'],
    ['short', 'InvalidDigest'],
  ])('the MD5 %s of hello ends in %s', async (md5, code) => {
    const answer = await send('digested', 'hello', { 'content-md5': md5 });

    expect(/<Code>(\w+)/.exec(await answer.text())?.[1]).toBe(code);
  });
});
