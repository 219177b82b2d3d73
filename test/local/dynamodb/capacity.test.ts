import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pairTable, type Served, serveDynamoDb } from './serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
  await served.client.send(
    new CreateTableCommand(
      pairTable('Metered', {
        AttributeDefinitions: ['pk', 'sk', 'kind'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-kind',
            KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    ),
  );
});
afterAll(() => served.close());

const TableName = 'Metered';
const ReturnConsumedCapacity = 'INDEXES';
/** An item of exactly so many bytes. */
const sized = (pk: string, bytes: number, kind?: string) => {
  const item = { pk: { S: pk }, sk: { S: '1' }, ...(kind ? { kind: { S: kind } } : {}) };
  const used = 2 + pk.length + 3 + (kind ? 4 + kind.length : 0) + 1;
  return { ...item, a: { S: 'x'.repeat(bytes - used) } };
};
const put = async (pk: string, bytes: number, kind?: string) =>
  (await served.client.send(new PutItemCommand({ TableName, Item: sized(pk, bytes, kind), ReturnConsumedCapacity })))
    .ConsumedCapacity!;
const keyOf = (pk: string) => ({ pk: { S: pk }, sk: { S: '1' } });

describe('writes', () => {
  test.each([
    { bytes: 1024, units: 1 },
    { bytes: 1025, units: 2 },
    { bytes: 10 * 1024, units: 10 },
  ])('an item of $bytes bytes takes $units units', async ({ bytes, units }) => {
    expect(await put(`w${bytes}`, bytes)).toEqual({ TableName, CapacityUnits: units, Table: { CapacityUnits: units } });
  });

  test('the larger of the item before and after counts', async () => {
    await put('shrinks', 5000);

    expect((await put('shrinks', 100)).CapacityUnits).toBe(5);
    await put('shrinks', 3000);
    const { ConsumedCapacity } = await served.client.send(
      new UpdateItemCommand({ TableName, Key: keyOf('shrinks'), UpdateExpression: 'REMOVE a', ReturnConsumedCapacity }),
    );
    expect(ConsumedCapacity!.CapacityUnits).toBe(3);
    const gone = await served.client.send(
      new DeleteItemCommand({ TableName, Key: keyOf('nobody'), ReturnConsumedCapacity: 'TOTAL' }),
    );
    expect(gone.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 1 });
  });

  test('an index is paid for when its entry comes, moves or goes, by what it projects', async () => {
    const indexUnits = async (bytes: number, kind?: string) =>
      (await put('indexed', bytes, kind)).GlobalSecondaryIndexes?.['by-kind']?.CapacityUnits;

    expect(await indexUnits(5000)).toBeUndefined();
    expect(await indexUnits(5000, 'one')).toBe(1);
    // The projected part, the keys, stays as it is.
    expect(await indexUnits(6000, 'one')).toBeUndefined();
    expect(await indexUnits(6000, 'two')).toBe(2);
    expect(await indexUnits(6000)).toBe(1);
  });

  test('a transaction takes twice the units, a batch the sum', async () => {
    const transaction = await served.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: sized('t1', 2000, 'one') } },
          { ConditionCheck: { TableName, Key: keyOf('t2'), ConditionExpression: 'attribute_not_exists(pk)' } },
        ],
        ReturnConsumedCapacity,
      }),
    );
    const batch = await served.client.send(
      new BatchWriteItemCommand({
        RequestItems: { Metered: [100, 2000].map((bytes) => ({ PutRequest: { Item: sized(`b${bytes}`, bytes) } })) },
        ReturnConsumedCapacity,
      }),
    );

    expect(transaction.ConsumedCapacity).toEqual([
      {
        TableName,
        CapacityUnits: 8,
        WriteCapacityUnits: 8,
        Table: { CapacityUnits: 6 },
        GlobalSecondaryIndexes: { 'by-kind': { CapacityUnits: 2 } },
      },
    ]);
    expect(batch.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 3, Table: { CapacityUnits: 3 } }]);
  });
});

describe('reads', () => {
  test.each([
    { bytes: 4096, ConsistentRead: true, units: 1 },
    { bytes: 4097, ConsistentRead: true, units: 2 },
    { bytes: 4097, ConsistentRead: false, units: 1 },
    { bytes: 100, ConsistentRead: false, units: 0.5 },
  ])('$bytes bytes, consistent $ConsistentRead: $units units', async ({ bytes, ConsistentRead, units }) => {
    await put('read', bytes);

    const { ConsumedCapacity } = await served.client.send(
      new GetItemCommand({ TableName, Key: keyOf('read'), ConsistentRead, ReturnConsumedCapacity: 'TOTAL' }),
    );

    expect(ConsumedCapacity).toEqual({ TableName, CapacityUnits: units });
  });

  test('a query pays for all it reads together, on the table or on the index', async () => {
    for (const sk of ['1', '2', '3']) {
      const { a } = sized('q', 2000);
      served
        .service()
        .handle('PutItem', { TableName, Item: { pk: { S: 'q' }, sk: { S: sk }, kind: { S: 'queried' }, a } });
    }
    const query = async (IndexName?: string) =>
      (
        await served.client.send(
          new QueryCommand({
            TableName,
            IndexName,
            KeyConditionExpression: IndexName ? 'kind = :v' : 'pk = :v',
            ExpressionAttributeValues: { ':v': { S: IndexName ? 'queried' : 'q' } },
            ReturnConsumedCapacity,
          }),
        )
      ).ConsumedCapacity;

    // Three times 2,000 bytes and a few are 6,033: two times 4 KB, halved.
    expect(await query()).toMatchObject({ CapacityUnits: 1, Table: { CapacityUnits: 1 } });
    // On the index three entries of keys are less than 4 KB.
    expect(await query('by-kind')).toMatchObject({
      CapacityUnits: 0.5,
      Table: { CapacityUnits: 0 },
      GlobalSecondaryIndexes: { 'by-kind': { CapacityUnits: 0.5 } },
    });
  });

  test('a batch pays for each key, found or not', async () => {
    await put('found', 5000);

    const { ConsumedCapacity } = await served.client.send(
      new BatchGetItemCommand({
        RequestItems: { Metered: { Keys: [keyOf('found'), keyOf('lost')], ConsistentRead: true } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );

    expect(ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 3 }]);
  });
});
