import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type MeteredUnits, meterCapacity } from '#local/dynamodb/meter.ts';
import { pairTable, type Served, serveDynamoDb } from './serve.ts';

const TableName = 'Metered';
let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
  await served.client.send(new CreateTableCommand(pairTable(TableName)));
});
afterAll(() => served.close());

/** Makes one call as the room does. @returns what was metered, and what the caller was answered. */
const metered = (operation: string, body: object) => {
  const units: MeteredUnits[] = [];
  const answer = meterCapacity(
    operation,
    body,
    (asked) => served.service().handle(operation, asked),
    (used) => units.push(used),
  );
  return { units, answer };
};

const Key = { pk: { S: 'a' }, sk: { S: '1' } };
const Item = { ...Key, text: { S: 'x'.repeat(1_500) } };

test('a call that asks for no capacity is metered, and answered as if it were not', () => {
  const put = metered('PutItem', { TableName, Item });
  const got = metered('GetItem', { TableName, Key });

  expect(put.units).toEqual([{ operation: 'PutItem', tableName: TableName, kind: 'write', units: 2 }]);
  expect(put.answer).toEqual({ status: 200, body: {} });
  expect(got.units).toEqual([{ operation: 'GetItem', tableName: TableName, kind: 'read', units: 0.5 }]);
  expect(got.answer.body).toEqual({ Item });
});

test('a call that asks for its capacity gets it', () => {
  const { units, answer } = metered('GetItem', { TableName, Key, ReturnConsumedCapacity: 'TOTAL' });

  expect(units).toHaveLength(1);
  expect(answer.body).toEqual({ Item, ConsumedCapacity: { TableName, CapacityUnits: 0.5 } });
});

test('a transaction pays each unit twice, and its repeat only reads', () => {
  const call = { TransactItems: [{ Put: { TableName, Item } }], ClientRequestToken: 'once' };

  expect(metered('TransactWriteItems', call).units).toMatchObject([{ kind: 'write', units: 4 }]);
  expect(metered('TransactWriteItems', call).units).toMatchObject([{ kind: 'read', units: 2 }]);
});

test('what uses no capacity, and what is refused, is passed on', () => {
  expect(metered('ListTables', {})).toMatchObject({ units: [], answer: { status: 200 } });
  expect(metered('GetItem', { TableName: 'None', Key })).toMatchObject({ units: [], answer: { status: 400 } });
  expect(metered('GetItem', null as unknown as object)).toMatchObject({ units: [], answer: { status: 400 } });
});
