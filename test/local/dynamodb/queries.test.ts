import {
  type AttributeValue,
  CreateTableCommand,
  type Projection,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pagesOf, pairTable, type Served, serveDynamoDb } from './serve.ts';

let served: Served;
const indexOf = (IndexName: string, Projection: Projection) => ({
  IndexName,
  Projection,
  KeySchema: [
    { AttributeName: 'kind', KeyType: 'HASH' as const },
    { AttributeName: 'rank', KeyType: 'RANGE' as const },
  ],
});
beforeAll(async () => {
  served = await serveDynamoDb();
  const names = [
    ['pk', 'S'],
    ['sk', 'S'],
    ['kind', 'S'],
    ['rank', 'N'],
  ] as const;
  await served.client.send(
    new CreateTableCommand(
      pairTable('Things', {
        AttributeDefinitions: names.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
        GlobalSecondaryIndexes: [
          indexOf('all', { ProjectionType: 'ALL' }),
          indexOf('keys', { ProjectionType: 'KEYS_ONLY' }),
          indexOf('some', { ProjectionType: 'INCLUDE', NonKeyAttributes: ['color'] }),
        ],
        LocalSecondaryIndexes: [
          {
            IndexName: 'local',
            KeySchema: [
              { AttributeName: 'pk', KeyType: 'HASH' },
              { AttributeName: 'rank', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    ),
  );
});
afterAll(() => served.close());

/** Writes past the client: these tests are about reading. */
const put = (Item: Record<string, AttributeValue>) => {
  expect(served.service().handle('PutItem', { TableName: 'Things', Item })).toMatchObject({ status: 200 });
};
const thing = (pk: string, sk: string, more: Record<string, AttributeValue> = {}) =>
  put({ pk: { S: pk }, sk: { S: sk }, ...more });
const query = (input: Partial<QueryCommandInput>) =>
  served.client.send(new QueryCommand({ TableName: 'Things', ...input }));
const of = (pk: string, condition = '', values: Record<string, AttributeValue> = {}): Partial<QueryCommandInput> => ({
  KeyConditionExpression: `pk = :pk${condition}`,
  ExpressionAttributeValues: { ':pk': { S: pk }, ...values },
});
const ofKind = (IndexName: string, kind: string): Partial<QueryCommandInput> => ({
  IndexName,
  KeyConditionExpression: 'kind = :kind',
  ExpressionAttributeValues: { ':kind': { S: kind } },
});
const column = (output: QueryCommandOutput, name = 'sk') => output.Items!.map((item) => item[name]?.S ?? item[name]?.N);

describe('the range of a query', () => {
  const sorted = ['', 'a', 'ab', 'abc', 'b', 'zz', '\ue000', '🦓'].filter(Boolean);
  beforeAll(() => {
    for (const sk of [...sorted].reverse()) thing('range', sk);
    thing('other', 'a');
  });

  test('is in the order of UTF-8, forward and backward', async () => {
    expect(column(await query(of('range')))).toEqual(sorted);
    expect(column(await query({ ...of('range'), ScanIndexForward: false }))).toEqual([...sorted].reverse());
  });

  test.each([
    [' AND sk = :a', ['ab']],
    [' AND sk < :a', ['a']],
    [' AND sk <= :a', ['a', 'ab']],
    [' AND sk > :a', ['abc', 'b', 'zz', '\ue000', '🦓']],
    [' AND sk >= :a', ['ab', 'abc', 'b', 'zz', '\ue000', '🦓']],
    [' AND begins_with(sk, :a)', ['ab', 'abc']],
    [' AND :a < sk', ['abc', 'b', 'zz', '\ue000', '🦓']],
  ])('%s', async (condition, expected) => {
    const values = { ':a': { S: 'ab' } };

    expect(column(await query(of('range', condition, values)))).toEqual(expected);
    expect(column(await query({ ...of('range', condition, values), ScanIndexForward: false }))).toEqual(
      [...expected].reverse(),
    );
  });

  test('BETWEEN has both its ends, and needs them in order', async () => {
    const between = (low: string, high: string) =>
      query(of('range', ' AND sk BETWEEN :low AND :high', { ':low': { S: low }, ':high': { S: high } }));

    expect(column(await between('ab', 'b'))).toEqual(['ab', 'abc', 'b']);
    expect(column(await between('a', 'ab'))).toEqual(['a', 'ab']);
    await expect(between('b', 'a')).rejects.toThrow(
      'The BETWEEN operator requires upper bound to be greater than or equal to lower bound',
    );
  });

  test('binary and numeric ranges have the order of their values', async () => {
    const table = (name: string, AttributeType: 'N' | 'B') =>
      served.client.send(
        new CreateTableCommand(
          pairTable(name, {
            AttributeDefinitions: [
              { AttributeName: 'pk', AttributeType: 'S' },
              { AttributeName: 'sk', AttributeType },
            ],
          }),
        ),
      );
    await Promise.all([table('Numbers', 'N'), table('Bytes', 'B')]);
    const numbers = ['-1e100', '-20', '-3', '-2.5', '0', '1e-5', '9', '10', '10.01'];
    const bytes = [[0], [0, 1], [1], [254, 255], [255], [255, 255]];
    for (const N of [...numbers].reverse()) {
      served.service().handle('PutItem', { TableName: 'Numbers', Item: { pk: { S: 'a' }, sk: { N } } });
    }
    for (const B of bytes.map((one) => Buffer.from(one).toString('base64')).reverse()) {
      served.service().handle('PutItem', { TableName: 'Bytes', Item: { pk: { S: 'a' }, sk: { B } } });
    }

    const found = await query({ TableName: 'Numbers', ...of('a') });
    const prefixed = await query({
      TableName: 'Bytes',
      ...of('a', ' AND begins_with(sk, :b)', { ':b': { B: Uint8Array.of(255) } }),
    });

    expect(column(found).map(Number)).toEqual(numbers.map(Number));
    expect(prefixed.Items!.map(({ sk }) => [...sk!.B!])).toEqual([[255], [255, 255]]);
  });

  test.each<{ condition: Partial<QueryCommandInput>; says: string }>([
    { condition: { KeyConditionExpression: 'sk = :pk' }, says: 'Query condition missed key schema element: pk' },
    { condition: { KeyConditionExpression: 'pk > :pk' }, says: 'Query key condition not supported' },
    {
      condition: { KeyConditionExpression: 'pk = :pk OR sk = :pk' },
      says: 'Invalid operator used in KeyConditionExpression: OR',
    },
    {
      condition: { KeyConditionExpression: 'pk = :pk AND color = :pk' },
      says: 'Query condition missed key schema element: sk',
    },
    {
      condition: { KeyConditionExpression: undefined },
      says: 'Either the KeyConditions or KeyConditionExpression parameter must be specified',
    },
    {
      condition: { FilterExpression: 'sk = :pk' },
      says: 'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    },
    { condition: { IndexName: 'nope' }, says: 'The table does not have the specified index: nope' },
    { condition: { Limit: 0 }, says: 'Member must have value greater than or equal to 1' },
    {
      condition: { Select: 'COUNT', ProjectionExpression: 'sk' },
      says: 'Cannot specify the ProjectionExpression when choosing to get only the Count',
    },
    { condition: { ExclusiveStartKey: { pk: { S: 'x' }, sk: { S: 'a' } } }, says: 'outside query boundaries' },
    { condition: { ExclusiveStartKey: { pk: { S: 'range' } } }, says: 'The provided starting key is invalid' },
  ])('$says', async ({ condition, says }) => {
    await expect(query({ ...of('range'), ...condition })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(says),
    });
  });
});

describe('pages', () => {
  beforeAll(() => {
    for (let at = 0; at < 25; at += 1)
      thing('page', String(at).padStart(2, '0'), { even: { BOOL: at % 2 === 0 }, n: { N: String(at) } });
    for (let at = 0; at < 12; at += 1) thing('fat', String(at).padStart(2, '0'), { a: { S: 'x'.repeat(200 * 1024) } });
  });

  test.each([true, false])('every item is on one page, whatever the limit (forward: %s)', async (ScanIndexForward) => {
    const pages = await pagesOf((ExclusiveStartKey) =>
      query({ ...of('page'), Limit: 7, ScanIndexForward, ExclusiveStartKey }),
    );

    const all = Array.from({ length: 25 }, (_, at) => String(at).padStart(2, '0'));
    expect(pages.map(({ Count }) => Count)).toEqual([7, 7, 7, 4]);
    expect(pages.flatMap((page) => column(page))).toEqual(ScanIndexForward ? all : all.reverse());
  });

  test('a limit counts what is read, a filter what is shown', async () => {
    const output = await query({
      ...of('page', '', { ':true': { BOOL: true } }),
      FilterExpression: 'even = :true',
      Limit: 10,
      ProjectionExpression: 'n',
    });

    expect(output).toMatchObject({
      Count: 5,
      ScannedCount: 10,
      LastEvaluatedKey: { pk: { S: 'page' }, sk: { S: '09' } },
    });
    expect(column(output, 'n')).toEqual(['0', '2', '4', '6', '8']);
  });

  test('a count brings no items', async () => {
    const output = await query({ ...of('page'), Select: 'COUNT' });

    expect(output).toMatchObject({ Count: 25, ScannedCount: 25 });
    expect(output.Items).toBeUndefined();
  });

  test('a page ends at 1 MB, counted or shown', async () => {
    const shown = await pagesOf((ExclusiveStartKey) => query({ ...of('fat'), ExclusiveStartKey }));
    const counted = await pagesOf((ExclusiveStartKey) => query({ ...of('fat'), Select: 'COUNT', ExclusiveStartKey }));

    // Five items of 200 KB and a few bytes are the last below 1 MB; the sixth crosses it and ends the page.
    expect(shown.map(({ Count }) => Count)).toEqual([6, 6, 0]);
    expect(counted.map(({ Count }) => Count)).toEqual([6, 6, 0]);
  });

  test('a start key outside the range condition is refused', async () => {
    const input = of('page', ' AND sk < :sk', { ':sk': { S: '10' } });

    await expect(query({ ...input, ExclusiveStartKey: { pk: { S: 'page' }, sk: { S: '11' } } })).rejects.toThrow(
      'The provided starting key does not match the range key predicate',
    );
  });
});

describe('indexes', () => {
  beforeAll(() => {
    for (let at = 0; at < 9; at += 1) {
      // Three items share each rank, so that pages must tell them apart.
      const rank = { rank: { N: String(Math.floor(at / 3)) } };
      thing(`i${at}`, 'x', { kind: { S: 'ranked' }, ...rank, color: { S: 'red' }, size: { N: '1' } });
    }
    thing('sparse', 'x', { kind: { S: 'ranked' } });
  });

  test('an index shows its projection and leaves out items without its key', async () => {
    const names = async (index: string) =>
      Object.keys((await query({ ...ofKind(index, 'ranked'), Limit: 1 })).Items![0]!).sort();

    expect(await names('all')).toEqual(['color', 'kind', 'pk', 'rank', 'size', 'sk']);
    expect(await names('keys')).toEqual(['kind', 'pk', 'rank', 'sk']);
    expect(await names('some')).toEqual(['color', 'kind', 'pk', 'rank', 'sk']);
    expect((await query(ofKind('all', 'ranked'))).Count).toBe(9);
  });

  test.each([true, false])(
    'pages of an index have every item once, in order (forward: %s)',
    async (ScanIndexForward) => {
      const pages = await pagesOf((ExclusiveStartKey) =>
        query({ ...ofKind('keys', 'ranked'), Limit: 2, ScanIndexForward, ExclusiveStartKey }),
      );

      const ranks = pages.flatMap((page) => column(page, 'rank').map(Number));
      const ids = pages.flatMap((page) => column(page, 'pk'));
      expect(ranks).toEqual([...ranks].sort((a, b) => (ScanIndexForward ? a - b : b - a)));
      expect(new Set(ids).size).toBe(9);
      expect(Object.keys(pages[0]!.LastEvaluatedKey!).sort()).toEqual(['kind', 'pk', 'rank', 'sk']);
    },
  );

  test('an index follows its items as they change and go', async () => {
    const found = async () => column(await query(ofKind('all', 'moving')), 'rank');
    thing('moving', 'x', { kind: { S: 'moving' }, rank: { N: '1' } });
    expect(await found()).toEqual(['1']);

    thing('moving', 'x', { kind: { S: 'moving' }, rank: { N: '-2' } });
    expect(await found()).toEqual(['-2']);

    thing('moving', 'x', { kind: { S: 'moving' } });
    expect(await found()).toEqual([]);

    thing('moving', 'x', { kind: { S: 'moving' }, rank: { N: '3' } });
    served.service().handle('DeleteItem', { TableName: 'Things', Key: { pk: { S: 'moving' }, sk: { S: 'x' } } });
    expect(await found()).toEqual([]);
  });

  test('an index key of the wrong type, or empty, is refused with the item', async () => {
    const attempt = (kind: AttributeValue) =>
      served.service().handle('PutItem', { TableName: 'Things', Item: { pk: { S: 'a' }, sk: { S: 'a' }, kind } }).body;

    expect(attempt({ N: '1' })).toMatchObject({
      message:
        'One or more parameter values were invalid: Type mismatch for Index Key kind Expected: S Actual: N IndexName: all',
    });
    expect(attempt({ S: '' })).toMatchObject({
      message: expect.stringContaining('cannot contain an empty string value. IndexName: all, IndexKey: kind'),
    });
  });

  test('a global index has neither strong reads nor what it does not project', async () => {
    await expect(query({ ...ofKind('all', 'ranked'), ConsistentRead: true })).rejects.toThrow(
      'Consistent reads are not supported on global secondary indexes',
    );
    await expect(query({ ...ofKind('keys', 'ranked'), Select: 'ALL_ATTRIBUTES' })).rejects.toThrow(
      'Select type ALL_ATTRIBUTES is not supported for global secondary index keys',
    );
    await expect(query({ ...ofKind('keys', 'ranked'), ProjectionExpression: 'color' })).rejects.toThrow(
      'Global secondary index keys does not project [color]',
    );
  });

  test('a local index reads strongly and fetches what it lacks from the table', async () => {
    thing('local', 'b', { rank: { N: '1' }, color: { S: 'red' } });
    thing('local', 'a', { rank: { N: '2' }, color: { S: 'blue' } });
    const local = { ...of('local'), IndexName: 'local', ConsistentRead: true };

    expect(column(await query(local))).toEqual(['b', 'a']);
    expect(column(await query({ ...local, ProjectionExpression: 'color' }), 'color')).toEqual(['red', 'blue']);
    expect(column(await query(local), 'color')).toEqual([undefined, undefined]);
  });
});
