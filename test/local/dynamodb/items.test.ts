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
/** Updates an item and gives what it then holds beside its key. */
const updated = async (pk: string, input: Partial<UpdateItemCommandInput>) => {
  const { Attributes } = await update(pk, { ...input, ReturnValues: 'ALL_NEW' });
  const { pk: _, sk: __, ...rest } = Attributes!;
  return rest;
};

describe('values', () => {
  test('every type comes back as it was put, numbers in plain notation', async () => {
    const attributes = {
      text: { S: 'Zoë 🦓' },
      none: { S: '' },
      amount: { N: '-1.50e2' },
      bytes: { B: Uint8Array.of(0, 255, 16) },
      names: { SS: ['a', 'b'] },
      counts: { NS: ['1', '2.5'] },
      blobs: { BS: [Uint8Array.of(1), Uint8Array.of(2)] },
      list: { L: [{ S: 'x' }, { M: { deep: { BOOL: false } } }] },
      nothing: { NULL: true as const },
    };

    await put('types', attributes);

    expect(await get('types')).toEqual({ ...keyOf('types'), ...attributes, amount: { N: '-150' } });
  });

  test.each([
    { value: { N: 'twelve' }, says: 'The parameter cannot be converted to a numeric value: twelve' },
    {
      value: { N: '1e126' },
      says: 'Number overflow. Attempting to store a number with magnitude larger than supported range',
    },
    { value: { N: '1'.repeat(39) }, says: 'Attempting to store more than 38 significant digits in a Number' },
    {
      value: { SS: ['a', 'a'] },
      says: 'One or more parameter values were invalid: Input collection [a, a] contains duplicates.',
    },
    {
      value: { SS: [''] },
      says: 'One or more parameter values were invalid: An string set may not have a empty string as a member',
    },
    { value: { SS: [] }, says: 'One or more parameter values were invalid: An string set  may not be empty' },
    { value: { M: { __proto__x: { N: '' } } }, says: 'The parameter cannot be converted to a numeric value' },
  ])('a value like $value is refused', async ({ value, says }) => {
    await expect(put('bad', { value })).rejects.toMatchObject({ name: 'ValidationException', message: says });
  });

  test('a value nested deeper than 32 levels is refused, and nothing deeper can do harm', async () => {
    const nested = (depth: number): AttributeValue => (depth === 0 ? { S: 'x' } : { L: [nested(depth - 1)] });
    const bottomless = JSON.parse(`${'{"L":['.repeat(5000)}{"S":"x"}${']}'.repeat(5000)}`);

    await put('deep', { value: nested(32) });

    expect(await get('deep')).toMatchObject({ value: nested(32) });
    await expect(put('deep', { value: nested(33) })).rejects.toThrow('Nesting Levels have exceeded supported limits');
    expect(served.service().handle('PutItem', { TableName, Item: { ...keyOf('deep'), bottomless } })).toMatchObject({
      status: 400,
      body: { message: 'Nesting Levels have exceeded supported limits' },
    });
  });

  test('an attribute whose name is special to JavaScript is kept or refused, never lost', async () => {
    await put('names', { constructor: { S: 'c' }, toString: { S: 't' } });

    expect(await get('names')).toMatchObject({ constructor: { S: 'c' }, toString: { S: 't' } });
    for (const body of [
      `{"TableName":"Events","Item":{"pk":{"S":"a"},"sk":{"S":"a"},"__proto__":{"S":"x"}}}`,
      `{"TableName":"Events","Key":{"pk":{"S":"a"},"sk":{"S":"a"}},"ExpressionAttributeNames":{"#a":"__proto__"}}`,
    ]) {
      expect(served.service().handle('PutItem', JSON.parse(body)).body).toMatchObject({
        message: "Attributes named '__proto__' are not supported here; choose another name",
      });
    }
  });

  test('a key that is empty, missing or of the wrong type is refused', async () => {
    await expect(put('')).rejects.toThrow('cannot contain an empty string value. Key: pk');
    await expect(served.client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } }))).rejects.toThrow(
      'One or more parameter values were invalid: Missing the key sk in the item',
    );
    await expect(
      served.client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' }, sk: { N: '1' } } })),
    ).rejects.toThrow('The provided key element does not match the schema');
    await expect(
      served.client.send(new GetItemCommand({ TableName: 'Nowhere', Key: keyOf('a') })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'Requested resource not found' });
  });

  test('parameters from before expressions are refused by name', async () => {
    const legacy = new PutItemCommand({ TableName, Item: keyOf('a'), Expected: { pk: { Exists: false } } });

    await expect(served.client.send(legacy)).rejects.toThrow('The legacy parameter Expected is not supported here');
  });
});

describe('writing', () => {
  test('a put replaces the whole item and can return the old one', async () => {
    await put('replaced', { a: { S: '1' }, b: { S: '2' } });

    const { Attributes } = await served.client.send(
      new PutItemCommand({ TableName, Item: { ...keyOf('replaced'), a: { S: '3' } }, ReturnValues: 'ALL_OLD' }),
    );

    expect(Attributes).toMatchObject({ a: { S: '1' }, b: { S: '2' } });
    expect(await get('replaced')).toEqual({ ...keyOf('replaced'), a: { S: '3' } });
  });

  test('a delete returns what was there and is at ease with nothing', async () => {
    await put('gone', { a: { S: '1' } });
    const remove = () =>
      served.client.send(new DeleteItemCommand({ TableName, Key: keyOf('gone'), ReturnValues: 'ALL_OLD' }));

    const [first, second] = [await remove(), await remove()];

    expect(first.Attributes).toMatchObject({ a: { S: '1' } });
    expect(second.Attributes).toBeUndefined();
    expect(await get('gone')).toBeUndefined();
  });

  test('an update makes the item when there is none', async () => {
    const update = {
      UpdateExpression: 'SET a = :a ADD n :n',
      ExpressionAttributeValues: { ':a': { S: 'x' }, ':n': { N: '2' } },
    };

    expect(await updated('upserted', update)).toEqual({ a: { S: 'x' }, n: { N: '2' } });
  });

  test('numbers add exactly, over 38 digits', async () => {
    await put('sum', { n: { N: '0.1' }, big: { N: '12345678901234567890123456789012345678' } });
    const add = {
      UpdateExpression: 'ADD n :tenth, big :one',
      ExpressionAttributeValues: { ':tenth': { N: '0.2' }, ':one': { N: '1' } },
    };

    expect(await updated('sum', add)).toEqual({
      n: { N: '0.3' },
      big: { N: '12345678901234567890123456789012345679' },
    });
    await expect(
      update('sum', { UpdateExpression: 'SET n = n + :tiny', ExpressionAttributeValues: { ':tiny': { N: '1e-39' } } }),
    ).rejects.toThrow('Attempting to store more than 38 significant digits in a Number');
  });

  test('right sides see the item as it was before the update', async () => {
    await put('swap', { a: { N: '1' }, b: { N: '2' } });

    expect(await updated('swap', { UpdateExpression: 'SET a = b, b = a' })).toEqual({ a: { N: '2' }, b: { N: '1' } });
  });

  test('two attributes set from one value stay two', async () => {
    await put('shared', { origin: { L: [{ N: '1' }, { N: '2' }] } });

    const result = await updated('shared', { UpdateExpression: 'SET copied = origin REMOVE origin[0]' });

    expect(result).toEqual({ origin: { L: [{ N: '2' }] }, copied: { L: [{ N: '1' }, { N: '2' }] } });
  });

  test('list indexes mean the list before the update, and gaps close', async () => {
    await put('list', { l: { L: ['a', 'b', 'c', 'd'].map((S) => ({ S })) } });

    const result = await updated('list', {
      UpdateExpression: 'REMOVE l[0], l[1] SET l[9] = :y, l[8] = :x, l[2] = :c',
      ExpressionAttributeValues: { ':x': { S: 'x' }, ':y': { S: 'y' }, ':c': { S: 'C' } },
    });

    expect(result).toEqual({ l: { L: ['C', 'd', 'x', 'y'].map((S) => ({ S })) } });
  });

  test('functions, documents and sets are updated in place', async () => {
    await put('document', {
      m: { M: { l: { L: [{ S: 'a' }] }, gone: { S: 'x' } } },
      tags: { SS: ['a', 'b'] },
      all: { SS: ['z'] },
    });

    const result = await updated('document', {
      UpdateExpression:
        'SET m.#l = list_append(m.#l, :more), m.n = if_not_exists(m.n, :zero) + :one REMOVE m.gone ADD tags :add DELETE #all :all',
      ExpressionAttributeNames: { '#l': 'l', '#all': 'all' },
      ExpressionAttributeValues: {
        ':more': { L: [{ S: 'b' }] },
        ':zero': { N: '0' },
        ':one': { N: '1' },
        ':add': { SS: ['b', 'c'] },
        ':all': { SS: ['z'] },
      },
    });

    expect(result).toEqual({
      m: { M: { l: { L: [{ S: 'a' }, { S: 'b' }] }, n: { N: '1' } } },
      tags: { SS: ['a', 'b', 'c'] },
    });
  });

  test.each([
    {
      UpdateExpression: 'SET a = :x, a = :x',
      says: 'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]',
    },
    {
      UpdateExpression: 'SET pk = :x',
      says: 'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
    },
    {
      UpdateExpression: 'SET b = absent + :x',
      says: 'The provided expression refers to an attribute that does not exist in the item',
    },
    { UpdateExpression: 'SET b = s + :x', says: 'An operand in the update expression has an incorrect data type' },
    {
      UpdateExpression: 'SET nowhere.b = :x',
      says: 'The document path provided in the update expression is invalid for update',
    },
    { UpdateExpression: 'ADD s :x', says: 'An operand in the update expression has an incorrect data type' },
    {
      UpdateExpression: 'SET b = :y',
      says: 'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :y',
    },
    {
      UpdateExpression: 'SET status = :x',
      says: 'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status',
    },
  ])('$UpdateExpression is refused', async ({ UpdateExpression, says }) => {
    await put('refused', { s: { S: 'text' } });

    const attempt = update('refused', { UpdateExpression, ExpressionAttributeValues: { ':x': { N: '1' } } });

    await expect(attempt).rejects.toMatchObject({ name: 'ValidationException', message: says });
  });

  test('an update returns what it was asked for', async () => {
    await put('returned', { a: { N: '1' }, b: { N: '1' } });
    const change = (ReturnValues: UpdateItemCommandInput['ReturnValues']) =>
      update('returned', {
        UpdateExpression: 'SET a = a + :one, fresh = :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues,
      }).then(({ Attributes }) => Attributes);

    expect(await change('UPDATED_OLD')).toEqual({ a: { N: '1' } });
    expect(await change('UPDATED_NEW')).toEqual({ a: { N: '3' }, fresh: { N: '1' } });
    expect(await change('ALL_OLD')).toMatchObject({ a: { N: '3' }, b: { N: '1' } });
    expect(await change('NONE')).toBeUndefined();
  });

  test('an item may be 400 KB and not a byte more', async () => {
    // 'pk' and 'sk' with their values take 2 + 5 + 2 + 1 bytes, the name 'a' one.
    const room = 400 * 1024 - 11;

    await put('large', { a: { S: 'x'.repeat(room) } });

    await expect(put('large', { a: { S: 'x'.repeat(room + 1) } })).rejects.toThrow(
      'Item size has exceeded the maximum allowed size',
    );
    await expect(put('large', { a: { S: 'ä'.repeat(room / 2 + 1) } })).rejects.toThrow('Item size has exceeded');
    await expect(
      update('large', { UpdateExpression: 'SET b = :b', ExpressionAttributeValues: { ':b': { S: '' } } }),
    ).rejects.toThrow('Item size to update has exceeded the maximum allowed size');
  });
});
