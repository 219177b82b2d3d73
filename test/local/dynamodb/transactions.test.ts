import {
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pairTable, type Served, serveDynamoDb } from './serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
  await served.client.send(new CreateTableCommand(pairTable('Events')));
  await served.client.send(new CreateTableCommand(pairTable('Profiles')));
});
afterAll(() => served.close());
afterEach(() => served.interfere(() => undefined));

const keyOf = (pk: string, sk = '1') => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, n = '0', TableName = 'Events') =>
  served.client.send(new PutItemCommand({ TableName, Item: { ...keyOf(pk), n: { N: n } } }));
const numberOf = async (pk: string, TableName = 'Events') =>
  (await served.client.send(new GetItemCommand({ TableName, Key: keyOf(pk) }))).Item?.n?.N;
const transact = (TransactItems: TransactWriteItem[], more: Partial<TransactWriteItemsCommandInput> = {}) =>
  served.client.send(new TransactWriteItemsCommand({ TransactItems, ...more }));
const failureOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: Error & { CancellationReasons?: unknown }) => error,
  );

const insert = (pk: string, n = '1'): TransactWriteItem => ({
  Put: {
    TableName: 'Events',
    Item: { ...keyOf(pk), n: { N: n } },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});
const count = (pk: string, by = '1'): TransactWriteItem => ({
  Update: {
    TableName: 'Profiles',
    Key: keyOf(pk),
    UpdateExpression: 'ADD n :by',
    ExpressionAttributeValues: { ':by': { N: by } },
  },
});
const check = (pk: string, n: string): TransactWriteItem => ({
  ConditionCheck: {
    TableName: 'Events',
    Key: keyOf(pk),
    ConditionExpression: 'n = :n',
    ExpressionAttributeValues: { ':n': { N: n } },
  },
});
const remove = (pk: string): TransactWriteItem => ({ Delete: { TableName: 'Events', Key: keyOf(pk) } });

describe('all or nothing', () => {
  test('puts, updates, deletes and checks over two tables are made together', async () => {
    await Promise.all([put('old'), put('checked', '7')]);

    await transact([insert('fresh', '5'), count('p', '3'), remove('old'), check('checked', '7.0')]);

    expect(await Promise.all([numberOf('fresh'), numberOf('p', 'Profiles'), numberOf('old')])).toEqual([
      '5',
      '3',
      undefined,
    ]);
  });

  test('one failed condition undoes all, with a reason for each action in its order', async () => {
    await Promise.all([put('taken', '9'), put('seen', '0')]);

    const error = await failureOf(transact([count('q'), insert('taken'), insert('free'), check('seen', '1')]));

    expect(error).toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None, ConditionalCheckFailed]',
      CancellationReasons: [
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: { ...keyOf('taken'), n: { N: '9' } },
        },
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      ],
    });
    expect(await Promise.all([numberOf('q', 'Profiles'), numberOf('free')])).toEqual([undefined, undefined]);
  });

  test('an update that cannot be made is a reason of its own', async () => {
    const wrong: TransactWriteItem = {
      Update: { TableName: 'Profiles', Key: keyOf('w'), UpdateExpression: 'SET a = b' },
    };

    expect(await failureOf(transact([insert('beside'), wrong]))).toMatchObject({
      message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError]',
      CancellationReasons: [
        { Code: 'None' },
        {
          Code: 'ValidationError',
          Message: 'The provided expression refers to an attribute that does not exist in the item',
        },
      ],
    });
    expect(await numberOf('beside')).toBeUndefined();
  });

  test.each([
    { interference: 'conflict' as const, Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
    {
      interference: 'throttle' as const,
      Code: 'ThrottlingError',
      Message: expect.stringContaining('Throughput exceeds the current capacity'),
    },
  ])('a $interference is a reason of its own', async ({ interference, Code, Message }) => {
    served.interfere(({ tableName }) => (tableName === 'Profiles' ? interference : undefined));

    const error = await failureOf(transact([insert('beside'), count('p')]));

    expect(error).toMatchObject({ CancellationReasons: [{ Code: 'None' }, { Code, Message }] });
    expect(await numberOf('beside')).toBeUndefined();
  });

  test('a single write that meets a transaction, or a busy table, is told so', async () => {
    served.interfere(({ key }) => (JSON.stringify(key).includes('held') ? 'conflict' : 'throttle'));

    await expect(put('held')).rejects.toMatchObject({ name: 'TransactionConflictException' });
    await expect(put('any')).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('limits', () => {
  test.each([
    { what: 'no action', items: [], says: 'Member must have length greater than or equal to 1' },
    {
      what: 'more than 100 actions',
      items: Array.from({ length: 101 }, (_, at) => insert(`many${at}`)),
      says: 'Member must have length less than or equal to 100',
    },
    {
      what: 'the same item twice',
      items: [insert('twice'), check('twice', '1')],
      says: 'Transaction request cannot include multiple operations on one item',
    },
    {
      what: 'two kinds in one action',
      items: [{ ...insert('two'), ...count('two') }],
      says: 'TransactItems can only contain one of Check, Put, Update or Delete',
    },
    {
      what: 'more than 4 MB',
      items: Array.from({ length: 11 }, (_, at) => ({
        Put: { TableName: 'Events', Item: { ...keyOf(`fat${at}`), a: { S: 'x'.repeat(390_000) } } },
      })),
      says: 'Transaction request exceeds the limit of 4 MB',
    },
  ])('$what is refused', async ({ items, says }) => {
    const error = await failureOf(transact(items));

    expect(error).toMatchObject({ name: 'ValidationException', message: expect.stringContaining(says) });
    expect(await numberOf('twice')).toBeUndefined();
  });

  test('a hundred actions are one transaction', async () => {
    await transact(Array.from({ length: 100 }, (_, at) => count(`hundred${at}`)));

    expect(await numberOf('hundred99', 'Profiles')).toBe('1');
  });

  test('a table that is not there is named before anything is judged', async () => {
    const lost: TransactWriteItem = { Delete: { TableName: 'Nowhere', Key: keyOf('a') } };

    expect(await failureOf(transact([insert('beside'), lost]))).toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('client request tokens', () => {
  const TEN_MINUTES_MS = 10 * 60 * 1000;

  test('a repeat within ten minutes changes nothing and succeeds, also after a restart', async () => {
    const token = { ClientRequestToken: 'once', ReturnConsumedCapacity: 'TOTAL' as const };
    const first = await transact([count('t'), insert('tt')], token);
    served.reopen();
    served.clock.nowMs += TEN_MINUTES_MS - 1;

    const repeat = await transact([count('t'), insert('tt')], token);

    expect(await numberOf('t', 'Profiles')).toBe('1');
    // Two units an action to write; a repeat pays for reading instead.
    expect(first.ConsumedCapacity).toEqual([
      { TableName: 'Profiles', CapacityUnits: 2, WriteCapacityUnits: 2 },
      { TableName: 'Events', CapacityUnits: 2, WriteCapacityUnits: 2 },
    ]);
    expect(repeat.ConsumedCapacity).toEqual([
      { TableName: 'Profiles', CapacityUnits: 2, ReadCapacityUnits: 2 },
      { TableName: 'Events', CapacityUnits: 2, ReadCapacityUnits: 2 },
    ]);
  });

  test('after ten minutes the same token is a new transaction', async () => {
    await transact([count('later')], { ClientRequestToken: 'later' });
    served.clock.nowMs += TEN_MINUTES_MS;

    await transact([count('later')], { ClientRequestToken: 'later' });

    expect(await numberOf('later', 'Profiles')).toBe('2');
  });

  test('the same token with other parameters is refused', async () => {
    await transact([count('m', '1')], { ClientRequestToken: 'mismatch' });

    expect(await failureOf(transact([count('m', '2')], { ClientRequestToken: 'mismatch' }))).toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
    expect(await numberOf('m', 'Profiles')).toBe('1');
  });

  test('a cancelled transaction leaves its token free', async () => {
    await put('blocked');
    const again = () => transact([count('b'), insert('blocked')], { ClientRequestToken: 'blocked' });
    expect(await failureOf(again())).toMatchObject({ name: 'TransactionCanceledException' });
    served.service().handle('DeleteItem', { TableName: 'Events', Key: keyOf('blocked') });

    await again();

    expect(await numberOf('b', 'Profiles')).toBe('1');
  });
});

describe('reading', () => {
  const read = (keys: string[]) =>
    served.client.send(
      new TransactGetItemsCommand({
        TransactItems: keys.map((pk) => ({ Get: { TableName: 'Events', Key: keyOf(pk), ProjectionExpression: 'n' } })),
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );

  test('items come back in the order of the request, with a gap for what is not there', async () => {
    await Promise.all([put('r1', '1'), put('r2', '2')]);

    const { Responses, ConsumedCapacity } = await read(['r2', 'none', 'r1']);

    expect(Responses).toEqual([{ Item: { n: { N: '2' } } }, {}, { Item: { n: { N: '1' } } }]);
    expect(ConsumedCapacity).toEqual([{ TableName: 'Events', CapacityUnits: 6, ReadCapacityUnits: 6 }]);
  });

  test('a conflict cancels the read with its reasons', async () => {
    served.interfere(({ key }) => (JSON.stringify(key).includes('r1') ? 'conflict' : undefined));

    expect(await failureOf(read(['r2', 'r1']))).toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
    });
  });
});
