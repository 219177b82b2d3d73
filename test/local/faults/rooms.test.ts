import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { createDynamoDbRoom } from '#local/dynamodb-service.ts';
import type { Fault } from '#local/faults.ts';
import { createS3 } from '#local/s3/index.ts';
import { createSqs } from '#local/sqs/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let nowMs = Date.now();
let sqs: SQSClient;
let s3: S3Client;
let dynamoDb: DynamoDBClient;
let struck = 0;

beforeAll(async () => {
  rooms = await openRooms((host) => [createSqs(host, () => nowMs), createS3(host), createDynamoDbRoom(host)]);
  sqs = new SQSClient(rooms.client);
  s3 = new S3Client(rooms.client);
  dynamoDb = new DynamoDBClient({ ...rooms.client, maxAttempts: 1 });
});
afterEach(() => rooms.faults.clear());
afterAll(async () => {
  for (const client of [sqs, s3, dynamoDb]) client.destroy();
  await rooms.close();
  rooms.remove();
  expect(rooms.failures).toEqual([]);
});

/** Begins a fault that strikes always, and counts afresh. */
const begin = (service: Fault['service'], does: Fault['does']) => {
  struck = 0;
  return rooms.faults.begin({ service, does, onStrike: () => (struck += 1) });
};

describe('queues', () => {
  let made = 0;
  const queue = async (fifo = false): Promise<string> => {
    const QueueName = `queue-${made++}${fifo ? '.fifo' : ''}`;
    return (await rooms.deploy('AWS::SQS::Queue', { QueueName, ...(fifo && { FifoQueue: true }) }, QueueName))
      .physicalId;
  };
  const send = (QueueUrl: string, bodies: readonly string[], more: object = {}) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: bodies.map((MessageBody) => ({ Id: MessageBody, MessageBody, ...more })),
      }),
    );
  const receive = async (QueueUrl: string) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? [];
  const remove = (QueueUrl: string, ReceiptHandle: string | undefined) =>
    sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  const bodiesOf = (messages: Awaited<ReturnType<typeof receive>>) => messages.map(({ Body }) => Body);

  test('deliver a message twice, each to be deleted by itself', async () => {
    const url = await queue();
    begin('sqs', 'duplicate');

    await send(url, ['a']);
    const messages = await receive(url);
    await remove(url, messages[0]?.ReceiptHandle);
    nowMs += 31_000;
    const left = await receive(url);
    await remove(url, left[0]?.ReceiptHandle);
    nowMs += 31_000;

    expect(bodiesOf(messages)).toEqual(['a', 'a']);
    expect(new Set(messages.map(({ MessageId }) => MessageId)).size).toBe(1);
    expect(bodiesOf(left)).toEqual(['a']);
    expect(await receive(url)).toEqual([]);
    expect(struck).toBe(1);
  });

  test('in order hold one copy, and give it out once more although it was deleted', async () => {
    const url = await queue(true);
    begin('sqs', 'duplicate');

    await send(url, ['a'], { MessageGroupId: 'g', MessageDeduplicationId: 'a' });
    const first = await receive(url);
    await remove(url, first[0]?.ReceiptHandle);
    const second = await receive(url);
    await remove(url, second[0]?.ReceiptHandle);

    expect([bodiesOf(first), bodiesOf(second)]).toEqual([['a'], ['a']]);
    expect(await receive(url)).toEqual([]);
    expect(struck).toBe(1);
  });

  test('let messages be overtaken for two seconds at most', async () => {
    const url = await queue();
    const end = begin('sqs', 'reorder');

    await send(url, ['late']);
    end();
    await send(url, ['prompt']);
    const atOnce = await receive(url);
    nowMs += 2_000;

    expect(bodiesOf(atOnce)).toEqual(['prompt']);
    expect(bodiesOf(await receive(url))).toEqual(['late']);
  });

  test('keep the order within a group, late or not', async () => {
    const url = await queue(true);
    const end = begin('sqs', 'reorder');
    const group = { MessageGroupId: 'g' };

    await send(url, ['first'], { ...group, MessageDeduplicationId: '1' });
    end();
    await send(url, ['second'], { ...group, MessageDeduplicationId: '2' });
    const atOnce = await receive(url);
    nowMs += 2_000;

    expect(atOnce).toEqual([]);
    expect(bodiesOf(await receive(url))).toEqual(['first', 'second']);
  });

  test('refuse some entries of a batch and take the others', async () => {
    const url = await queue();
    const bodies = ['a', 'b', 'c', 'd', 'e', 'f'];
    begin('sqs', 'partial-send');

    const { Successful = [], Failed = [] } = await send(url, bodies);

    expect(Failed.length).toBeGreaterThan(0);
    expect(Failed.every(({ SenderFault }) => SenderFault === false)).toBe(true);
    expect([...Successful, ...Failed].map(({ Id }) => Id).sort()).toEqual(bodies);
    expect(bodiesOf(await receive(url)).sort()).toEqual(Successful.map(({ Id }) => Id).sort());
  });
});

describe('an object that was announced', () => {
  const Bucket = 'announced';
  beforeAll(async () => {
    const { attributes } = await rooms.deploy('AWS::SQS::Queue', { QueueName: 'files' }, 'Files');
    await rooms.deploy('AWS::S3::Bucket', {
      BucketName: Bucket,
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: attributes.Arn }] },
    });
  });
  const put = async (Key: string) => (await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'rows' }))).VersionId;
  const read = async (Key: string, VersionId: string | undefined) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();

  test('is replaced for good before its version is read, once', async () => {
    const first = await put('overwritten');
    begin('s3', 'overwrite');

    await expect(read('overwritten', first)).rejects.toMatchObject({ name: 'NoSuchVersion' });
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'overwritten' }));

    expect(Versions).toHaveLength(1);
    await expect(read('overwritten', Versions[0]?.VersionId)).resolves.toBe('rows');
    expect(struck).toBe(1);
  });

  test('is gone before its version is read', async () => {
    const first = await put('deleted');
    begin('s3', 'delete');

    await expect(read('deleted', first)).rejects.toMatchObject({ name: 'NoSuchVersion' });
    await expect(read('deleted', undefined)).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(struck).toBe(1);
  });
});

describe('a table', () => {
  const TableName = 'things';
  beforeAll(async () => {
    await rooms.deploy('AWS::DynamoDB::Table', {
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
  });
  const keyOf = (pk: string) => ({ pk: { S: pk } });
  const writeBoth = (ClientRequestToken: string, abortSignal?: AbortSignal) =>
    dynamoDb.send(
      new TransactWriteItemsCommand({
        ClientRequestToken,
        TransactItems: ['a', 'b'].map((name) => ({ Put: { TableName, Item: keyOf(`${ClientRequestToken}-${name}`) } })),
      }),
      { ...(abortSignal && { abortSignal }) },
    );
  const isThere = async (pk: string) =>
    (await dynamoDb.send(new GetItemCommand({ TableName, Key: keyOf(pk) }))).Item !== undefined;

  test('has a transaction meet another one, and does nothing of it', async () => {
    begin('dynamodb', 'conflict');

    await expect(writeBoth('conflict')).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
    });

    expect(await isThere('conflict-a')).toBe(false);
    expect(struck).toBe(1);
  });

  test('commits, and loses the answer', async () => {
    begin('dynamodb', 'lose-answer');

    await expect(writeBoth('lost', AbortSignal.timeout(60))).rejects.toMatchObject({ name: 'AbortError' });
    rooms.faults.clear();

    expect(await isThere('lost-b')).toBe(true);
    await expect(writeBoth('lost')).resolves.toBeDefined();
  });

  test('leaves part of a batch for another call', async () => {
    const names = ['1', '2', '3'];
    for (const name of names) await dynamoDb.send(new PutItemCommand({ TableName, Item: keyOf(name) }));
    begin('dynamodb', 'unprocessed');

    const { Responses, UnprocessedKeys } = await dynamoDb.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: names.map(keyOf) } } }),
    );

    const left = UnprocessedKeys?.[TableName]?.Keys ?? [];
    expect(left.length).toBeGreaterThan(0);
    expect([...left, ...(Responses?.[TableName] ?? [])]).toHaveLength(names.length);
    expect(struck).toBe(1);
  });
});
