import { type Usage, writeUnits } from './capacity.ts';
import { indexKeyOf, type Table, type TableIndex } from './catalog.ts';
import { holds } from './conditions.ts';
import { checkItemKey, checkKey, checkKeyPaths, checkUpdates } from './dynalite.ts';
import { conditionalCheckFailed, validationFault } from './errors.ts';
import type { Expressions } from './expressions.ts';
import { type EncodedKey, encodeKey, isKeyValue, keyNames, pick } from './keys.ts';
import type { StreamLog, UserIdentity } from './streams.ts';
import type { StoredItem } from './table-store.ts';
import { expiryOf } from './time-to-live.ts';
import { updated } from './updates.ts';
import { type Item, itemBytes, sameItem, typeOf } from './values.ts';

export const MAX_ITEM_BYTES = 400 * 1024;

/** A write to one item that has passed all checks that need no look at the item. */
export interface WriteAction {
  readonly kind: 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
  readonly table: Table;
  /** Attributes of the key, as the client gave them. */
  readonly keyItem: Item;
  readonly key: EncodedKey;
  /** The whole new item of a Put. */
  readonly item?: Item;
  readonly expressions: Expressions;
  /** A failed condition brings the item as it is. */
  readonly showOnFailure: boolean;
}

/** An item on its way: what is stored now, and what shall be. */
export interface Outcome {
  readonly stored?: StoredItem;
  readonly before?: Item;
  /** The item after the write; undefined when there shall be none. */
  readonly after?: Item;
  readonly afterBytes: number;
}

type Options = Pick<WriteAction, 'expressions'> & Partial<Pick<WriteAction, 'showOnFailure'>>;

const checkPaths = ({ condition }: Expressions, table: Table): void =>
  checkKeyPaths(condition?.nestedPaths, table.definition);

const checkIndexKeys = (item: Item, table: Table): void => {
  for (const { name, keys } of table.indexes) {
    for (const { name: attribute, type } of keys.range ? [keys.hash, keys.range] : [keys.hash]) {
      const value = Object.hasOwn(item, attribute) ? item[attribute] : undefined;
      if (value === undefined || isKeyValue(value, type)) continue;
      throw validationFault(
        typeOf(value) === type
          ? `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. IndexName: ${name}, IndexKey: ${attribute}`
          : `One or more parameter values were invalid: Type mismatch for Index Key ${attribute} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${name}`,
      );
    }
  }
};

/** A Put, checked against the table's keys. @throws {Fault} a ValidationException. */
export const putAction = (table: Table, item: Item, { expressions, showOnFailure = false }: Options): WriteAction => {
  checkItemKey(item, table.definition);
  checkIndexKeys(item, table);
  checkPaths(expressions, table);
  if (itemBytes(item) > MAX_ITEM_BYTES) throw validationFault('Item size has exceeded the maximum allowed size');
  const keyItem = pick(item, keyNames(table.keys));
  return { kind: 'Put', table, keyItem, key: encodeKey(item, table.keys), item, expressions, showOnFailure };
};

/** An Update, Delete or ConditionCheck, checked against the table's keys. @throws {Fault} a ValidationException. */
export const keyAction = (
  kind: 'Update' | 'Delete' | 'ConditionCheck',
  table: Table,
  keyItem: Item,
  { expressions, showOnFailure = false }: Options,
): WriteAction => {
  checkKey(keyItem, table.definition);
  checkPaths(expressions, table);
  if (expressions.update) checkUpdates(expressions.update, table.definition);
  return { kind, table, keyItem, key: encodeKey(keyItem, table.keys), expressions, showOnFailure };
};

const afterUpdate = ({ table, keyItem, expressions }: WriteAction, before: Item | undefined): Item => {
  const item = updated(before ?? keyItem, expressions.update?.sections ?? []);
  checkIndexKeys(item, table);
  return item;
};

const afterOf = (action: WriteAction, before: Item | undefined): Item | undefined => {
  if (action.kind === 'Put') return action.item;
  if (action.kind === 'Update') return afterUpdate(action, before);
  return action.kind === 'ConditionCheck' ? before : undefined;
};

/**
 * What a write comes to, with nothing changed yet.
 *
 * @throws {Fault} ConditionalCheckFailedException, or a ValidationException for an update that cannot be made.
 */
export const outcomeOf = (action: WriteAction): Outcome => {
  const stored = action.table.store.get(action.key);
  const before = stored && (JSON.parse(stored.json) as Item);
  const { condition } = action.expressions;
  if (condition && !holds(condition.expression, before ?? {})) {
    throw conditionalCheckFailed(action.showOnFailure ? before : undefined);
  }
  const after = afterOf(action, before);
  const afterBytes = after ? itemBytes(after) : 0;
  if (afterBytes > MAX_ITEM_BYTES) {
    throw validationFault('Item size to update has exceeded the maximum allowed size');
  }
  return { stored, before, after, afterBytes };
};

/** What an index shows of an item. */
export const projectedItem = (item: Item, { projected }: TableIndex): Item =>
  projected ? pick(item, [...projected]) : item;

const indexUnits = (index: TableIndex, before: Item | undefined, after: Item | undefined, moved: boolean): number => {
  const [old, next] = [before && projectedItem(before, index), after && projectedItem(after, index)];
  if (old && next && !moved) return sameItem(old, next) ? 0 : writeUnits(itemBytes(old), itemBytes(next));
  // A key that changes is one entry deleted and another one put.
  return (old ? writeUnits(itemBytes(old)) : 0) + (next ? writeUnits(itemBytes(next)) : 0);
};

const writeIndex = (index: TableIndex, { table, key }: WriteAction, { before, after }: Outcome, id: number): number => {
  const [oldKey, newKey] = [before && indexKeyOf(before, index), after && indexKeyOf(after, index)];
  const moved = !(oldKey && newKey && oldKey.hash.equals(newKey.hash) && oldKey.range.equals(newKey.range));
  if (moved && oldKey) table.store.removeFromIndex(index.id, oldKey, key);
  if (moved && newKey) table.store.addToIndex(index.id, newKey, key, id);
  return indexUnits(index, oldKey && before, newKey && after, moved);
};

/** Writes the item. @returns its id, and its JSON when there is one afterwards. */
const writeItem = (
  { table, key }: WriteAction,
  { stored, after, afterBytes }: Outcome,
): { readonly id: number; readonly json?: string } => {
  if (!after) {
    if (stored) table.store.delete(stored.id);
    return { id: stored?.id ?? 0 };
  }
  const json = JSON.stringify(after);
  const expires = expiryOf(after, table.definition.TimeToLive);
  if (!stored) return { id: table.store.insert(key, json, afterBytes, expires), json };
  table.store.update(stored.id, json, afterBytes, expires);
  return { id: stored.id, json };
};

/**
 * Makes a write: the item, its indexes and its stream record. Runs within a database transaction.
 *
 * @param userIdentity - who does it, when not a client.
 * @returns the capacity it used.
 */
export const commit = (
  action: WriteAction,
  outcome: Outcome,
  streams: StreamLog,
  userIdentity?: UserIdentity,
): Usage => {
  const { table, keyItem } = action;
  const { stored, before, after, afterBytes } = outcome;
  const units = writeUnits(stored?.bytes ?? 0, afterBytes);
  if (action.kind === 'ConditionCheck') return { table: units, indexes: [] };

  const { id, json } = writeItem(action, outcome);
  const indexes = table.indexes
    .map((index) => ({ name: index.name, global: index.global, units: writeIndex(index, action, outcome, id) }))
    .filter(({ units: used }) => used > 0);
  // A write that changes nothing costs its units and leaves no record.
  const changed = before && after ? !sameItem(before, after) : before !== after;
  if (table.stream && changed) {
    const bytes = itemBytes(keyItem) + (stored?.bytes ?? 0) + afterBytes;
    streams.append(table.stream, { keys: keyItem, before: stored?.json, after: json, bytes, userIdentity });
  }
  return { table: units, indexes };
};
