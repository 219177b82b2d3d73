import { checkShape, type ExpressionHolder, operationModule, type RequestShape } from './dynalite.ts';
import { validationFault } from './errors.ts';
import { type Expressions, parseExpressions } from './expressions.ts';
import { isPlainPuts } from './plain-puts.ts';
import { checkValues, refuseUnsafe } from './request-values.ts';
import type { Item } from './values.ts';

export type ReturnConsumedCapacity = 'INDEXES' | 'TOTAL' | 'NONE';
export type ReturnValues = 'ALL_NEW' | 'UPDATED_OLD' | 'ALL_OLD' | 'NONE' | 'UPDATED_NEW';

interface WithTable {
  readonly TableName: string;
}
interface WithCapacity {
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}
interface WithCondition extends ExpressionHolder, WithTable {
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}
interface WithReturnValues {
  readonly ReturnValues?: ReturnValues;
}
export interface PutAction extends WithCondition {
  readonly Item: Item;
}
export interface KeyAction extends WithCondition {
  readonly Key: Item;
}
export type PutRequest = PutAction & WithReturnValues & WithCapacity;
export type KeyRequest = KeyAction & WithReturnValues & WithCapacity;
export interface GetAction extends ExpressionHolder, WithTable {
  readonly Key: Item;
}
export type GetRequest = GetAction & WithCapacity & { readonly ConsistentRead?: boolean };

interface PageRequest extends ExpressionHolder, WithTable, WithCapacity {
  readonly IndexName?: string;
  readonly Select?: 'SPECIFIC_ATTRIBUTES' | 'COUNT' | 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES';
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly ConsistentRead?: boolean;
}
export type QueryRequest = PageRequest & { readonly ScanIndexForward?: boolean };
export type ScanRequest = PageRequest & { readonly Segment?: number; readonly TotalSegments?: number };

export interface KeysRequest extends ExpressionHolder {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}
export interface BatchGetRequest extends WithCapacity {
  readonly RequestItems: Readonly<Record<string, KeysRequest>>;
}
export interface WriteRequest {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}
export interface BatchWriteRequest extends WithCapacity {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
}
export interface TransactWriteItem {
  readonly Put?: PutAction;
  readonly Update?: KeyAction;
  readonly Delete?: KeyAction;
  readonly ConditionCheck?: KeyAction;
}
export interface TransactWriteRequest extends WithCapacity {
  readonly TransactItems: readonly TransactWriteItem[];
  readonly ClientRequestToken?: string;
}
export interface TransactGetRequest extends WithCapacity {
  readonly TransactItems: readonly { readonly Get: GetAction }[];
}

/** Parameters from before expressions: DynamoDB still takes them, this store refuses them by name. */
const LEGACY = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
];

const onFailure = { type: 'String', enum: ['ALL_OLD', 'NONE'] };
const shapeOf = (operation: string, more: RequestShape = {}): RequestShape => ({
  ...operationModule(operation).types,
  ...more,
});

const putShape = shapeOf('putItem', { ReturnValuesOnConditionCheckFailure: onFailure });
const updateShape = shapeOf('updateItem', { ReturnValuesOnConditionCheckFailure: onFailure });
const deleteShape = shapeOf('deleteItem', { ReturnValuesOnConditionCheckFailure: onFailure });
const getShape = shapeOf('getItem');

const part = (shape: RequestShape, names: readonly string[]): RequestShape =>
  Object.fromEntries(names.map((name) => [name, shape[name]]));

const transactItems = (type: string, children: RequestShape): RequestShape => ({
  type: 'List',
  notNull: true,
  lengthGreaterThanOrEqual: 1,
  lengthLessThanOrEqual: 100,
  children: { type: `ValueStruct<${type}>`, children },
});

const CONDITION = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
];
const required = { type: 'String', notNull: true };

const shapes = {
  PutItem: putShape,
  UpdateItem: updateShape,
  DeleteItem: deleteShape,
  GetItem: getShape,
  Query: shapeOf('query'),
  Scan: shapeOf('scan', { ConsistentRead: 'Boolean' }),
  BatchGetItem: shapeOf('batchGetItem'),
  BatchWriteItem: shapeOf('batchWriteItem'),
  TransactWriteItems: {
    ReturnConsumedCapacity: putShape.ReturnConsumedCapacity,
    ReturnItemCollectionMetrics: putShape.ReturnItemCollectionMetrics,
    ClientRequestToken: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 36 },
    TransactItems: transactItems('TransactWriteItem', {
      Put: { type: 'FieldStruct<Put>', children: part(putShape, [...CONDITION, 'Item']) },
      Update: {
        type: 'FieldStruct<Update>',
        children: { ...part(updateShape, [...CONDITION, 'Key']), UpdateExpression: required },
      },
      Delete: { type: 'FieldStruct<Delete>', children: part(deleteShape, [...CONDITION, 'Key']) },
      ConditionCheck: {
        type: 'FieldStruct<ConditionCheck>',
        children: { ...part(deleteShape, [...CONDITION, 'Key']), ConditionExpression: required },
      },
    }),
  },
  TransactGetItems: {
    ReturnConsumedCapacity: putShape.ReturnConsumedCapacity,
    TransactItems: transactItems('TransactGetItem', {
      Get: {
        type: 'FieldStruct<Get>',
        notNull: true,
        children: part(getShape, ['TableName', 'Key', 'ProjectionExpression', 'ExpressionAttributeNames']),
      },
    }),
  },
} satisfies Record<string, RequestShape>;

const refuseLegacy = (body: object): void => {
  const used = LEGACY.find((name) => (body as Record<string, unknown>)[name] != null);
  if (used) throw validationFault(`The legacy parameter ${used} is not supported here; use an expression instead`);
};

/**
 * The body of a data operation, checked against its shape: types, lengths, ranges, allowed values.
 *
 * @typeParam T - the request that this operation's shape describes.
 * @throws {Fault} with DynamoDB's own wording.
 */
export const requestOf = <T>(operation: keyof typeof shapes, body: object): T => {
  if (operation === 'TransactWriteItems' && isPlainPuts(body)) return body as T;
  refuseUnsafe(body);
  refuseLegacy(body);
  // Checking removes what the shape does not know; the caller's object stays as it is.
  return checkShape<T>({ ...body }, { types: shapes[operation] });
};

/** Checks a put's values and parses its condition. */
export const putExpressions = (request: PutAction): Expressions => {
  checkValues(request.Item);
  return parseExpressions(request, ['ConditionExpression']);
};

/** Checks a key's values and parses the condition of an action on it. */
export const conditionExpressions = (request: KeyAction): Expressions => {
  checkValues(request.Key);
  return parseExpressions(request, ['ConditionExpression']);
};

/** Checks a key's values and parses the update and the condition of an action on it. */
export const updateExpressions = (request: KeyAction): Expressions => {
  checkValues(request.Key);
  return parseExpressions(request, ['UpdateExpression', 'ConditionExpression']);
};

/** Checks a key's values and parses the projection of a read. */
export const getExpressions = (request: GetAction): Expressions => {
  checkValues(request.Key);
  return parseExpressions(request, ['ProjectionExpression']);
};
