import { describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import fc from 'fast-check';

import { fileIdOf } from '#domain/file-id.ts';
import { createHandler } from '../../../functions/ingestion/files/handler.ts';
import { arrivedObjectOf, decodeKey } from '../../../functions/ingestion/notification.ts';
import { BUCKET, createWorld, PAYMENT_HEADER, paymentLine } from './world.ts';

const entry = (object: Record<string, unknown>, eventName = 'ObjectCreated:Put') => ({
  eventName,
  s3: { bucket: { name: BUCKET }, object: { key: 'events/payment/a.csv', size: 3, ...object } },
});

/** How S3 writes a key into a notification. */
const encodeKey = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');

test('any key survives the way through a notification', () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(key, (text) => {
      expect(decodeKey(encodeKey(text))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test.each(['events/payment/100%.csv', '%', '%E0%A4%A', 'a%zz'])('a malformed key is kept as it is: %s', (key) => {
  expect(arrivedObjectOf(entry({ key }))).toMatchObject({ key, malformedKey: true });
});

test.each([
  { name: 'a removal', given: entry({}, 'ObjectRemoved:Delete') },
  { name: 'a folder', given: entry({ key: 'events/payment/', size: 0 }) },
])('$name announces no file', ({ given }) => {
  expect(arrivedObjectOf(given)).toBeUndefined();
});

describe('on the files queue', () => {
  const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 60_000 } as Context;
  const handle = async (...bodies: readonly unknown[]) => {
    const world = createWorld();
    const counted: string[] = [];
    const metrics = { count: (name: string) => void counted.push(name), duration: () => {}, flush: () => {} };
    const versionId = world.inbox.put('events/payment/a b.csv', `${PAYMENT_HEADER}\n${paymentLine('e-1')}\n`);
    const Records = bodies.map((body, index) => ({
      messageId: `m-${index}`,
      body: JSON.stringify(body).replaceAll('VERSION', versionId),
      eventSourceARN: 'arn:aws:sqs:eu-west-1:1:files',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
    }));
    const answer = await createHandler(world.ports, { metrics })(
      { Records: Records as unknown as SQSRecord[] } as SQSEvent,
      context,
    );
    return { failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), counted, world };
  };

  test('S3’s test event is acknowledged and counted', async () => {
    const { failed, counted } = await handle({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: BUCKET });

    expect(failed).toEqual([]);
    expect(counted).toContain('NotificationsIgnored');
  });

  test.each([{}, { Records: [] }, { Records: [{ eventName: 'ObjectCreated:Put' }] }, { kind: 'settle' }, []])(
    'what is no notification fails: %j',
    async (body) => {
      const { failed, counted } = await handle(body);

      expect(failed).toEqual(['m-0']);
      expect(counted).toContain('MessagesMalformed');
    },
  );

  test('an object is read, and asks to be settled', async () => {
    const { failed, world } = await handle({
      Records: [entry({ key: 'events/payment/a+b.csv', versionId: 'VERSION' })],
    });

    expect(failed).toEqual([]);
    expect(world.eventChunks.take()).toMatchObject([{ sequence: 1, rows: [{ row: 1, event: { eventId: 'e-1' } }] }]);
    expect(world.messages.take()).toMatchObject([{ message: { kind: 'settle' }, delaySeconds: 1 }]);
  });

  test('an object with a malformed key is on record, in quarantine', async () => {
    const { failed, counted, world } = await handle({ Records: [entry({ key: 'events/payment/100%.csv' })] });

    expect(failed).toEqual([]);
    expect(counted).toContain('FilesQuarantined');
    expect(await world.ledger.find(fileIdOf(BUCKET, 'events/payment/100%.csv', 'null'))).toMatchObject({
      status: 'quarantined',
      reason: 'malformed_key',
    });
    expect(world.messages.take()).toEqual([]);
  });
});
