import { consumedCapacity, readUnits } from './capacity.ts';
import type { Table } from './catalog.ts';
import { checkKey, checkKeyPaths } from './dynalite.ts';
import { validationFault } from './errors.ts';
import type { Expressions } from './expressions.ts';
import { encodeKey } from './keys.ts';
import { project } from './paths.ts';
import {
  conditionExpressions,
  type GetRequest,
  getExpressions,
  type KeyRequest,
  type PutRequest,
  putExpressions,
  type ReturnValues,
  requestOf,
  updateExpressions,
} from './requests.ts';
import { admit, type ServiceContext } from './service-context.ts';
import type { Item } from './values.ts';
import { commit, keyAction, type Outcome, outcomeOf, putAction, type WriteAction } from './writing.ts';

/** An item as it was found, with what reading it costs. */
export interface ReadItem {
  readonly item?: Item;
  readonly bytes: number;
}

/** Reads one item by its key. @throws {Fault} a ValidationException for a key that is not the table's. */
export const readItem = (table: Table, key: Item, { projection }: Expressions): ReadItem => {
  checkKey(key, table.definition);
  checkKeyPaths(projection?.nestedPaths, table.definition);
  const stored = table.store.get(encodeKey(key, table.keys));
  if (!stored) return { bytes: 0 };
  const item = JSON.parse(stored.json) as Item;
  return { item: projection ? project(item, projection.paths) : item, bytes: stored.bytes };
};

export const getItem = (context: ServiceContext, body: object) => {
  const request = requestOf<GetRequest>('GetItem', body);
  const expressions = getExpressions(request);
  const table = context.catalog.get(request.TableName);
  admit(context, 'GetItem', table, request.Key);
  const { item, bytes } = readItem(table, request.Key, expressions);
  const usage = { table: readUnits(bytes, request.ConsistentRead), indexes: [] };
  return {
    Item: item,
    ConsumedCapacity: consumedCapacity(request.ReturnConsumedCapacity, table.name, usage),
  };
};

const returned = (asked: ReturnValues | undefined, { expressions }: WriteAction, { before, after }: Outcome) => {
  const paths = expressions.update?.paths ?? [];
  switch (asked) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && project(before, paths);
    case 'UPDATED_NEW':
      return after && project(after, paths);
    default:
      return undefined;
  }
};

const write = (context: ServiceContext, action: WriteAction, request: PutRequest | KeyRequest) => {
  admit(context, `${action.kind}Item`, action.table, action.keyItem);
  const { outcome, usage } = context.database.transaction(() => {
    const planned = outcomeOf(action);
    return { outcome: planned, usage: commit(action, planned, context.streams) };
  });
  return {
    Attributes: returned(request.ReturnValues, action, outcome),
    ConsumedCapacity: consumedCapacity(request.ReturnConsumedCapacity, action.table.name, usage),
  };
};

const optionsOf = (expressions: Expressions, request: PutRequest | KeyRequest) => ({
  expressions,
  showOnFailure: request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
});

const onlyAllOld = ({ ReturnValues }: PutRequest | KeyRequest): void => {
  if (ReturnValues && ReturnValues !== 'ALL_OLD' && ReturnValues !== 'NONE') {
    throw validationFault('ReturnValues can only be ALL_OLD or NONE');
  }
};

export const putItem = (context: ServiceContext, body: object) => {
  const request = requestOf<PutRequest>('PutItem', body);
  onlyAllOld(request);
  const options = optionsOf(putExpressions(request), request);
  return write(context, putAction(context.catalog.get(request.TableName), request.Item, options), request);
};

export const updateItem = (context: ServiceContext, body: object) => {
  const request = requestOf<KeyRequest>('UpdateItem', body);
  const options = optionsOf(updateExpressions(request), request);
  return write(context, keyAction('Update', context.catalog.get(request.TableName), request.Key, options), request);
};

export const deleteItem = (context: ServiceContext, body: object) => {
  const request = requestOf<KeyRequest>('DeleteItem', body);
  onlyAllOld(request);
  const options = optionsOf(conditionExpressions(request), request);
  return write(context, keyAction('Delete', context.catalog.get(request.TableName), request.Key, options), request);
};
