import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { partsOf } from '#adapters/s3-multipart.ts';
import { S3ObjectBucket } from '#adapters/s3-object-bucket.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';

const MB = 1024 ** 2;
const s3 = mockClient(S3Client);
beforeEach(() => {
  s3.reset();
});

const bucket = (): S3ObjectBucket =>
  new S3ObjectBucket({
    s3: s3 as unknown as S3Client,
    bucket: 'inbox',
    what: 'the inbox bucket',
    call: createAwsCaller({ random: () => 0, metrics: silentMetrics }),
  });
const failure = (name: string, status: number): S3ServiceException =>
  new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode: status } });
/** A body that breaks off behind its pieces. */
const breaking = (...pieces: readonly string[]): Readable => {
  const broken = async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
    throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  };
  return Readable.from(broken());
};
const whole = (text: string): Readable => Readable.from([Buffer.from(text)]);
const textOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
};
const open = async (key = 'a.csv'): Promise<AsyncIterable<Uint8Array>> => {
  const opened = await bucket().open({ key, versionId: 'v1' }, deadlineIn(5_000));
  if (!opened.found) throw new Error(opened.why);
  return opened.bytes;
};

describe('reading', () => {
  test('goes on where a connection broke', async () => {
    s3.on(GetObjectCommand)
      .resolvesOnce({ Body: breaking('abc', 'def') as never, ContentLength: 9, ETag: '"1"' })
      .resolves({ Body: whole('ghi') as never, ContentLength: 3 });

    expect(await textOf(await open())).toBe('abcdefghi');
    const [first, second] = s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input);
    expect(first).toEqual({ Bucket: 'inbox', Key: 'a.csv', VersionId: 'v1' });
    expect(second).toEqual({ Bucket: 'inbox', Key: 'a.csv', VersionId: 'v1', Range: 'bytes=6-' });
  });

  test('goes on where a body ended too early without a word', async () => {
    s3.on(GetObjectCommand)
      .resolvesOnce({ Body: whole('abcdef') as never, ContentLength: 9, ETag: '"1"' })
      .resolves({ Body: whole('ghi') as never, ContentLength: 3 });

    expect(await textOf(await open())).toBe('abcdefghi');
  });

  test('asks for nothing behind the last byte', async () => {
    s3.on(GetObjectCommand).resolves({ Body: breaking('abc') as never, ContentLength: 3 });

    expect(await textOf(await open())).toBe('abc');
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(1);
  });

  test('gives up on an object that breaks without a byte, and says what is not available', async () => {
    s3.on(GetObjectCommand).callsFake(() => ({ Body: breaking(), ContentLength: 9 }));

    await expect(textOf(await open())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(4);
  });

  test.each([
    { error: failure('NoSuchKey', 404), why: 'deleted' },
    { error: failure('NoSuchVersion', 404), why: 'deleted' },
    { error: failure('MethodNotAllowed', 405), why: 'deleted' },
    { error: failure('PreconditionFailed', 412), why: 'overwritten' },
  ])('of a version that is no more says $why ($error.name)', async ({ error, why }) => {
    s3.on(GetObjectCommand).rejects(error).on(ListObjectsV2Command).resolves({});

    expect(await bucket().open({ key: 'a.csv', versionId: 'v1' }, deadlineIn(5_000))).toEqual({ found: false, why });
  });

  test.each([
    { keys: ['a.csv'], why: 'overwritten' },
    { keys: ['a.csv.gz'], why: 'deleted' },
    { keys: [], why: 'deleted' },
  ])('of a version that is gone says $why while the keys are $keys', async ({ keys, why }) => {
    s3.on(GetObjectCommand)
      .rejects(failure('NoSuchVersion', 404))
      .on(ListObjectsV2Command, { Bucket: 'inbox', Prefix: 'a.csv', MaxKeys: 1 })
      .resolves({ Contents: keys.map((Key) => ({ Key })) });

    expect(await bucket().open({ key: 'a.csv', versionId: 'v1' }, deadlineIn(5_000))).toEqual({ found: false, why });
  });

  test('without versions, takes the object only while it is the one announced', async () => {
    s3.on(GetObjectCommand).resolves({ Body: whole('abc') as never, ContentLength: 3 });

    await bucket().open({ key: 'a.csv', versionId: 'null', eTag: 'abc' }, deadlineIn(5_000));

    expect(s3.commandCalls(GetObjectCommand)[0]!.args[0].input).toEqual({
      Bucket: 'inbox',
      Key: 'a.csv',
      IfMatch: 'abc',
    });
  });
});

describe('reading parts', () => {
  const parts = async () => {
    s3.on(GetObjectCommand).resolvesOnce({ Body: whole('abcdefghi') as never, ContentLength: 9, ETag: '"1"' });
    const opened = await bucket().open({ key: 'a.parquet', versionId: 'null' }, deadlineIn(5_000));
    if (!opened.found) throw new Error(opened.why);
    return opened.parts;
  };
  const bodyOf = (text: string) => ({ Body: { transformToByteArray: async () => Buffer.from(text) } as never });

  test('asks for the bytes alone, and only of the content that was opened', async () => {
    const { size, read } = await parts();
    s3.on(GetObjectCommand).resolves(bodyOf('def'));

    expect(size).toBe(9);
    expect(Buffer.from(await read(3, 3)).toString()).toBe('def');
    expect(s3.commandCalls(GetObjectCommand)[1]!.args[0].input).toEqual({
      Bucket: 'inbox',
      Key: 'a.parquet',
      IfMatch: '"1"',
      Range: 'bytes=3-5',
    });
  });

  test('tries again what breaks off', async () => {
    const { read } = await parts();
    const broken = {
      transformToByteArray: () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNRESET' })),
    };
    s3.on(GetObjectCommand)
      .resolvesOnce({ Body: broken as never })
      .resolves(bodyOf('ghi'));

    expect(Buffer.from(await read(6, 3)).toString()).toBe('ghi');
  });

  test.each([
    { what: 'too few bytes', answer: () => s3.on(GetObjectCommand).resolves(bodyOf('d')) },
    { what: 'an object that is gone', answer: () => s3.on(GetObjectCommand).rejects(failure('NoSuchKey', 404)) },
    { what: 'other content', answer: () => s3.on(GetObjectCommand).rejects(failure('PreconditionFailed', 412)) },
  ])('takes $what for no content', async ({ answer }) => {
    const { read } = await parts();
    answer();

    await expect(read(3, 3)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('writing', () => {
  test('puts what is small in one request', async () => {
    s3.on(PutObjectCommand).resolves({});

    await bucket().write('a.csv', ['x,y\n', '1,2\n'], 'text/csv', deadlineIn(5_000));

    const { Body, ContentType } = s3.commandCalls(PutObjectCommand)[0]!.args[0].input;
    expect(String(Body)).toBe('x,y\n1,2\n');
    expect(ContentType).toBe('text/csv');
  });

  test('puts an empty object', async () => {
    s3.on(PutObjectCommand).resolves({});

    await bucket().write('a.csv', [], 'text/csv', deadlineIn(5_000));

    expect(s3.commandCalls(PutObjectCommand)[0]!.args[0].input.Body).toHaveLength(0);
  });

  test('uploads what is large in parts of 8 MB, in their order', async () => {
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u1' });
    s3.on(UploadPartCommand).callsFake(({ PartNumber }) => ({ ETag: `"${PartNumber}"` }));
    s3.on(CompleteMultipartUploadCommand).resolves({});

    await bucket().write('a.csv', Array<Buffer>(20).fill(Buffer.alloc(MB, 'x')), 'text/csv', deadlineIn(5_000));

    const lengths = s3.commandCalls(UploadPartCommand).map(({ args }) => (args[0].input.Body as Buffer).length / MB);
    expect(lengths).toEqual([8, 8, 4]);
    expect(s3.commandCalls(CompleteMultipartUploadCommand)[0]!.args[0].input).toMatchObject({
      UploadId: 'u1',
      MultipartUpload: { Parts: [1, 2, 3].map((PartNumber) => ({ PartNumber, ETag: `"${PartNumber}"` })) },
    });
  });

  test('gives an upload up when its content breaks off', async () => {
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u1' });
    s3.on(UploadPartCommand).resolves({ ETag: '"1"' });
    s3.on(AbortMultipartUploadCommand).resolves({});
    const content = async function* () {
      yield Buffer.alloc(17 * MB);
      throw new Error('no more');
    };

    await expect(bucket().write('a.csv', content(), 'text/csv', deadlineIn(5_000))).rejects.toThrow('no more');

    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(0);
  });
});

test('parts hold all content, each but the last of one size', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 17 }), async (content, size) => {
      const parts: Buffer[] = [];
      for await (const part of partsOf(content, size)) parts.push(part);

      expect(Buffer.concat(parts)).toEqual(Buffer.concat(content));
      expect(parts.slice(0, -1).every(({ length }) => length === size)).toBe(true);
      expect(parts.every(({ length }) => length > 0 && length <= size)).toBe(true);
    }),
  );
});

test('keys are listed page by page', async () => {
  s3.on(ListObjectsV2Command)
    .resolvesOnce({ Contents: [{ Key: 'rows/1' }, { Key: 'rows/2' }], NextContinuationToken: 'more' })
    .resolves({ Contents: [{ Key: 'rows/3' }] });
  const keys: string[] = [];

  for await (const key of bucket().keysUnder('rows/', deadlineIn(5_000))) keys.push(key);

  expect(keys).toEqual(['rows/1', 'rows/2', 'rows/3']);
  expect(s3.commandCalls(ListObjectsV2Command)[1]!.args[0].input).toMatchObject({ ContinuationToken: 'more' });
});
