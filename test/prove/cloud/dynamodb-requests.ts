import type { ExpressionHolder } from '#local/dynamodb/dynalite.ts';
import { validationFault } from '#local/dynamodb/errors.ts';
import type { Expressions } from '#local/dynamodb/expressions.ts';
import type { Item } from '#local/dynamodb/values.ts';
import type { FakeTable } from './dynamodb-table.ts';

/** A write to one item, as requests carry it. */
export interface Write extends ExpressionHolder {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly ReturnValues?: string;
}
export type Kind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
/** A write that has passed the checks which need no look at the item. */
export interface Action {
  readonly kind: Kind;
  readonly write: Write;
  readonly table: FakeTable;
  readonly expressions: Expressions;
}

/** A copy of a request as it goes over the wire, where binary values are base64. */
export const onTheWire = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, onTheWire(member)]));
};

/** A write whose sets of binary values are as they are stored: as base64, so that equal members are one. */
export const withStoredSets = (write: Write): Write => {
  const values = write.ExpressionAttributeValues as Item | undefined;
  if (!values || !Object.values(values).some((value) => 'BS' in value)) return write;
  return { ...write, ExpressionAttributeValues: onTheWire(values) as Item };
};

/** A copy of an item as a client sees it. Attributes are never changed in place, so the rest of it may be shared. */
export const seenItem = (item: Item): Item => {
  const copy: Item = { ...item };
  for (const [name, value] of Object.entries(item)) if ('BS' in value) copy[name] = { BS: value.BS.map(bytesOf) };
  return copy;
};

/** What clients have in place of base64. */
const bytesOf = (text: string): string => Buffer.from(text, 'base64') as unknown as string;

/** Names and types of an item's attributes. */
const typesOf = (item: Item): string => {
  let types = '';
  for (const name in item) types += 'S' in item[name]! ? `${name} ` : `${name}:${Object.keys(item[name]!)} `;
  return types;
};

/** Requests of one shape differ in texts and numbers alone. */
export const shapeOf = (request: ExpressionHolder & { TableName?: string }, item?: Item, ...more: unknown[]): string =>
  [
    request.TableName,
    request.ConditionExpression,
    request.UpdateExpression,
    request.KeyConditionExpression,
    request.ProjectionExpression,
    item && typesOf(item),
    ...more,
  ].join('|');

export const transactShapeOf = (item: Partial<Record<Kind, Write>>): string =>
  Object.entries(item)
    .map(([kind, write]) => `${kind} ${shapeOf(write, write.Item ?? write.Key)}`)
    .join(' ');

export const keyItemOf = ({ write }: Action): Item => (write.Item ?? write.Key)!;

export const checkKey = (item: Item, { wiring: { key } }: FakeTable): void => {
  for (const name of [key.hash, ...(key.range ? [key.range] : [])]) {
    const value = item[name];
    if (!value || !('S' in value)) throw validationFault(`Missing the key ${name} in the item, or of another type`);
    const longest = name === key.hash ? 2_048 : 1_024;
    if (value.S === '' || Buffer.byteLength(value.S) > longest) {
      throw validationFault(`The key ${name} is empty or longer than ${longest} bytes`);
    }
  }
};

export const checkIndexKeys = (item: Item | undefined, { wiring }: FakeTable): void => {
  for (const { name, key } of item ? wiring.indexes : []) {
    for (const attribute of [key.hash, key.range ?? key.hash]) {
      const value = item![attribute];
      if (value && (!('S' in value) || value.S === '')) throw validationFault(`Type mismatch for a key of ${name}`);
    }
  }
};

const placeOf = (key: Item, { wiring }: FakeTable): string =>
  JSON.stringify([key[wiring.key.hash], wiring.key.range && key[wiring.key.range]]);

export const checkDistinct = (keys: readonly Item[], table: FakeTable, message: string): void => {
  if (new Set(keys.map((key) => placeOf(key, table))).size < keys.length) throw validationFault(message);
};

export const checkDistinctActions = (actions: readonly Action[]): void => {
  const places = actions.map((action) => `${action.write.TableName} ${placeOf(keyItemOf(action), action.table)}`);
  if (new Set(places).size < places.length) {
    throw validationFault('Transaction request cannot include multiple operations on one item');
  }
};
