import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pairTable, type Served, serveDynamoDb } from './serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
  await served.client.send(new CreateTableCommand(pairTable('Events')));
});
afterAll(() => served.close());

const TableName = 'Events';
const keyOf = (pk: string, sk = '1') => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, attributes: Record<string, AttributeValue> = {}) =>
  served.client.send(new PutItemCommand({ TableName, Item: { ...keyOf(pk), ...attributes } }));
const get = async (pk: string) =>
  (await served.client.send(new GetItemCommand({ TableName, Key: keyOf(pk), ConsistentRead: true }))).Item;
describe('batches', () => {
  test('what is written in a batch is read in a batch', async () => {
    const items = Array.from({ length: 25 }, (_, at) => ({ ...keyOf('batch', String(at)), n: { N: String(at) } }));
    await put('doomed');
    await served.client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          Events: items
            .slice(1)
            .map((Item) => ({ PutRequest: { Item } }))
            .concat([{ DeleteRequest: { Key: keyOf('doomed') } } as never]),
        },
      }),
    );

    const { Responses, UnprocessedKeys } = await served.client.send(
      new BatchGetItemCommand({
        RequestItems: { Events: { Keys: items.map((_, at) => keyOf('batch', String(at))), ProjectionExpression: 'n' } },
      }),
    );

    expect(Responses!.Events!.map(({ n }) => Number(n!.N)).sort((a, b) => a - b)).toEqual(
      items.slice(1).map((_, at) => at + 1),
    );
    expect(UnprocessedKeys).toEqual({});
    expect(await get('doomed')).toBeUndefined();
  });

  test('the same item twice, and more than a batch holds, are refused', async () => {
    const twice = [keyOf('a'), keyOf('a')];
    const many = Array.from({ length: 26 }, (_, at) => ({ PutRequest: { Item: keyOf('m', String(at)) } }));

    await expect(
      served.client.send(new BatchGetItemCommand({ RequestItems: { Events: { Keys: twice } } })),
    ).rejects.toThrow('Provided list of item keys contains duplicates');
    await expect(
      served.client.send(
        new BatchWriteItemCommand({ RequestItems: { Events: twice.map((Item) => ({ PutRequest: { Item } })) } }),
      ),
    ).rejects.toThrow('Provided list of item keys contains duplicates');
    await expect(served.client.send(new BatchWriteItemCommand({ RequestItems: { Events: many } }))).rejects.toThrow(
      'Member must have length less than or equal to 25',
    );
  });

  test('an answer ends at 16 MB and names the keys it left out', async () => {
    const keys = Array.from({ length: 42 }, (_, at) => keyOf('heavy', String(at)));
    for (const key of keys) {
      served.service().handle('PutItem', { TableName, Item: { ...key, a: { S: 'x'.repeat(400 * 1024 - 20) } } });
    }

    const { Responses, UnprocessedKeys } = await served.client.send(
      new BatchGetItemCommand({ RequestItems: { Events: { Keys: keys, ConsistentRead: true } } }),
    );

    // 16 MB hold 40 items of 400 KB.
    expect(Responses!.Events).toHaveLength(40);
    expect(UnprocessedKeys!.Events).toEqual({ Keys: keys.slice(40), ConsistentRead: true });
  });

  test('what a busy table leaves undone is given back', async () => {
    served.interfere(({ key }) => (isDeepStrictEqual(key?.sk, { S: '2' }) ? 'throttle' : undefined));
    const writes = ['1', '2', '3'].map((sk) => ({ PutRequest: { Item: keyOf('busy', sk) } }));

    const written = await served.client.send(new BatchWriteItemCommand({ RequestItems: { Events: writes } }));
    const read = await served.client.send(
      new BatchGetItemCommand({ RequestItems: { Events: { Keys: ['1', '2'].map((sk) => keyOf('busy', sk)) } } }),
    );
    served.interfere(() => undefined);

    expect(written.UnprocessedItems).toEqual({ Events: [writes[1]] });
    expect(read.Responses!.Events).toEqual([keyOf('busy', '1')]);
    expect(read.UnprocessedKeys).toEqual({ Events: { Keys: [keyOf('busy', '2')] } });
  });
});
