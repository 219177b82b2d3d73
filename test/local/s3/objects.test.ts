import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createS3, type S3 } from '#local/s3/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let room: S3;
let s3: S3Client;
let nowMs = Date.parse('2026-11-22T10:00:00Z');

beforeAll(async () => {
  rooms = await openRooms(
    (host) => {
      room = createS3(host, () => nowMs);
      return [room];
    },
    {
      assets: {
        'cdk-assets/catalog.json': {
          path: join(import.meta.dirname, 'objects.test.ts'),
          packaging: 'file',
          hash: 'abc',
        },
      },
    },
  );
  s3 = new S3Client(rooms.client);
});
afterAll(async () => {
  s3.destroy();
  await rooms.close();
  rooms.remove();
  expect(rooms.failures).toEqual([]);
});

let made = 0;
const bucket = async (properties: Record<string, unknown> = {}): Promise<string> =>
  (await rooms.deploy('AWS::S3::Bucket', properties, `Bucket${made++}`)).physicalId;
const versioned = () => bucket({ VersioningConfiguration: { Status: 'Enabled' } });
const put = (Bucket: string, Key: string, Body: PutObjectCommandInput['Body'] = 'x', more = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Bucket: string, Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
const text = async (Bucket: string, Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  (await get(Bucket, Key, more)).Body?.transformToString();
const remove = (Bucket: string, Key: string, VersionId?: string) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const md5 = (content: string) => createHash('md5').update(content).digest('hex');
const filesOnDisk = () =>
  readdirSync(join(rooms.directory, 's3', 'objects'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;

test('an object comes back with its bytes, type, metadata, tag and checksum', async () => {
  const Bucket = await bucket();
  const sent = await put(Bucket, 'a/b c+ü&.txt', 'héllo', {
    ContentType: 'text/csv',
    CacheControl: 'no-store',
    Metadata: { source: 'till-7' },
  });

  const object = await get(Bucket, 'a/b c+ü&.txt');

  expect(await object.Body?.transformToString()).toBe('héllo');
  expect(object).toMatchObject({
    ContentType: 'text/csv',
    CacheControl: 'no-store',
    ContentLength: 6,
    Metadata: { source: 'till-7' },
    ETag: `"${md5('héllo')}"`,
    ServerSideEncryption: 'AES256',
    LastModified: new Date(nowMs),
  });
  expect(sent.ETag).toBe(object.ETag);
  // CRC-32 of the same bytes by Python's zlib, big-endian, base64.
  expect([sent.ChecksumCRC32, object.ChecksumCRC32]).toEqual(['njuCNg==', 'njuCNg==']);
});

test.each([
  ['CRC32', 'y/Q5Jg=='],
  ['CRC32C', '4waSgw=='],
  ['CRC64NVME', 'rosUhgp5mIg='],
  ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
  ['SHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
] as const)('the published check value of %s over 123456789 is taken, another is refused', async (name, value) => {
  const Bucket = await bucket();

  await put(Bucket, 'good', '123456789', { [`Checksum${name}`]: value });
  await expect(put(Bucket, 'bad', '123456780', { [`Checksum${name}`]: value })).rejects.toMatchObject({
    name: 'BadDigest',
  });
  await expect(text(Bucket, 'bad')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('a stream goes in and comes out whole: chunks, trailing checksum and all', async () => {
  const Bucket = await bucket();
  const part = Buffer.alloc(300_001, 'abc');
  const parts = Array.from({ length: 20 }, () => part);
  const before = filesOnDisk();

  await put(Bucket, 'big', Readable.from(parts, { objectMode: false }), { ContentLength: part.length * 20 });

  const bytes = await (await get(Bucket, 'big')).Body?.transformToByteArray();
  expect(Buffer.compare(Buffer.from(bytes ?? []), Buffer.concat(parts))).toBe(0);
  expect(filesOnDisk()).toBe(before + 1);
});

test('an empty object is an object', async () => {
  const Bucket = await bucket();
  await put(Bucket, 'empty', new Uint8Array());

  expect(await text(Bucket, 'empty')).toBe('');
});

test.each([
  ['bytes=0-1', 'ab', 'bytes 0-1/5'],
  ['bytes=3-', 'de', 'bytes 3-4/5'],
  ['bytes=-2', 'de', 'bytes 3-4/5'],
  ['bytes=2-99', 'cde', 'bytes 2-4/5'],
  ['lines=1-2', 'abcde', undefined],
])('the range %s is %s', async (Range, content, ContentRange) => {
  const Bucket = await bucket();
  await put(Bucket, 'key', 'abcde');

  const part = await get(Bucket, 'key', { Range });

  expect(await part.Body?.transformToString()).toBe(content);
  expect(part.ContentRange).toBe(ContentRange);
});

test('a range behind the end is refused', async () => {
  const Bucket = await bucket();
  await put(Bucket, 'key', 'abcde');

  await expect(get(Bucket, 'key', { Range: 'bytes=5-' })).rejects.toMatchObject({ name: 'InvalidRange' });
});

describe('conditions', () => {
  test('a read says that nothing has changed, or that something has', async () => {
    const Bucket = await bucket();
    const { ETag } = await put(Bucket, 'key', 'one');
    const status = async (more: Partial<GetObjectCommandInput>) =>
      get(Bucket, 'key', more).then(
        ({ $metadata }) => $metadata.httpStatusCode,
        (error) => error.$metadata.httpStatusCode,
      );

    expect(await status({ IfMatch: ETag })).toBe(200);
    expect(await status({ IfMatch: '"other"' })).toBe(412);
    expect(await status({ IfNoneMatch: ETag })).toBe(304);
    expect(await status({ IfNoneMatch: '"other"' })).toBe(200);
    expect(await status({ IfModifiedSince: new Date(nowMs) })).toBe(304);
    expect(await status({ IfModifiedSince: new Date(nowMs - 1000) })).toBe(200);
    expect(await status({ IfUnmodifiedSince: new Date(nowMs - 1000) })).toBe(412);
  });

  test('of many writers of a key that must not exist, one succeeds', async () => {
    const Bucket = await versioned();
    const writes = Array.from({ length: 8 }, (_, n) => put(Bucket, 'once', `writer ${n}`, { IfNoneMatch: '*' }));

    const results = await Promise.allSettled(writes);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = results.find((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({ name: 'PreconditionFailed' });
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toHaveLength(1);
  });

  test('a write over a known version fails once another has come', async () => {
    const Bucket = await bucket();
    const { ETag } = await put(Bucket, 'key', 'one');

    await put(Bucket, 'key', 'two', { IfMatch: ETag });
    await expect(put(Bucket, 'key', 'three', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put(Bucket, 'none', 'x', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await text(Bucket, 'key')).toBe('two');
  });

  test('a deleted object may be written anew', async () => {
    const Bucket = await versioned();
    await put(Bucket, 'key', 'one');
    await remove(Bucket, 'key');

    await put(Bucket, 'key', 'two', { IfNoneMatch: '*' });
    expect(await text(Bucket, 'key')).toBe('two');
  });
});

describe('versions', () => {
  test('every version stays readable; a deletion is a marker that can be taken away again', async () => {
    const Bucket = await versioned();
    const first = await put(Bucket, 'key', 'one');
    const second = await put(Bucket, 'key', 'two');
    const deletion = await remove(Bucket, 'key');

    expect(deletion).toMatchObject({ DeleteMarker: true });
    await expect(get(Bucket, 'key')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await text(Bucket, 'key', { VersionId: first.VersionId })).toBe('one');
    await expect(get(Bucket, 'key', { VersionId: deletion.VersionId })).rejects.toMatchObject({
      name: 'MethodNotAllowed',
    });
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second.VersionId, false],
      [first.VersionId, false],
    ]);
    expect(listed.DeleteMarkers?.map(({ IsLatest }) => IsLatest)).toEqual([true]);

    await remove(Bucket, 'key', deletion.VersionId);
    expect(await text(Bucket, 'key')).toBe('two');
    await remove(Bucket, 'key', second.VersionId);
    expect(await text(Bucket, 'key')).toBe('one');
    await expect(get(Bucket, 'key', { VersionId: second.VersionId })).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  test('a bucket without versions keeps the last write alone, and its file', async () => {
    const Bucket = await bucket();
    const before = filesOnDisk();
    for (const content of ['one', 'two', 'three']) await put(Bucket, 'key', content);

    expect(filesOnDisk()).toBe(before + 1);
    await remove(Bucket, 'key');
    await remove(Bucket, 'key');
    expect(filesOnDisk()).toBe(before);
  });

  test('once suspended, new writes share one version and the old ones stay', async () => {
    const name = `suspended-${made}`;
    const Bucket = await bucket({ BucketName: name, VersioningConfiguration: { Status: 'Enabled' } });
    const old = await put(Bucket, 'key', 'kept');
    await bucket({ BucketName: name, VersioningConfiguration: { Status: 'Suspended' } });
    await put(Bucket, 'key', 'one');
    await put(Bucket, 'key', 'two');

    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['null', old.VersionId]);
    expect(await text(Bucket, 'key')).toBe('two');
  });
});

test('tags come and go without touching the object', async () => {
  const Bucket = await versioned();
  await put(Bucket, 'key', 'body', { Tagging: 'a=1&b=2' });
  const tags = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'key' }))).TagSet;
  expect(await tags()).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);

  await s3.send(
    new PutObjectTaggingCommand({ Bucket, Key: 'key', Tagging: { TagSet: [{ Key: '<c>', Value: '"&ü' }] } }),
  );

  expect(await tags()).toEqual([{ Key: '<c>', Value: '"&ü' }]);
  const object = await get(Bucket, 'key');
  expect(await object.Body?.transformToString()).toBe('body');
  expect(object.TagCount).toBe(1);
  expect((await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toHaveLength(1);
});

describe('copies', () => {
  test('carry bytes, metadata and tags, of one version if so asked', async () => {
    const Bucket = await versioned();
    const first = await put(Bucket, 'from ü', 'one', { Metadata: { a: 'b' }, Tagging: 't=1', ContentType: 'text/csv' });
    await put(Bucket, 'from ü', 'two');
    const source = `${Bucket}/${encodeURIComponent('from ü')}?versionId=${first.VersionId}`;

    await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: source }));

    const copy = await get(Bucket, 'to');
    expect(await copy.Body?.transformToString()).toBe('one');
    expect(copy).toMatchObject({ Metadata: { a: 'b' }, ContentType: 'text/csv', TagCount: 1 });
  });

  test('onto itself must change something', async () => {
    const Bucket = await versioned();
    await put(Bucket, 'key', 'one', { Metadata: { a: 'b' } });
    const copy = (more = {}) =>
      s3.send(new CopyObjectCommand({ Bucket, Key: 'key', CopySource: `${Bucket}/key`, ...more }));

    await expect(copy()).rejects.toMatchObject({ name: 'InvalidRequest' });
    await copy({ MetadataDirective: 'REPLACE', Metadata: { c: 'd' } });
    expect((await get(Bucket, 'key')).Metadata).toEqual({ c: 'd' });
  });
});

describe('lists', () => {
  const keys = ['a/1', 'a/2', 'a/3', 'b', 'b/1', 'c', 'ü', '🙂', '\uffee'];

  test.each([1, 2, 3, 100])('pages of %i show every key once, in the order of their bytes', async (MaxKeys) => {
    const Bucket = await bucket();
    for (const key of keys) await put(Bucket, key);

    const found: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys, ContinuationToken: token }));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
      token = page.NextContinuationToken;
    } while (token);

    // U+FFEE comes before U+1F642 in UTF-8, though not in UTF-16.
    expect(found).toEqual(['a/1', 'a/2', 'a/3', 'b', 'b/1', 'c', 'ü', '\uffee', '🙂']);
  });

  test.each([1, 2, 100])('with a delimiter, pages of %i fold common prefixes', async (MaxKeys) => {
    const Bucket = await versioned();
    for (const key of [...keys, 'a/4/deep']) await put(Bucket, key);
    await remove(Bucket, 'c');

    const found: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, MaxKeys, Delimiter: '/', ContinuationToken: token }),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
      token = page.NextContinuationToken;
    } while (token);

    expect(found.sort()).toEqual(['a/', 'b', 'b/', 'ü', '\uffee', '🙂'].sort());
    const within = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/', Delimiter: '/' }));
    expect(within.Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2', 'a/3']);
    expect(within.CommonPrefixes).toEqual([{ Prefix: 'a/4/' }]);
  });

  test('pages of versions go on in the middle of a key', async () => {
    const Bucket = await versioned();
    for (const key of ['a', 'a', 'a', 'b']) await put(Bucket, key);

    const found: (string | undefined)[] = [];
    let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (marker) {
      const page: Awaited<ReturnType<typeof listPage>> = await listPage(Bucket, marker);
      found.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`));
      marker = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }

    expect(new Set(found).size).toBe(4);
    expect(found).toHaveLength(4);
  });
  const listPage = (Bucket: string, marker: object) =>
    s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...marker }));

  test('keys start behind the one named, and buckets are listed', async () => {
    const Bucket = await bucket();
    for (const key of keys) await put(Bucket, key);

    const page = await s3.send(new ListObjectsV2Command({ Bucket, StartAfter: 'c', EncodingType: 'url' }));
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['%C3%BC', '%EF%BF%AE', '%F0%9F%99%82']);
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toContain(Bucket);
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-central-1');
    await s3.send(new HeadBucketCommand({ Bucket }));
  });
});

test('many objects are deleted in one call', async () => {
  const Bucket = await bucket();
  const keys = ['plain', 'with <&> "quotes"', 'ünï'];
  for (const key of keys) await put(Bucket, key);

  const answer = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [...keys, 'none'].map((Key) => ({ Key })) } }),
  );

  expect(answer.Deleted?.map(({ Key }) => Key)).toEqual([...keys, 'none']);
  expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
});

test('what is not there is named as such', async () => {
  const Bucket = await bucket();

  await expect(get(Bucket, 'none')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(get(Bucket, 'none', { VersionId: 'none' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
  await expect(get('no-such-bucket', 'none')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NotFound' });
});

test('a file asset of the deployment is an object', async () => {
  const asset = await text('cdk-assets', 'catalog.json', { Range: 'bytes=0-5' });

  expect(asset).toBe('import');
});

test('lifecycle rules expire objects, old versions and then lone markers, by the day', async () => {
  const Bucket = await bucket({
    VersioningConfiguration: { Status: 'Enabled' },
    LifecycleConfiguration: {
      Rules: [
        { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 5 } },
        { Status: 'Enabled', Prefix: 'short/', ExpirationInDays: 2 },
        { Status: 'Disabled', ExpirationInDays: 1 },
      ],
    },
  });
  await put(Bucket, 'short/a');
  await put(Bucket, 'long/a');
  const listed = async () => {
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    return [(Versions ?? []).map(({ Key }) => Key), (DeleteMarkers ?? []).map(({ Key }) => Key)];
  };
  const at = (iso: string) => {
    nowMs = Date.parse(iso);
    room.expire(nowMs);
  };

  at('2026-11-24T23:59:00Z');
  expect(await listed()).toEqual([['long/a', 'short/a'], []]);
  at('2026-11-25T00:00:00Z');
  expect(await listed()).toEqual([['long/a', 'short/a'], ['short/a']]);
  at('2026-11-30T00:00:00Z');
  expect(await listed()).toEqual([['long/a'], []]);
});

test.each([
  [{ Colour: 'red' }, /Colour is not emulated/],
  [{ BucketName: 'UPPER' }, /BucketName/],
  [{ LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Transitions: [] }] } }, /Transitions/],
  [{ NotificationConfiguration: { TopicConfigurations: [] } }, /TopicConfigurations/],
])('a template with %j is refused', async (properties, message) => {
  await expect(bucket(properties)).rejects.toThrow(message);
});
