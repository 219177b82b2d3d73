import { consumedCapacities, readUnits, type Usage } from './capacity.ts';
import type { Table } from './catalog.ts';
import { checkKey } from './dynalite.ts';
import { Fault, validationFault } from './errors.ts';
import { type Expressions, parseExpressions } from './expressions.ts';
import { readItem } from './items.ts';
import { encodeKey } from './keys.ts';
import { checkValues } from './request-values.ts';
import {
  type BatchGetRequest,
  type BatchWriteRequest,
  type KeysRequest,
  requestOf,
  type WriteRequest,
} from './requests.ts';
import { admit, type ServiceContext } from './service-context.ts';
import type { Item } from './values.ts';
import { commit, keyAction, outcomeOf, putAction, type WriteAction } from './writing.ts';

const MAX_KEYS = 100;
const MAX_WRITES = 25;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Items that one action reads or writes, to tell when two name the same one. */
export const identityOf = (table: Table, key: { hash: Buffer; range: Buffer }): string =>
  `${table.name}/${key.hash.toString('base64')}/${key.range.toString('base64')}`;

const refuseDuplicates = (identities: readonly string[]): void => {
  if (new Set(identities).size < identities.length) {
    throw validationFault('Provided list of item keys contains duplicates');
  }
};

/** Does something, and says whether the table was too busy for it. */
const unlessThrottled = <T>(attempt: () => T): T | 'throttled' => {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof Fault && error.reason.Code === 'ThrottlingError') return 'throttled';
    throw error;
  }
};

interface Get {
  readonly table: Table;
  readonly key: Item;
  readonly request: KeysRequest;
  readonly expressions: Expressions;
}

const getsOf = (context: ServiceContext, { RequestItems }: BatchGetRequest): Get[] =>
  Object.entries(RequestItems).flatMap(([name, request]) => {
    const expressions = parseExpressions(request, ['ProjectionExpression']);
    const table = context.catalog.get(name);
    for (const key of request.Keys) {
      checkValues(key);
      checkKey(key, table.definition);
    }
    return request.Keys.map((key) => ({ table, key, request, expressions }));
  });

export const batchGetItem = (context: ServiceContext, body: object) => {
  const request = requestOf<BatchGetRequest>('BatchGetItem', body);
  const count = Object.values(request.RequestItems).reduce((sum, { Keys }) => sum + Keys.length, 0);
  if (count > MAX_KEYS) throw validationFault('Too many items requested for the BatchGetItem call');

  const gets = getsOf(context, request);
  const responses: Record<string, Item[]> = Object.fromEntries(gets.map(({ table }) => [table.name, []]));
  const unprocessed: Record<string, KeysRequest> = {};
  const used: { tableName: string; usage: Usage }[] = [];
  let answerBytes = 0;
  refuseDuplicates(gets.map(({ table, key }) => identityOf(table, encodeKey(key, table.keys))));
  for (const get of gets) {
    const { table, key, request: keysRequest } = get;
    const read = unlessThrottled(() => readOne(context, get));
    if (read === 'throttled' || answerBytes + read.bytes > MAX_ANSWER_BYTES) {
      unprocessed[table.name] = { ...keysRequest, Keys: [...(unprocessed[table.name]?.Keys ?? []), key] };
      continue;
    }
    answerBytes += read.bytes;
    if (read.item) responses[table.name]!.push(read.item);
    const usage = { table: readUnits(read.bytes, keysRequest.ConsistentRead), indexes: [] };
    used.push({ tableName: table.name, usage });
  }
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ConsumedCapacity: consumedCapacities(request.ReturnConsumedCapacity, used),
  };
};

const readOne = (context: ServiceContext, { table, key, expressions }: Get) => {
  admit(context, 'BatchGetItem', table, key);
  return readItem(table, key, expressions);
};

const writeOf = (table: Table, { PutRequest, DeleteRequest }: WriteRequest): WriteAction => {
  if (PutRequest && DeleteRequest) {
    throw validationFault(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  if (PutRequest) {
    checkValues(PutRequest.Item);
    return putAction(table, PutRequest.Item, { expressions: {} });
  }
  if (!DeleteRequest) {
    throw validationFault('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  checkValues(DeleteRequest.Key);
  return keyAction('Delete', table, DeleteRequest.Key, { expressions: {} });
};

const writeOne = (context: ServiceContext, action: WriteAction): Usage => {
  admit(context, 'BatchWriteItem', action.table, action.keyItem);
  return commit(action, outcomeOf(action), context.streams);
};

export const batchWriteItem = (context: ServiceContext, body: object) => {
  const request = requestOf<BatchWriteRequest>('BatchWriteItem', body);
  const writes = Object.entries(request.RequestItems).flatMap(([name, requests]) =>
    requests.map((write) => ({ name, write })),
  );
  if (writes.length > MAX_WRITES) throw validationFault('Too many items requested for the BatchWriteItem call');

  const actions = writes.map(({ name, write }) => ({ write, action: writeOf(context.catalog.get(name), write) }));
  refuseDuplicates(actions.map(({ action }) => identityOf(action.table, action.key)));
  const unprocessed: Record<string, WriteRequest[]> = {};
  const used: { tableName: string; usage: Usage }[] = [];
  // One transaction is quicker than many; nothing promises that a batch is seen in part.
  context.database.transaction(() => {
    for (const { write, action } of actions) {
      const { name } = action.table;
      const usage = unlessThrottled(() => writeOne(context, action));
      if (usage === 'throttled') unprocessed[name] = [...(unprocessed[name] ?? []), write];
      else used.push({ tableName: name, usage });
    }
  });
  return {
    UnprocessedItems: unprocessed,
    ConsumedCapacity: consumedCapacities(request.ReturnConsumedCapacity, used),
  };
};
