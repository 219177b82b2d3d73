import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
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
const update = (pk: string, input: Partial<UpdateItemCommandInput>) =>
  served.client.send(new UpdateItemCommand({ TableName, Key: keyOf(pk), ...input }));

describe('conditions', () => {
  const item = {
    n: { N: '10' },
    s: { S: 'straße' },
    e: { S: '' },
    f: { BOOL: false },
    b: { B: Uint8Array.of(0xff, 1) },
    set: { NS: ['1', '2'] },
    l: { L: [{ N: '1' }, { M: { x: { S: 'y' } } }] },
    m: { M: { in: { N: '5' } } },
  };
  const values: Record<string, AttributeValue> = {
    ':nine': { N: '9' },
    ':ten': { N: '10.0' },
    ':hundred': { N: '1e2' },
    ':s': { S: 'stra' },
    ':empty': { S: '' },
    ':two': { N: '2' },
    ':no': { BOOL: false },
    ':b': { B: Uint8Array.of(0xff) },
    ':set': { NS: ['2', '1'] },
    ':x': { M: { x: { S: 'y' } } },
    ':S': { S: 'S' },
    ':BOOL': { S: 'BOOL' },
    ':seven': { N: '7' },
  };
  const holds = async (ConditionExpression: string) => {
    const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(ConditionExpression));
    const ExpressionAttributeValues = used.length > 0 ? Object.fromEntries(used) : undefined;
    const command = new PutItemCommand({
      TableName,
      Item: { ...keyOf('condition'), ...item },
      ConditionExpression,
      ExpressionAttributeValues,
    });
    return served.client.send(command).then(
      () => true,
      (error: Error) => error.name !== 'ConditionalCheckFailedException' && error.message,
    );
  };
  beforeAll(() => put('condition', item));

  test.each([
    ['n > :nine', true],
    ['n < :hundred', true],
    ['n = :ten', true],
    ['n <> :ten', false],
    ['absent <> :ten', true],
    ['absent < :ten', false],
    ['n < :s', false],
    ['n BETWEEN :nine AND :hundred', true],
    ['n IN (:nine, :ten)', true],
    ['e IN (:nine, :empty)', true],
    ['e BETWEEN :empty AND :s', true],
    ['attribute_type(e, :S)', true],
    ['attribute_type(f, :BOOL)', true],
    ['f = :no', true],
    ['size(e) < :two', true],
    ['size(s) = :seven', true],
    ['size(l) = :two', true],
    ['begins_with(s, :s)', true],
    ['begins_with(b, :b)', true],
    ['contains(s, :s)', true],
    [
      'contains(#set, :two)',
      'Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #set',
    ],
    ['contains(l, :x)', true],
    ['l[1] = :x', true],
    ['l[0] < :two AND NOT m.absent = :two', true],
    ['attribute_exists(l[1].x) AND attribute_not_exists(l[2])', true],
    ['attribute_exists(toString) OR attribute_exists(m.valueOf)', false],
    ['(n = :nine OR n = :ten) AND NOT attribute_exists(absent)', true],
  ])('%s: %s', async (condition, expected) => {
    expect(await holds(condition)).toBe(expected);
  });

  test('sets are equal in any order', async () => {
    const command = new PutItemCommand({
      TableName,
      Item: { ...keyOf('condition'), ...item },
      ConditionExpression: '#set = :set',
      ExpressionAttributeNames: { '#set': 'set' },
      ExpressionAttributeValues: { ':set': { NS: ['2', '1.0'] } },
    });

    await expect(served.client.send(command)).resolves.toBeDefined();
  });

  test('a failed condition changes nothing and shows the item when asked', async () => {
    const attempt = (ReturnValuesOnConditionCheckFailure?: 'ALL_OLD') =>
      served.client.send(
        new DeleteItemCommand({
          TableName,
          Key: keyOf('condition'),
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure,
        }),
      );

    await expect(attempt('ALL_OLD')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { n: { N: '10' } },
    });
    expect(await attempt().catch((error: { Item?: unknown }) => error.Item)).toBeUndefined();
    expect(await get('condition')).toMatchObject({ n: { N: '10' } });
  });

  test('the same expression is judged by each request’s own values', async () => {
    const attempt = (limit: string) =>
      update('condition', {
        UpdateExpression: 'SET seen = :limit',
        ConditionExpression: 'n < :limit',
        ExpressionAttributeValues: { ':limit': { N: limit } },
      }).then(
        () => 'written',
        (error: Error) => error.name,
      );

    expect(await attempt('11')).toBe('written');
    expect(await attempt('10')).toBe('ConditionalCheckFailedException');
    expect(await attempt('x')).toBe('ValidationException');
    expect(await attempt('10.5')).toBe('written');
    expect(await get('condition')).toMatchObject({ seen: { N: '10.5' } });
  });

  test('a projection returns what it names, list elements closed up', async () => {
    const { Item } = await served.client.send(
      new GetItemCommand({
        TableName,
        Key: keyOf('condition'),
        ProjectionExpression: 'l[1].x, m.#in, absent, n',
        ExpressionAttributeNames: { '#in': 'in' },
      }),
    );

    expect(Item).toEqual({ l: { L: [{ M: { x: { S: 'y' } } }] }, m: { M: { in: { N: '5' } } }, n: { N: '10' } });
  });
});
