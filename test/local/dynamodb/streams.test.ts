import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  type StreamViewType,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { StreamRecord } from '#local/dynamodb/index.ts';
import { pairTable, type Served, serveDynamoDb } from './serve.ts';

let served: Served;
let tables = 0;
let TableName = '';
beforeAll(async () => {
  served = await serveDynamoDb();
});
afterAll(() => served.close());
beforeEach(() => createTable('NEW_AND_OLD_IMAGES'));

const HOUR_MS = 60 * 60 * 1000;
const createTable = async (StreamViewType: StreamViewType) => {
  tables += 1;
  TableName = `Streamed${tables}`;
  const StreamSpecification = { StreamEnabled: true, StreamViewType };
  await served.client.send(new CreateTableCommand(pairTable(TableName, { StreamSpecification })));
};
const keyOf = (pk: string) => ({ pk: { S: pk }, sk: { S: '1' } });
const put = (pk: string, more: Record<string, AttributeValue> = {}) =>
  served.client.send(new PutItemCommand({ TableName, Item: { ...keyOf(pk), ...more } }));
const streamArn = () => served.service().streamArn(TableName)!;
const records = (after?: string) => served.service().readStream(streamArn(), after, 1000);
const images = (all: StreamRecord[]) =>
  all.map(({ eventName, dynamodb: { OldImage, NewImage } }) => [eventName, OldImage?.n, NewImage?.n]);

interface ApiRecord {
  readonly eventName: string;
  readonly userIdentity?: object;
  readonly dynamodb: { readonly SequenceNumber: string };
}
interface Shard {
  readonly ShardId: string;
}
const shardOf = async () => {
  const { StreamDescription } = await served.send<{ StreamDescription: { Shards: [Shard] } }>('DescribeStream', {
    StreamArn: streamArn(),
  });
  return StreamDescription.Shards[0].ShardId;
};
const iteratorAt = async (ShardIteratorType: string, SequenceNumber?: string) =>
  served.send<{ ShardIterator: string; __type?: string }>('GetShardIterator', {
    StreamArn: streamArn(),
    ShardId: await shardOf(),
    ShardIteratorType,
    SequenceNumber,
  });
const getRecords = (ShardIterator: string, Limit?: number) =>
  served.send<{ Records: ApiRecord[]; NextShardIterator: string; __type?: string }>('GetRecords', {
    ShardIterator,
    Limit,
  });

describe('what a stream says', () => {
  test('changes come in the order they were made, with both images, and only real ones', async () => {
    await put('a', { n: { N: '1' } });
    await put('a', { n: { N: '1.0' } });
    await served.client.send(
      new UpdateItemCommand({
        TableName,
        Key: keyOf('a'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
    const failing = { TableName, Key: keyOf('a'), ConditionExpression: 'attribute_not_exists(pk)' };
    await expect(served.client.send(new DeleteItemCommand(failing))).rejects.toThrow();
    await served.client.send(new DeleteItemCommand({ TableName, Key: keyOf('a') }));
    await served.client.send(new DeleteItemCommand({ TableName, Key: keyOf('a') }));

    const all = records();

    expect(images(all)).toEqual([
      ['INSERT', undefined, { N: '1' }],
      ['MODIFY', { N: '1' }, { N: '2' }],
      ['REMOVE', { N: '2' }, undefined],
    ]);
    expect(all[0]).toEqual({
      eventID: expect.any(String),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-1',
      eventSourceARN: streamArn(),
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(served.clock.nowMs / 1000),
        Keys: keyOf('a'),
        NewImage: { ...keyOf('a'), n: { N: '1' } },
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        // Keys: 2 + 1 + 2 + 1 bytes, once as keys and once in the image; then 'n' and its number, 1 + 2.
        SizeBytes: 15,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  });

  test.each([
    { view: 'KEYS_ONLY' as const, shown: [undefined, undefined] },
    { view: 'NEW_IMAGE' as const, shown: [undefined, { N: '2' }] },
    { view: 'OLD_IMAGE' as const, shown: [{ N: '1' }, undefined] },
  ])('$view shows what it says', async ({ view, shown }) => {
    await createTable(view);
    await put('a', { n: { N: '1' } });
    await put('a', { n: { N: '2' } });

    expect(images(records())[1]).toEqual(['MODIFY', ...shown]);
  });

  test('a transaction’s records are all there, and none of a cancelled one', async () => {
    const transact = (pks: string[]) =>
      served.client.send(
        new TransactWriteItemsCommand({
          TransactItems: pks.map((pk) => ({
            Put: { TableName, Item: keyOf(pk), ConditionExpression: 'attribute_not_exists(pk)' },
          })),
        }),
      );
    await transact(['a', 'b']);
    await expect(transact(['c', 'b'])).rejects.toThrow();

    expect(records().map(({ dynamodb }) => dynamodb.Keys.pk)).toEqual([{ S: 'a' }, { S: 'b' }]);
  });

  test('listeners hear of new records after they are durable, until they stop', async () => {
    const heard: string[] = [];
    const stop = served.service().onStreamRecords((arn) => heard.push(arn));
    await put('a');
    await put('a');
    await new Promise(setImmediate);
    stop();
    await put('b');
    await new Promise(setImmediate);

    expect(heard).toEqual([streamArn()]);
  });
});

describe('reading a stream', () => {
  test('a mapping goes on from where it stopped, also after a restart', async () => {
    for (const pk of ['a', 'b', 'c']) await put(pk);
    const [first] = served.service().readStream(streamArn(), undefined, 1);
    served.reopen();

    expect(records(first!.dynamodb.SequenceNumber).map(({ dynamodb }) => dynamodb.Keys.pk)).toEqual([
      { S: 'b' },
      { S: 'c' },
    ]);
    const latest = served.service().latestSequence();
    await put('d');
    expect(records(latest).map(({ dynamodb }) => dynamodb.Keys.pk)).toEqual([{ S: 'd' }]);
  });

  test('iterators read from either end, and from a record', async () => {
    for (const pk of ['a', 'b', 'c']) await put(pk);
    const latest = (await iteratorAt('LATEST')).ShardIterator;
    const sequences = records().map(({ dynamodb }) => dynamodb.SequenceNumber);
    const read = async (type: string, sequence?: string) =>
      (await getRecords((await iteratorAt(type, sequence)).ShardIterator)).Records.map(
        ({ dynamodb }) => dynamodb.SequenceNumber,
      );

    expect(await read('TRIM_HORIZON')).toEqual(sequences);
    expect(await read('AT_SEQUENCE_NUMBER', sequences[1])).toEqual(sequences.slice(1));
    expect(await read('AFTER_SEQUENCE_NUMBER', sequences[1])).toEqual(sequences.slice(2));
    await put('d');
    const page = await getRecords(latest);
    expect(page.Records).toHaveLength(1);
    expect((await getRecords(page.NextShardIterator)).Records).toEqual([]);
  });

  test('a limit pages', async () => {
    for (const pk of ['a', 'b', 'c']) await put(pk);

    const first = await getRecords((await iteratorAt('TRIM_HORIZON')).ShardIterator, 2);
    const second = await getRecords(first.NextShardIterator, 2);

    expect([first.Records.length, second.Records.length]).toEqual([2, 1]);
  });

  test('records are kept for a day', async () => {
    await put('a');
    const sequence = records()[0]!.dynamodb.SequenceNumber;
    served.clock.nowMs += 24 * HOUR_MS - 1;
    expect(records()).toHaveLength(1);
    await put('b');
    served.clock.nowMs += 1;

    expect(records().map(({ dynamodb }) => dynamodb.Keys.pk)).toEqual([{ S: 'b' }]);
    served.service().sweepExpired(served.clock.nowMs);
    expect(records()).toHaveLength(1);
    expect((await iteratorAt('AFTER_SEQUENCE_NUMBER', sequence)).__type).toMatch(/TrimmedDataAccessException$/);
  });

  test('hours in which nothing runs do not count', async () => {
    await put('a');
    served.clock.nowMs += 20 * HOUR_MS;
    await put('b');
    served.clock.nowMs += 48 * HOUR_MS;

    served.reopen();

    expect(records()).toHaveLength(2);
    served.clock.nowMs += 5 * HOUR_MS;
    expect(records().map(({ dynamodb }) => dynamodb.Keys.pk)).toEqual([{ S: 'b' }]);
  });

  test('an iterator lives five minutes, and must be a real one', async () => {
    const { ShardIterator } = await iteratorAt('LATEST');
    served.clock.nowMs += 5 * 60 * 1000;

    expect((await getRecords(ShardIterator)).__type).toMatch(/ExpiredIteratorException$/);
    expect((await getRecords('made-up')).__type).toMatch(/ValidationException$/);
  });

  test('streams are listed, and an unknown one is not found', async () => {
    const { Streams } = await served.send<{ Streams: object[] }>('ListStreams', { TableName });
    const unknown = await served.send('DescribeStream', { StreamArn: `${streamArn()}9` });

    expect(Streams).toEqual([{ StreamArn: streamArn(), TableName, StreamLabel: streamArn().split('/').at(-1) }]);
    expect(unknown).toMatchObject({ __type: expect.stringMatching(/ResourceNotFoundException$/) });
  });
});

describe('time to live', () => {
  const seconds = () => Math.floor(served.clock.nowMs / 1000);
  const enable = (AttributeName = 'expires', Enabled = true) =>
    served.client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled } }));
  const exists = async (pk: string) =>
    (await served.client.send(new GetItemCommand({ TableName, Key: keyOf(pk) }))).Item !== undefined;
  const sweep = () => served.service().sweepExpired(served.clock.nowMs);

  test('a sweep deletes what has expired, and the stream says who did it', async () => {
    await put('early', { expires: { N: String(seconds() + 10) } });
    await enable();
    await put('late', { expires: { N: String(seconds() + 11) } });
    await put('moved', { expires: { N: String(seconds() + 10) } });
    await put('moved', { expires: { N: String(seconds() + 1000) } });
    await put('text', { expires: { S: '1' } });
    await put('ancient', { expires: { N: String(seconds() - 6 * 365 * 24 * 3600) } });
    const before = served.service().latestSequence();

    expect(sweep()).toBe(0);
    served.clock.nowMs += 10_000;
    expect(await exists('early')).toBe(true);
    expect(sweep()).toBe(1);

    expect(await Promise.all(['early', 'late', 'moved', 'text', 'ancient'].map(exists))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(records(before)).toMatchObject([
      {
        eventName: 'REMOVE',
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        dynamodb: { Keys: keyOf('early') },
      },
    ]);
    const { Records } = await getRecords((await iteratorAt('TRIM_HORIZON')).ShardIterator);
    expect(Records.at(-1)!.userIdentity).toEqual({ Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' });
  });

  test('more items than one batch are all deleted', async () => {
    await enable();
    for (let at = 0; at < 1001; at += 1) {
      served
        .service()
        .handle('PutItem', { TableName, Item: { ...keyOf(`k${at}`), expires: { N: String(seconds()) } } });
    }

    expect(sweep()).toBe(1001);
  });

  test('it is on or off, on one attribute', async () => {
    const status = async () =>
      (await served.client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;

    expect(await status()).toEqual({ TimeToLiveStatus: 'DISABLED' });
    await enable();
    expect(await status()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
    await expect(enable()).rejects.toThrow('TimeToLive is already enabled');
    await expect(enable('other')).rejects.toThrow(
      'TimeToLive is active on a different AttributeName: current AttributeName is expires',
    );
    await enable('expires', false);
    await expect(enable('expires', false)).rejects.toThrow('TimeToLive is already disabled');
  });
});
