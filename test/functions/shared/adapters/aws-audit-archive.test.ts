import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { AwsAuditArchive } from '#adapters/aws-audit-archive.ts';
import { createAwsCaller } from '#adapters/aws-call.ts';
import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { type AuditEntry, auditKey, BEFORE_FIRST, linkTo } from '#domain/audit.ts';
import { createS3 } from '#local/s3/index.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { aRecord } from '../../../support/registry.ts';
import { openRooms, type Rooms } from '../../../support/rooms.ts';

let rooms: Rooms;
let s3: S3Client;
let Bucket = '';
const call = createAwsCaller({ random: () => 0, metrics: silentMetrics });
const soon = () => deadlineIn(5_000);

beforeAll(async () => {
  rooms = await openRooms((host) => [createS3(host)]);
  s3 = new S3Client(rooms.client);
  const properties = {
    VersioningConfiguration: { Status: 'Enabled' },
    ObjectLockEnabled: true,
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1 } },
    },
  };
  Bucket = (await rooms.deploy('AWS::S3::Bucket', properties, 'Audit')).physicalId;
});
afterAll(async () => {
  s3.destroy();
  await rooms.close();
  rooms.remove();
});

const first: AuditEntry = linkTo(BEFORE_FIRST, aRecord());
const read = async (): Promise<unknown> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: auditKey(1) }));
  return JSON.parse((await Body?.transformToString()) ?? '');
};

test('an entry is kept as it came first, however often it is delivered, and nobody can delete it', async () => {
  const archive = new AwsAuditArchive(s3, Bucket, call);
  await archive.keep(first, soon());
  await archive.keep(first, soon());
  await archive.keep({ ...first, act: 'switch.set' }, soon());

  expect(await read()).toEqual(first);
  const { VersionId } = await s3.send(new GetObjectCommand({ Bucket, Key: auditKey(1) }));
  const removal = new DeleteObjectCommand({ Bucket, Key: auditKey(1), VersionId, BypassGovernanceRetention: true });
  await expect(s3.send(removal)).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('an entry that cannot be kept is told of', async () => {
  const archive = new AwsAuditArchive(s3, 'no-such-bucket', call);

  await expect(archive.keep(first, soon())).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('an object larger than a reader takes is not read', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body: 'x'.repeat(1_000) }));
  const objects = new AwsObjectStore(s3, Bucket, call, 'the bucket');

  await expect(objects.get('large', soon(), 999)).rejects.toMatchObject({ code: 'too_large' });
  expect(await objects.get('large', soon(), 1_000)).toHaveLength(1_000);
});
