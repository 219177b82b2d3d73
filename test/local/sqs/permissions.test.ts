import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callJson } from '#local/inside.ts';
import { servicePrincipal } from '#local/resources.ts';
import { createSqs } from '#local/sqs/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let QueueUrl = '';
let keyArn = '';
const clients: SQSClient[] = [];
const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;

beforeAll(async () => {
  rooms = await openRooms((host) => [createSqs(host)]);
  QueueUrl = (await rooms.deploy('AWS::SQS::Queue', { QueueName: 'guarded' })).physicalId;
  const key = await rooms.deploy('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'kms:*',
          Principal: { AWS: 'arn:aws:iam::000000000000:root' },
          Resource: '*',
        },
        {
          Effect: 'Allow',
          Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
          Principal: { Service: 's3.amazonaws.com' },
          Resource: '*',
        },
      ],
    },
  });
  keyArn = key.attributes.Arn ?? '';
  await rooms.deploy('AWS::SQS::Queue', { QueueName: 'sealed', KmsMasterKeyId: keyArn }, 'Sealed');
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await rooms.close();
  rooms.remove();
  expect(rooms.failures).toEqual([]);
});

let made = 0;
const roleWith = (...statements: { Action: string | string[]; Resource: string }[]): SQSClient => {
  const allowed = statements.map((statement) => ({ Effect: 'Allow', ...statement }));
  const client = new SQSClient(rooms.clientOf(`role-${made++}`, allowed));
  clients.push(client);
  return client;
};

const entry = { Id: 'a', ReceiptHandle: 'none' };
const ACTIONS = ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'GetQueueUrl', 'PurgeQueue'].map(
  (name) => `sqs:${name}`,
);

test.each([
  ['sqs:SendMessage', () => new SendMessageCommand({ QueueUrl, MessageBody: 'x' })],
  ['sqs:SendMessage', () => new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] })],
  ['sqs:ReceiveMessage', () => new ReceiveMessageCommand({ QueueUrl })],
  ['sqs:DeleteMessage', () => new DeleteMessageBatchCommand({ QueueUrl, Entries: [entry] })],
  [
    'sqs:ChangeMessageVisibility',
    () => new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: [{ ...entry, VisibilityTimeout: 1 }] }),
  ],
  ['sqs:GetQueueUrl', () => new GetQueueUrlCommand({ QueueName: 'guarded' })],
  ['sqs:GetQueueAttributes', () => new GetQueueAttributesCommand({ QueueUrl })],
  ['sqs:PurgeQueue', () => new PurgeQueueCommand({ QueueUrl })],
])('%s on the queue is what the call needs, and nothing else will do', async (action, command) => {
  const others = ACTIONS.filter((other) => other !== action);
  const denied = roleWith({ Action: others, Resource: '*' }, { Action: action, Resource: arnOf('other') });
  const send = (client: SQSClient) => client.send(command() as SendMessageCommand);

  await expect(send(denied)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(action),
  });
  await send(roleWith({ Action: action, Resource: arnOf('guarded') }));
});

test('a queue that does not exist is known to be missing only by those who may use it', async () => {
  const send = new SendMessageCommand({ QueueUrl: QueueUrl.replace('guarded', 'none'), MessageBody: 'x' });

  await expect(roleWith().send(send)).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(roleWith({ Action: 'sqs:SendMessage', Resource: '*' }).send(send)).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
  });
  await expect(roleWith().send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('a queue under a key needs the key for sending and for receiving', async () => {
  const url = QueueUrl.replace('guarded', 'sealed');
  const sqsAll = { Action: 'sqs:*', Resource: '*' };
  const withKey = (...actions: string[]) => roleWith(sqsAll, { Action: actions, Resource: keyArn });
  const send = new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' });
  const receive = new ReceiveMessageCommand({ QueueUrl: url });

  await expect(withKey('kms:Decrypt').send(send)).rejects.toThrow('kms:GenerateDataKey');
  await expect(withKey('kms:GenerateDataKey').send(send)).rejects.toThrow('kms:Decrypt');
  await withKey('kms:Decrypt', 'kms:GenerateDataKey').send(send);
  await expect(withKey('kms:GenerateDataKey').send(receive)).rejects.toThrow('kms:Decrypt');
  expect((await withKey('kms:Decrypt').send(receive)).Messages).toHaveLength(1);
});

test('moving dead letters needs all that it does by itself', async () => {
  const dead = await rooms.deploy('AWS::SQS::Queue', { QueueName: 'dead' }, 'Dead');
  const RedrivePolicy = { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 1 };
  await rooms.deploy('AWS::SQS::Queue', { QueueName: 'source', RedrivePolicy }, 'Source');
  const start = new StartMessageMoveTaskCommand({ SourceArn: dead.attributes.Arn });
  const onDead = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
  const dlq = { Action: onDead.map((name) => `sqs:${name}`), Resource: arnOf('dead') };

  await expect(roleWith(dlq).send(start)).rejects.toThrow('sqs:SendMessage');
  await roleWith(dlq, { Action: 'sqs:SendMessage', Resource: arnOf('source') }).send(start);
});

test('a service sends in the name of its own resource, if the queue and its key let it', async () => {
  const url = QueueUrl.replace('guarded', 'sealed');
  const s3 = servicePrincipal('s3.amazonaws.com', 'arn:aws:s3:::inbox', '000000000000');
  const send = () =>
    callJson(rooms.host, s3, 'sqs', 'AmazonSQS.SendMessage', { QueueUrl: url, MessageBody: 'from S3' });
  const allow = (bucketArn: string) =>
    rooms.deploy('AWS::SQS::QueuePolicy', {
      Queues: [url],
      PolicyDocument: {
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 's3.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arnOf('sealed'),
          Condition: { ArnLike: { 'aws:SourceArn': bucketArn } },
        },
      },
    });

  await expect(send()).rejects.toThrow('sqs:SendMessage');
  await allow('arn:aws:s3:::other');
  await expect(send()).rejects.toThrow('sqs:SendMessage');
  await allow('arn:aws:s3:::inbox');
  await send();
});
