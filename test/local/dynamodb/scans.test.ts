import { type AttributeValue, CreateTableCommand, ScanCommand, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pagesOf, pairTable, type Served, serveDynamoDb } from './serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
});
afterAll(() => served.close());

const scan = (input: Partial<ScanCommandInput> = {}) =>
  served.client.send(new ScanCommand({ TableName: 'Scanned', ...input }));
const all = Array.from({ length: 60 }, (_, at) => `k${at}`);
beforeAll(async () => {
  await served.client.send(
    new CreateTableCommand(
      pairTable('Scanned', {
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
  for (const pk of all) {
    // The first seven have the index's key.
    const kind = Number(pk.slice(1)) < 7 ? { kind: { S: 'low' } } : {};
    const Item = { pk: { S: pk }, sk: { S: 's' }, n: { N: pk.slice(1) }, ...kind };
    served.service().handle('PutItem', { TableName: 'Scanned', Item });
  }
});

const keysOf = (pages: { Items?: Record<string, AttributeValue>[] }[]) =>
  pages.flatMap(({ Items }) => Items!.map(({ pk }) => pk!.S!)).sort();

test('pages have every item once', async () => {
  const pages = await pagesOf((ExclusiveStartKey) => scan({ Limit: 7, ExclusiveStartKey }));

  expect(keysOf(pages)).toEqual([...all].sort());
});

test('the segments of a parallel scan have every item once, and each its share', async () => {
  const segments = await Promise.all(
    [0, 1, 2].map((Segment) =>
      pagesOf((ExclusiveStartKey) => scan({ Segment, TotalSegments: 3, Limit: 4, ExclusiveStartKey })),
    ),
  );

  expect(keysOf(segments.flat())).toEqual([...all].sort());
  for (const pages of segments) expect(keysOf(pages).length).toBeGreaterThan(5);
});

test('a filter applies, and an index can be scanned', async () => {
  const filtered = await scan({ FilterExpression: 'n < :n', ExpressionAttributeValues: { ':n': { N: '3' } } });
  const indexed = await pagesOf((ExclusiveStartKey) => scan({ IndexName: 'by-kind', Limit: 2, ExclusiveStartKey }));

  expect(filtered).toMatchObject({ Count: 3, ScannedCount: 60 });
  expect(keysOf(indexed)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6']);
});

test('a segment must be one of all', async () => {
  await expect(scan({ Segment: 3, TotalSegments: 3 })).rejects.toThrow('Segment: 3 is not less than TotalSegments: 3');
  await expect(scan({ Segment: 1 })).rejects.toThrow('The TotalSegments parameter is required');
});
