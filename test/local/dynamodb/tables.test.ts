import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  ListTablesCommand,
  QueryCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TableDefinition } from '#local/dynamodb/index.ts';
import { pairTable, type Served, serveDynamoDb } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await serveDynamoDb();
});
afterEach(() => served.close());

const definition: TableDefinition = {
  TableName: 'Decisions',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'entity', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-entity',
      KeySchema: [{ AttributeName: 'entity', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
};
const { GlobalSecondaryIndexes: _, ...rest } = definition;
const withoutIndex: TableDefinition = { ...rest, AttributeDefinitions: [definition.AttributeDefinitions[0]!] };
const put = (id: string) =>
  served.service().handle('PutItem', { TableName: 'Decisions', Item: { id: { S: id }, entity: { S: 'e' } } });
const byEntity = async () =>
  (
    await served.client.send(
      new QueryCommand({
        TableName: 'Decisions',
        IndexName: 'by-entity',
        KeyConditionExpression: 'entity = :e',
        ExpressionAttributeValues: { ':e': { S: 'e' } },
      }),
    )
  ).Items!.map(({ id }) => id!.S);

describe('through the API', () => {
  test('a table is created, waited for, described, listed and deleted', async () => {
    const { TableDescription } = await served.client.send(new CreateTableCommand(pairTable('Events')));
    await waitUntilTableExists({ client: served.client, maxWaitTime: 30 }, { TableName: 'Events' });
    served.service().handle('PutItem', { TableName: 'Events', Item: { pk: { S: 'a' }, sk: { S: 'b' } } });

    const { Table } = await served.client.send(new DescribeTableCommand({ TableName: 'Events' }));

    expect(TableDescription!.TableArn).toBe('arn:aws:dynamodb:eu-west-1:123456789012:table/Events');
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      ItemCount: 1,
      // 'pk', 'a', 'sk' and 'b'.
      TableSizeBytes: 6,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      CreationDateTime: new Date(served.clock.nowMs),
      KeySchema: pairTable('Events').KeySchema,
    });
    expect((await served.client.send(new ListTablesCommand({}))).TableNames).toEqual(['Events']);
    await served.client.send(new DeleteTableCommand({ TableName: 'Events' }));
    await expect(served.client.send(new DescribeTableCommand({ TableName: 'Events' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: Events not found',
    });
  });

  test('names are listed in pages', async () => {
    for (const name of ['ccc', 'aaa', 'bbb']) await served.client.send(new CreateTableCommand(pairTable(name)));

    const first = await served.client.send(new ListTablesCommand({ Limit: 2 }));
    const second = await served.client.send(
      new ListTablesCommand({ ExclusiveStartTableName: first.LastEvaluatedTableName }),
    );

    expect([first.TableNames, second.TableNames]).toEqual([['aaa', 'bbb'], ['ccc']]);
    expect(second.LastEvaluatedTableName).toBeUndefined();
  });

  test('a definition that breaks a rule is refused, and so is a second table of the name', async () => {
    const unnamed = pairTable('Events', { AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }] });
    await expect(served.client.send(new CreateTableCommand(unnamed))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Invalid KeySchema: Some index key attribute have no definition',
    });

    await served.client.send(new CreateTableCommand(pairTable('Events')));
    await expect(served.client.send(new CreateTableCommand(pairTable('Events')))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
  });

  test('an operation that is not covered says so', async () => {
    expect(await served.send('RestoreTableToPointInTime', {})).toEqual({
      __type: 'com.amazon.coral.service#UnknownOperationException',
    });
    expect(served.service().handle('GetItem', null)).toMatchObject({ status: 400 });
  });
});

describe('from a template', () => {
  test('the same definition again changes nothing', async () => {
    const first = served.service().createTable(definition);
    put('a');
    served.clock.nowMs += 1000;

    expect(served.service().createTable(definition)).toEqual(first);
    expect(first).toEqual({
      tableArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Decisions',
      streamArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Decisions/stream/2026-11-07T12:00:00.000',
    });
    expect(await byEntity()).toEqual(['a']);
  });

  test('an index that is added is filled, one that is taken away is gone', async () => {
    served.service().createTable(withoutIndex);
    for (let at = 0; at < 1200; at += 1) put(`d${at}`);

    served.service().createTable(definition);
    put('fresh');
    served.reopen();

    expect(await byEntity()).toHaveLength(1201);
    served.service().createTable(withoutIndex);
    await expect(byEntity()).rejects.toThrow('The table does not have the specified index: by-entity');
    served.service().createTable(definition);
    expect(await byEntity()).toHaveLength(1201);
  });

  test.each<[string, TableDefinition]>([
    [
      'name',
      {
        ...withoutIndex,
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      },
    ],
    ['type', { ...withoutIndex, AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }] }],
  ])('a key of another %s is refused', (_what, changed) => {
    served.service().createTable(withoutIndex);

    expect(() => served.service().createTable(changed)).toThrow("Table 'Decisions' exists with another key schema");
  });

  test('a stream that is turned off stays readable, and turned on again is another', () => {
    const { streamArn } = served.service().createTable(definition);
    put('a');
    served.service().createTable({ ...definition, StreamSpecification: undefined });
    put('b');

    const again = served.service().createTable(definition).streamArn;

    expect(again).not.toBe(streamArn);
    expect(served.service().readStream(streamArn!, undefined, 10)).toHaveLength(1);
    expect(served.service().readStream(again!, undefined, 10)).toEqual([]);
  });

  test('the properties of a global table, with what has no meaning here, are understood', async () => {
    const resource = {
      ...definition,
      Replicas: [{ Region: 'eu-west-1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 10 },
    };

    served.service().createTable(resource);

    const { Table } = await served.client.send(new DescribeTableCommand({ TableName: 'Decisions' }));
    expect(Table!.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' });
    expect(Table!.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'by-entity', IndexStatus: 'ACTIVE' }]);
  });

  test('a protected table is not deleted', () => {
    served.service().createTable({ ...definition, DeletionProtectionEnabled: true });

    expect(() => served.service().deleteTable('Decisions')).toThrow('currently protected against deletion');
    served.service().createTable(definition);
    served.service().deleteTable('Decisions');
    expect(served.service().streamArn('Decisions')).toBeUndefined();
  });
});
