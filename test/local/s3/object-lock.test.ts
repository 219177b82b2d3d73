import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createS3 } from '#local/s3/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let s3: S3Client;
const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-11-22T10:00:00Z');
let nowMs = START_MS;

beforeAll(async () => {
  rooms = await openRooms((host) => [createS3(host, () => nowMs)]);
  s3 = new S3Client(rooms.client);
});
afterAll(async () => {
  s3.destroy();
  await rooms.close();
  rooms.remove();
});

let made = 0;
const locked = async (Mode: 'GOVERNANCE' | 'COMPLIANCE', changes: object = {}): Promise<string> => {
  const properties = {
    VersioningConfiguration: { Status: 'Enabled' },
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, Days: 30 } } },
    ...changes,
  };
  return (await rooms.deploy('AWS::S3::Bucket', properties, `Bucket${made++}`)).physicalId;
};
const put = async (Bucket: string, Body = 'entry') => {
  nowMs = START_MS;
  return (await s3.send(new PutObjectCommand({ Bucket, Key: 'entry', Body }))).VersionId;
};
const remove = (Bucket: string, VersionId: string | undefined, bypass = false) =>
  s3.send(
    new DeleteObjectCommand({ Bucket, Key: 'entry', VersionId, ...(bypass && { BypassGovernanceRetention: true }) }),
  );

test('a version can be deleted only when its days are over, one by one and in lists', async () => {
  const Bucket = await locked('COMPLIANCE');
  const VersionId = await put(Bucket);

  await expect(remove(Bucket, VersionId)).rejects.toMatchObject({ name: 'AccessDenied' });
  const { Errors } = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'entry', VersionId }] } }),
  );
  expect(Errors).toMatchObject([{ Code: 'AccessDenied' }]);
  await expect(remove(Bucket, VersionId, true)).rejects.toMatchObject({ name: 'AccessDenied' });
  nowMs = START_MS + 30 * DAY_MS - 1;
  await expect(remove(Bucket, VersionId)).rejects.toMatchObject({ name: 'AccessDenied' });
  nowMs += 1;
  await remove(Bucket, VersionId);

  await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'entry' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('what is written or deleted over a locked version leaves it as it is', async () => {
  const Bucket = await locked('GOVERNANCE');
  const VersionId = await put(Bucket, 'first');
  await put(Bucket, 'second');
  await remove(Bucket, undefined);

  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'entry', VersionId }));

  expect(await Body?.transformToString()).toBe('first');
});

test('a lock of mode GOVERNANCE gives way to who asks for it', async () => {
  const Bucket = await locked('GOVERNANCE');
  const VersionId = await put(Bucket);
  await expect(remove(Bucket, VersionId)).rejects.toMatchObject({ name: 'AccessDenied' });

  await remove(Bucket, VersionId, true);

  await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'entry' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('the lock of a version can be read', async () => {
  const Bucket = await locked('GOVERNANCE');
  await put(Bucket);

  const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'entry' }));

  expect(Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate: new Date(START_MS + 30 * DAY_MS) });
});

test('a lock without kept versions is refused at deployment', async () => {
  await expect(locked('COMPLIANCE', { VersioningConfiguration: undefined })).rejects.toThrow(/versions that are kept/);
});
