import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createS3, type S3 } from '#local/s3/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

const MIB = 1024 * 1024;
let rooms: Rooms;
let room: S3;
let s3: S3Client;
const Bucket = 'uploads';
const nowMs = Date.parse('2026-11-22T10:00:00Z');

beforeAll(async () => {
  rooms = await openRooms((host) => {
    room = createS3(host, () => nowMs);
    return [room];
  });
  s3 = new S3Client(rooms.client);
  await rooms.deploy('AWS::S3::Bucket', {
    BucketName: Bucket,
    VersioningConfiguration: { Status: 'Enabled' },
    LifecycleConfiguration: {
      Rules: [{ Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }],
    },
  });
});
afterAll(async () => {
  s3.destroy();
  await rooms.close();
  rooms.remove();
  expect(rooms.failures).toEqual([]);
});

const create = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return { Bucket, Key, UploadId };
};
type Upload = Awaited<ReturnType<typeof create>>;
const upload = async (target: Upload, PartNumber: number, Body: Buffer): Promise<CompletedPart> => {
  const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand({ ...target, PartNumber, Body }));
  return { PartNumber, ETag, ChecksumCRC32 };
};
const complete = (target: Upload, Parts: CompletedPart[], more = {}) =>
  s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts }, ...more }));
const read = async (Key: string) => {
  const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return { ...object, bytes: Buffer.from((await object.Body?.transformToByteArray()) ?? []) };
};
const md5 = (...parts: Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest();

test.each([{}, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }] as const)(
  'parts in any order, one of them twice, become one object with %j',
  async (checksum) => {
    const target = await create('joined', { ContentType: 'text/csv', Metadata: { a: 'b' }, ...checksum });
    const [first, second] = [Buffer.alloc(5 * MIB, 'a'), Buffer.from('the end')];
    const last = await upload(target, 7, second);
    await upload(target, 2, Buffer.from('replaced'));
    const head = await upload(target, 2, first);

    const listed = await s3.send(new ListPartsCommand({ ...target, MaxParts: 1 }));
    expect(listed).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2', Parts: [{ Size: 5 * MIB }] });
    const done = await complete(target, [head, last]);

    const object = await read('joined');
    expect(object.bytes.equals(Buffer.concat([first, second]))).toBe(true);
    expect(object).toMatchObject({ ContentType: 'text/csv', Metadata: { a: 'b' }, VersionId: done.VersionId });
    expect(object.ETag).toBe(`"${md5(md5(first), md5(second)).toString('hex')}-2"`);
    await expect(complete(target, [head, last])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  },
);

test('parts that are too small, missing or out of order are refused, and the upload goes on', async () => {
  const target = await create('checked');
  const small = await upload(target, 1, Buffer.from('small'));
  const end = await upload(target, 2, Buffer.from('end'));

  await expect(complete(target, [small, end])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await expect(complete(target, [end, small])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete(target, [{ ...end, ETag: '"0"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete(target, [{ ...end, PartNumber: 3 }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await complete(target, [end]);
  expect((await read('checked')).bytes.toString()).toBe('end');
});

test('an aborted upload is gone', async () => {
  const target = await create('aborted');
  const part = await upload(target, 1, Buffer.from('x'));

  await s3.send(new AbortMultipartUploadCommand(target));

  await expect(complete(target, [part])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(upload(target, 1, Buffer.from('x'))).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('of two uploads of a key that must not exist, one completes', async () => {
  const targets = [await create('once'), await create('once')];
  const parts = await Promise.all(targets.map((target) => upload(target, 1, Buffer.from('x'))));

  const results = await Promise.allSettled(
    targets.map((target, index) => complete(target, [parts[index] as CompletedPart], { IfNoneMatch: '*' })),
  );

  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'once' }));
  expect(Versions).toHaveLength(1);
});

test('an upload that nobody completes is aborted after the days of its rule', async () => {
  const target = await create('abandoned');

  room.expire(Date.parse('2026-11-29T23:59:59Z'));
  await upload(target, 1, Buffer.from('x'));
  room.expire(Date.parse('2026-11-30T00:00:00Z'));
  await expect(upload(target, 1, Buffer.from('x'))).rejects.toMatchObject({ name: 'NoSuchUpload' });
});
