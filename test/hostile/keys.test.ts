import { describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';

import { fileIdOf } from '#domain/file-id.ts';
import { createHandler } from '../../functions/ingestion/files/handler.ts';
import { continueFile, ingestObject } from '../../functions/ingestion/ingest-file.ts';
import {
  BUCKET,
  createWorld,
  delivery,
  drain,
  drop,
  idOf,
  PAYMENT_HEADER,
  paymentLine,
  processFile,
  type World,
} from '../functions/ingestion/world.ts';
import { asS3Writes, lostOn, s3Keys } from './keys.ts';

const FILE = `${PAYMENT_HEADER}\n${paymentLine('e-1')}\n`;
const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 60_000 } as Context;

/** Delivers messages of the files queue, and says which were given back and what was counted. */
const deliver = async (world: World, ...bodies: readonly string[]) => {
  const counted: string[] = [];
  const metrics = { count: (name: string) => void counted.push(name), duration: () => {}, flush: () => {} };
  const Records = bodies.map((body, index) => ({
    messageId: `m-${index}`,
    body,
    eventSourceARN: 'arn:aws:sqs:eu-west-1:1:files',
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
  })) as unknown as SQSRecord[];
  const { batchItemFailures } = await createHandler(world.ports, { metrics })({ Records } as SQSEvent, context);
  return { returned: batchItemFailures.length, counted };
};
const notification = (object: Record<string, unknown>, eventName = 'ObjectCreated:Put'): string =>
  JSON.stringify({ Records: [{ eventName, s3: { bucket: { name: BUCKET }, object: { size: 3, ...object } } }] });

test.each([
  { name: 'a space', key: 'events/payment/a b.csv', written: 'events/payment/a+b.csv' },
  { name: 'a plus sign', key: 'events/payment/a+b.csv', written: 'events/payment/a%2Bb.csv' },
  { name: 'a percent sign', key: 'events/payment/100%.csv', written: 'events/payment/100%25.csv' },
  { name: 'what looks encoded', key: 'events/payment/%20.csv', written: 'events/payment/%2520.csv' },
  { name: 'letters of its own', key: 'events/payment/ü😀.csv', written: 'events/payment/%C3%BC%F0%9F%98%80.csv' },
  { name: 'a line end and a zero', key: 'a\n\0', written: 'a%0A%00' },
  { name: 'a right-to-left mark', key: '\u202ecsv.exe', written: '%E2%80%AEcsv.exe' },
])('a key with $name is decoded: it is URL-encoded, and a space is a plus sign', ({ key, written }) => {
  expect(asS3Writes(key)).toBe(written);
  expect(lostOn(key)).toBeUndefined();
});

test.each(['events/payment/100%.csv', 'events/payment/%E2%82', 'events/payment/%C3%28', 'events/payment/%zz'])(
  'a malformed %% goes to quarantine, not to retry: %s',
  async (key) => {
    const world = createWorld();

    const { returned, counted } = await deliver(world, notification({ key }));

    expect(returned).toBe(0);
    expect(counted).toContain('FilesQuarantined');
    expect(await world.ledger.find(fileIdOf(BUCKET, key, 'null'))).toMatchObject({ reason: 'malformed_key' });
  },
);

test('s3:TestEvent has no Records: it is acknowledged and counted', async () => {
  const { returned, counted } = await deliver(createWorld(), JSON.stringify({ Event: 's3:TestEvent', Bucket: BUCKET }));

  expect(returned).toBe(0);
  expect(counted).toContain('NotificationsIgnored');
});

test.each([
  '{}',
  '{"Records":[]}',
  '{"Records":[{}]}',
  '[]',
  'null',
  '"x"',
  '{"records":[]}',
  '{',
  '',
  '['.repeat(10_000),
])('what has no Records is given back, and not dropped as empty: %j', async (body) => {
  const { returned, counted } = await deliver(createWorld(), body);

  expect(returned).toBe(1);
  expect(counted).toContain('MessagesMalformed');
});

describe('identity is bucket, key and version', () => {
  test('two versions of one key are two files, the same version is one however often it is announced', async () => {
    const world = createWorld();
    const [one, two] = [
      drop(world, 'events/payment/x.csv', FILE),
      drop(world, 'events/payment/x.csv', `${FILE}${paymentLine('e-2')}\n`),
    ];

    for (const object of [two, one, two, one]) await drain(world, () => ingestObject(object, delivery(), world.ports));

    // Announced last first, as sequencers may come; a version's content does not depend on when it is announced.
    expect((await world.ledger.find(idOf(two)))?.counts).toMatchObject({ decided: 2 });
    expect((await world.ledger.find(idOf(one)))?.counts).toMatchObject({ duplicate: 1 });
  });

  test('no two of bucket, key and version run into each other', () => {
    const ids = [
      fileIdOf('a', 'b/c', 'd'),
      fileIdOf('a/b', 'c', 'd'),
      fileIdOf('a', 'b', 'c/d'),
      fileIdOf('ab', '/c', 'd'),
      fileIdOf('a', 'b\nc', 'd'),
    ];

    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a deleted version is a quarantined reason of its own', async () => {
    const world = createWorld();
    const object = drop(world, 'events/payment/x.csv', FILE);
    world.inbox.remove(object.key);

    await drain(world, () => ingestObject(object, delivery(), world.ports));

    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'quarantined', reason: 'version_deleted' });
  });

  test('an overwritten version is a quarantined reason of its own', async () => {
    const world = createWorld();
    const object = drop(world, 'events/payment/x.csv', FILE);
    const inbox = Object.assign(world.ports.inbox, {
      open: async () => ({ found: false, why: 'overwritten' }) as const,
    });

    await drain(world, () => ingestObject(object, delivery(), { ...world.ports, inbox }));

    expect(await world.ledger.find(idOf(object))).toMatchObject({
      status: 'quarantined',
      reason: 'version_overwritten',
    });
  });
});

test.each([
  'events/payment',
  'events/payment/',
  'events//x.csv',
  'events/__proto__/x.csv',
  'events/Payment/x.csv',
  'Events/payment/x.csv',
  '/events/payment/x.csv',
  'results/payment/x.csv',
  'events/../feedback/x.csv',
])('a key that says no place is in quarantine: %s', async (key) => {
  expect(await processFile(createWorld(), key, FILE)).toMatchObject({ reason: 'unknown_place' });
});

test('a hop limit against loops: a file that is never read through is given up after a hundred invocations', async () => {
  const world = createWorld();
  const object = drop(world, 'events/payment/x.csv', FILE);

  await expect(continueFile(idOf(object), 101, delivery(), world.ports)).rejects.toMatchObject({ code: 'internal' });
});

test('a hundred thousand keys come back; here two thousand of them', async () => {
  expect(await s3Keys.run({ scale: 'small', seed: 1, onProgress: () => {} })).toMatchObject({ verdict: 'proved' });
});
