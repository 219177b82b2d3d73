import { DeleteObjectCommand, PutObjectCommand, PutObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createS3 } from '#local/s3/index.ts';
import { createSqs } from '#local/sqs/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let s3: S3Client;
let sqs: SQSClient;
let QueueUrl: string;
const Bucket = 'inbox';

const open = async (directory?: string) => {
  rooms = await openRooms((host) => [createS3(host), createSqs(host)], directory === undefined ? {} : { directory });
  s3 = new S3Client(rooms.client);
  sqs = new SQSClient(rooms.client);
};
const close = async () => {
  s3.destroy();
  sqs.destroy();
  await rooms.close();
  expect(rooms.failures).toEqual([]);
};
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:000000000000:files';
const allowS3 = (sourceAccount = '000000000000') =>
  rooms.deploy('AWS::SQS::QueuePolicy', {
    Queues: [QueueUrl],
    PolicyDocument: {
      Statement: {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 's3.amazonaws.com' },
        Resource: QUEUE_ARN,
        Condition: { StringEquals: { 'aws:SourceAccount': sourceAccount } },
      },
    },
  });
const when = (Event: string, Name: 'prefix' | 'suffix', Value: string) => ({
  Event,
  Queue: QUEUE_ARN,
  Filter: { S3Key: { Rules: [{ Name, Value }] } },
});
const deploy = async () => {
  QueueUrl = (await rooms.deploy('AWS::SQS::Queue', { QueueName: 'files' })).physicalId;
  await rooms.deploy('AWS::S3::Bucket', {
    BucketName: Bucket,
    VersioningConfiguration: { Status: 'Enabled' },
    NotificationConfiguration: {
      QueueConfigurations: [
        when('s3:ObjectCreated:*', 'prefix', 'events/'),
        when('s3:ObjectRemoved:*', 'suffix', '.csv'),
      ],
    },
  });
};

beforeEach(async () => {
  await open();
  await deploy();
});
afterEach(async () => {
  await close();
  rooms.remove();
});

const put = (Key: string, Body = 'x') => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
/** As far as the tests look into it. */
interface Told {
  readonly Event?: string;
  readonly Records?: { eventTime: string; s3: { object: { key: string; versionId: string; sequencer: string } } }[];
}

/** The next messages, each deleted. */
const messages = async (count: number): Promise<Told[]> => {
  const bodies: Told[] = [];
  while (bodies.length < count) {
    const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 3 }));
    if (!answer.Messages) break;
    for (const { Body, ReceiptHandle } of answer.Messages) {
      bodies.push(JSON.parse(Body ?? ''));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return bodies;
};
const nothingMore = async () => {
  const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
  expect(answer.Messages).toBeUndefined();
};

test('each new object that a filter names is told of, with an encoded key, its version and a growing sequencer', async () => {
  await allowS3();
  await rooms.start();
  const first = await put('events/card payment/ä+b (1).csv', 'hello');
  const second = await put('events/card payment/ä+b (1).csv', 'hello you');
  await put('other/file.csv');
  await s3.send(
    new PutObjectTaggingCommand({ Bucket, Key: 'other/file.csv', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
  );

  const [test, one, two] = await messages(3);

  expect(test).toMatchObject({ Event: 's3:TestEvent', Bucket });
  expect(test?.Records).toBeUndefined();
  expect(one?.Records).toHaveLength(1);
  expect(one?.Records?.[0]).toMatchObject({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventName: 'ObjectCreated:Put',
    s3: {
      bucket: { name: Bucket, arn: 'arn:aws:s3:::inbox' },
      object: {
        key: 'events/card+payment/%C3%A4%2Bb+%281%29.csv',
        size: 5,
        eTag: first.ETag?.replaceAll('"', ''),
        versionId: first.VersionId,
      },
    },
  });
  expect(Date.parse(one?.Records?.[0]?.eventTime ?? '')).toBeGreaterThan(Date.now() - 60_000);
  expect(two?.Records?.[0]?.s3.object.versionId).toBe(second.VersionId);
  const sequencers = [one, two].map((told) => BigInt(`0x${told?.Records?.[0]?.s3.object.sequencer}`));
  expect((sequencers[1] ?? 0n) > (sequencers[0] ?? 0n)).toBe(true);
  await nothingMore();
});

test('deletions are told of by their own names', async () => {
  await allowS3();
  await rooms.start();
  const { VersionId } = await put('a.csv');
  const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a.csv' }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a.csv', VersionId }));

  const [, markerMade, deleted] = await messages(3);

  expect(markerMade?.Records?.[0]).toMatchObject({
    eventName: 'ObjectRemoved:DeleteMarkerCreated',
    s3: { object: { versionId: marker.VersionId } },
  });
  expect(deleted?.Records?.[0]).toMatchObject({
    eventName: 'ObjectRemoved:Delete',
    s3: { object: { versionId: VersionId } },
  });
});

test('a notification outlives the process, and the test event comes once', async () => {
  await allowS3();
  // Nothing is sent before the rooms have started, as if the process had been killed right after the answer.
  await put('events/a.csv');
  await close();
  await open(rooms.directory);
  await deploy();
  await allowS3();
  await rooms.start();

  const bodies = await messages(2);

  expect(bodies.map(({ Event, Records }) => Event ?? Records?.[0]?.s3.object.key)).toEqual([
    's3:TestEvent',
    'events/a.csv',
  ]);
  await nothingMore();
});

test('a queue that refuses S3 is tried again until it takes the notification, and the developer is told once', async () => {
  await rooms.start();
  await put('events/a.csv');
  await put('events/b.csv');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(rooms.notices).toHaveLength(1);
  expect(rooms.notices[0]).toMatch(/cannot notify .*:files.*sqs:SendMessage/);

  await allowS3();
  expect(await messages(3)).toHaveLength(3);
});

test('two notifications that would tell of the same object are refused', async () => {
  const properties = {
    BucketName: 'twice',
    NotificationConfiguration: {
      QueueConfigurations: [
        when('s3:ObjectCreated:*', 'prefix', 'events/'),
        when('s3:ObjectCreated:Put', 'suffix', '.csv'),
      ],
    },
  };

  await expect(rooms.deploy('AWS::S3::Bucket', properties)).rejects.toThrow('two configurations');
});
