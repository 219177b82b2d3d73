import { holds } from '#local/dynamodb/conditions.ts';
import type { ExpressionHolder, KeyCondition } from '#local/dynamodb/dynalite.ts';
import {
  type CancellationReason,
  conditionalCheckFailed,
  Fault,
  notFound,
  serviceFault,
  throttled,
  transactionCancelled,
  validationFault,
} from '#local/dynamodb/errors.ts';
import { type Expressions, parseExpressions } from '#local/dynamodb/expressions.ts';
import { project } from '#local/dynamodb/paths.ts';
import { requestOf } from '#local/dynamodb/requests.ts';
import { updated } from '#local/dynamodb/updates.ts';
import { type Item, itemBytes } from '#local/dynamodb/values.ts';
import { dynamoDbError } from './aws-errors.ts';
import { FakeTable } from './dynamodb-table.ts';
import type { TableWiring } from './wiring.ts';

const MAX_ITEM_BYTES = 400 * 1024;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
const MAX_PAGE_BYTES = 1024 * 1024;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const TOKEN_LIFE_MS = 600_000;

/** What gets in the way of single items: of a transaction's actions and of a batch's keys. */
export interface ItemFaults {
  /** The share of transactions that meet another one, and of those that are throttled. */
  readonly conflict: () => boolean;
  readonly throttle: () => boolean;
  readonly unprocessed: () => boolean;
}

interface Write extends ExpressionHolder {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly ReturnValues?: string;
}
type Kind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
interface Action {
  readonly kind: Kind;
  readonly write: Write;
  readonly table: FakeTable;
  readonly expressions: Expressions;
}

/** Work done, in the units that cost money. */
export interface DynamoDbUsage {
  calls: number;
  itemsRead: number;
  itemsWritten: number;
  transactions: number;
}

/**
 * DynamoDB as its clients see it. Requests are checked against the service's own shapes and rules, as far as those of
 * the embedded cloud go; each distinct shape once, since checking costs more than the rest.
 */
export class FakeDynamoDb {
  readonly tables: ReadonlyMap<string, FakeTable>;
  readonly usage: DynamoDbUsage = { calls: 0, itemsRead: 0, itemsWritten: 0, transactions: 0 };
  /** Told of every item that is stored. */
  onStored: (table: string, item: Item) => void = () => {};
  readonly #nowMs: () => number;
  readonly #faults: ItemFaults;
  readonly #checked = new Set<string>();
  readonly #tokens = new Map<string, { readonly items: readonly object[]; readonly untilMs: number }>();

  constructor(tables: readonly TableWiring[], nowMs: () => number, faults: ItemFaults) {
    this.tables = new Map(tables.map((wiring) => [wiring.name, new FakeTable(wiring)]));
    this.#nowMs = nowMs;
    this.#faults = faults;
  }

  /** Carries a request out. @throws what the client would throw. */
  handle(operation: string, input: Record<string, unknown>): unknown {
    this.usage.calls += 1;
    try {
      switch (operation) {
        case 'GetItem':
          return this.#getItem(input);
        case 'BatchGetItem':
          return this.#batchGetItem(input);
        case 'Query':
          return this.#query(input);
        case 'PutItem':
          return this.#writeItem('Put', input);
        case 'UpdateItem':
          return this.#writeItem('Update', input);
        case 'DeleteItem':
          return this.#writeItem('Delete', input);
        case 'TransactWriteItems':
          return this.#transactWrite(input);
        default:
          throw new Error(`the fake of DynamoDB has no ${operation}; teach it`);
      }
    } catch (error) {
      throw error instanceof Fault ? dynamoDbError(error) : error;
    }
  }

  #table(name: unknown): FakeTable {
    const table = this.tables.get(String(name));
    if (!table) throw notFound();
    return table;
  }

  /** The full check of a request's shape, once for each shape. */
  #checkShape(operation: Parameters<typeof requestOf>[0], input: Record<string, unknown>, shape: string): void {
    if (this.#checked.has(`${operation} ${shape}`)) return;
    requestOf(operation, onTheWire(input) as object);
    this.#checked.add(`${operation} ${shape}`);
  }

  #getItem(input: Record<string, unknown>): unknown {
    const request = input as unknown as Write;
    this.#checkShape('GetItem', input, shapeOf(request, request.Key));
    const table = this.#table(request.TableName);
    checkKey(request.Key!, table);
    const { projection } = parseExpressions(request, ['ProjectionExpression']);
    const item = table.get(request.Key!);
    this.usage.itemsRead += 1;
    return { ...(item && { Item: copyOf(projection ? project(item, projection.paths) : item) }) };
  }

  #batchGetItem(input: Record<string, unknown>): unknown {
    const { RequestItems } = input as { RequestItems: Record<string, ExpressionHolder & { Keys: Item[] }> };
    const entries = Object.entries(RequestItems);
    this.#checkShape(
      'BatchGetItem',
      input,
      entries.map(([name, { Keys, ...rest }]) => `${name} ${shapeOf(rest, Keys[0])}`).join(' '),
    );
    const count = entries.reduce((sum, [, { Keys }]) => sum + Keys.length, 0);
    if (count > 100) throw validationFault('Too many items requested for the BatchGetItem call');
    const responses: Record<string, Item[]> = {};
    const unprocessed: Record<string, object> = {};
    let bytes = 0;
    for (const [name, { Keys, ...rest }] of entries) {
      const table = this.#table(name);
      const { projection } = parseExpressions(rest, ['ProjectionExpression']);
      checkDistinct(Keys, table, 'Provided list of item keys contains duplicates');
      const left: Item[] = [];
      responses[name] = [];
      for (const key of Keys) {
        checkKey(key, table);
        const item = table.get(key);
        bytes += item ? itemBytes(item) : 0;
        if (bytes > MAX_BATCH_BYTES || this.#faults.unprocessed()) {
          left.push(key);
          continue;
        }
        this.usage.itemsRead += 1;
        if (item) responses[name].push(copyOf(projection ? project(item, projection.paths) : item));
      }
      if (left.length > 0) unprocessed[name] = { ...rest, Keys: left };
    }
    return { Responses: responses, UnprocessedKeys: unprocessed };
  }

  #query(input: Record<string, unknown>): unknown {
    const request = input as unknown as Write & QueryInput;
    this.#checkShape('Query', input, shapeOf(request, undefined, request.IndexName, String(request.Limit)));
    const names = ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'] as const;
    const expressions = parseExpressions(request, names);
    const table = this.#table(request.TableName);
    const source = sourceOf(table, request.IndexName);
    const rows = [...rowsOf(table, source, expressions.keyConditions!)];
    if (request.ScanIndexForward === false) rows.reverse();
    const start = request.ExclusiveStartKey;
    const from = start ? rows.findIndex((row) => samePlace(row, start)) + 1 : 0;
    const items: Item[] = [];
    let bytes = 0;
    let at = from;
    for (; at < rows.length && at - from < (request.Limit ?? Number.POSITIVE_INFINITY); at += 1) {
      const row = rows[at]!;
      if (bytes > MAX_PAGE_BYTES) break;
      bytes += itemBytes(row);
      if (expressions.filter && !holds(expressions.filter.expression, row)) continue;
      items.push(copyOf(expressions.projection ? project(row, expressions.projection.paths) : row));
    }
    this.usage.itemsRead += at - from;
    const last = at < rows.length || at - from === request.Limit ? rows[at - 1] : undefined;
    const place = [table.wiring.key, source.key].flatMap(({ hash, range }) => [hash, ...(range ? [range] : [])]);
    return { Items: items, Count: items.length, ...(last && { LastEvaluatedKey: picked(last, place) }) };
  }

  #writeItem(kind: 'Put' | 'Update' | 'Delete', input: Record<string, unknown>): unknown {
    const write = input as unknown as Write;
    this.#checkShape(`${kind}Item`, input, shapeOf(write, write.Item ?? write.Key));
    const action = this.#actionOf(kind, write);
    const after = this.#after(action);
    const before = action.table.get(keyItemOf(action));
    this.#apply(action, after);
    if (write.ReturnValues === 'ALL_NEW') return { Attributes: after && copyOf(after) };
    return write.ReturnValues === 'ALL_OLD' && before ? { Attributes: copyOf(before) } : {};
  }

  #actionOf(kind: Kind, write: Write): Action {
    const table = this.#table(write.TableName);
    checkKey((write.Item ?? write.Key)!, table);
    checkIndexKeys(write.Item, table);
    const parts = kind === 'Update' ? UPDATE_PARTS : CONDITION_PARTS;
    return { kind, write, table, expressions: parseExpressions(write, parts) };
  }

  /** The item after a write. @throws {Fault} when its condition does not hold. */
  #after(action: Action): Item | undefined {
    const { kind, write, table, expressions } = action;
    const before = table.get(keyItemOf(action));
    if (expressions.condition && !holds(expressions.condition.expression, before ?? {})) {
      const shown = write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? before : undefined;
      throw conditionalCheckFailed(shown && copyOf(shown));
    }
    if (kind === 'Delete') return undefined;
    if (kind === 'ConditionCheck') return before;
    const after =
      kind === 'Put' ? copyOf(write.Item!) : updated(before ?? write.Key!, expressions.update?.sections ?? []);
    checkIndexKeys(after, table);
    if (itemBytes(after) > MAX_ITEM_BYTES) throw validationFault('Item size has exceeded the maximum allowed size');
    return after;
  }

  #apply({ kind, write, table }: Action, after: Item | undefined): void {
    if (kind === 'ConditionCheck') return;
    this.usage.itemsWritten += 1;
    if (after) {
      table.put(after);
      this.onStored(table.wiring.name, after);
    } else table.delete(write.Key!);
  }

  #transactWrite(input: Record<string, unknown>): unknown {
    const request = input as { TransactItems: Partial<Record<Kind, Write>>[]; ClientRequestToken?: string };
    this.usage.transactions += 1;
    const shapes = new Set(request.TransactItems.map((item) => transactShapeOf(item)));
    for (const shape of shapes) {
      const one = request.TransactItems.find((item) => transactShapeOf(item) === shape);
      this.#checkShape('TransactWriteItems', { ...input, TransactItems: [one] }, shape);
    }
    const count = request.TransactItems.length;
    if (count < 1 || count > 100) throw validationFault('Member must have length between 1 and 100');
    const token = request.ClientRequestToken;
    if (token !== undefined && this.#isRepeat(token, request.TransactItems)) return {};
    const actions = request.TransactItems.map((item) => {
      const [[kind, write] = [], ...others] = Object.entries(item) as [Kind, Write][];
      if (!kind || !write || others.length > 0) throw validationFault('TransactItems can only contain one of each');
      return this.#actionOf(kind, write);
    });
    checkDistinctActions(actions);
    const planned = this.#plan(actions);
    const bytes = planned.reduce((sum, after) => sum + (after ? itemBytes(after) : 0), 0);
    if (bytes > MAX_TRANSACTION_BYTES) throw validationFault('Transaction request exceeds the limit of 4 MB');
    for (const [index, action] of actions.entries()) this.#apply(action, planned[index]);
    if (token !== undefined)
      this.#tokens.set(token, { items: request.TransactItems, untilMs: this.#nowMs() + TOKEN_LIFE_MS });
    return {};
  }

  /** What each action comes to, or the cancellation with the reason of each. */
  #plan(actions: readonly Action[]): readonly (Item | undefined)[] {
    const planned: (Item | undefined)[] = [];
    let cancelled = false;
    // Of a transaction that meets another one, a single item is usually where they meet.
    const conflictAt = this.#faults.conflict() ? 0 : -1;
    const throttledAt = this.#faults.throttle() ? actions.length - 1 : -1;
    const reasons = actions.map((action, index): CancellationReason => {
      try {
        if (index === conflictAt) throw serviceFault('TransactionConflictException', 'Transaction is ongoing');
        if (index === throttledAt) throw throttled();
        planned.push(this.#after(action));
        return { Code: 'None' };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        cancelled = true;
        return error.reason;
      }
    });
    if (cancelled) throw transactionCancelled(reasons);
    return planned;
  }

  #isRepeat(token: string, items: readonly object[]): boolean {
    const known = this.#tokens.get(token);
    if (!known || known.untilMs <= this.#nowMs()) return false;
    if (JSON.stringify(known.items) === JSON.stringify(items)) return true;
    throw serviceFault('IdempotentParameterMismatchException', 'the token was used with other parameters');
  }
}

interface QueryInput {
  readonly IndexName?: string;
  readonly Limit?: number;
  readonly ScanIndexForward?: boolean;
  readonly ExclusiveStartKey?: Item;
}

const CONDITION_PARTS = ['ConditionExpression'] as const;
const UPDATE_PARTS = ['UpdateExpression', 'ConditionExpression'] as const;

/** A copy of a request as it goes over the wire, where binary values are base64. */
const onTheWire = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, onTheWire(member)]));
};

/** Attributes are never changed in place, so a copy of the item alone keeps what is stored apart. */
const copyOf = (item: Item): Item => ({ ...item });

const picked = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries([...new Set(names)].map((name) => [name, item[name]!]));

/** Requests of one shape differ in texts and numbers alone. */
const shapeOf = (request: ExpressionHolder & { TableName?: string }, item?: Item, ...more: unknown[]): string =>
  [
    request.TableName,
    request.ConditionExpression,
    request.UpdateExpression,
    request.KeyConditionExpression,
    request.ProjectionExpression,
    item && Object.entries(item).map(([name, value]) => `${name}:${Object.keys(value)}`),
    ...more,
  ].join('|');

const transactShapeOf = (item: Partial<Record<Kind, Write>>): string =>
  Object.entries(item)
    .map(([kind, write]) => `${kind} ${shapeOf(write, write.Item ?? write.Key)}`)
    .join(' ');

const keyItemOf = ({ write }: Action): Item => (write.Item ?? write.Key)!;

const checkKey = (item: Item, { wiring: { key } }: FakeTable): void => {
  for (const name of [key.hash, ...(key.range ? [key.range] : [])]) {
    const value = item[name];
    if (!value || !('S' in value)) throw validationFault(`Missing the key ${name} in the item, or of another type`);
    const longest = name === key.hash ? 2_048 : 1_024;
    if (value.S === '' || Buffer.byteLength(value.S) > longest) {
      throw validationFault(`The key ${name} is empty or longer than ${longest} bytes`);
    }
  }
};

const checkIndexKeys = (item: Item | undefined, { wiring }: FakeTable): void => {
  for (const { name, key } of item ? wiring.indexes : []) {
    for (const attribute of [key.hash, key.range ?? key.hash]) {
      const value = item![attribute];
      if (value && (!('S' in value) || value.S === '')) throw validationFault(`Type mismatch for a key of ${name}`);
    }
  }
};

const placeOf = (key: Item, { wiring }: FakeTable): string =>
  JSON.stringify([key[wiring.key.hash], wiring.key.range && key[wiring.key.range]]);

const checkDistinct = (keys: readonly Item[], table: FakeTable, message: string): void => {
  if (new Set(keys.map((key) => placeOf(key, table))).size < keys.length) throw validationFault(message);
};

const checkDistinctActions = (actions: readonly Action[]): void => {
  const places = actions.map((action) => `${action.write.TableName} ${placeOf(keyItemOf(action), action.table)}`);
  if (new Set(places).size < places.length) {
    throw validationFault('Transaction request cannot include multiple operations on one item');
  }
};

type Source = Pick<TableWiring, 'key'> & { readonly index?: string };

const sourceOf = ({ wiring }: FakeTable, index: string | undefined): Source => {
  if (index === undefined) return wiring;
  const found = wiring.indexes.find(({ name }) => name === index);
  if (!found) throw validationFault(`The table does not have the specified index: ${index}`);
  return { key: found.key, index };
};

const inRange = (value: string, { ComparisonOperator, AttributeValueList }: KeyCondition): boolean => {
  const [first, second] = AttributeValueList.map((bound) => (bound as { readonly S: string }).S);
  switch (ComparisonOperator) {
    case 'EQ':
      return value === first!;
    case 'LT':
      return value < first!;
    case 'LE':
      return value <= first!;
    case 'GT':
      return value > first!;
    case 'GE':
      return value >= first!;
    case 'BETWEEN':
      return value >= first! && value <= second!;
    case 'BEGINS_WITH':
      return value.startsWith(first!);
  }
};

/** Items that a query's key conditions select, in the order of the sort key. */
const rowsOf = (
  table: FakeTable,
  { key, index }: Source,
  conditions: Readonly<Record<string, KeyCondition>>,
): readonly Item[] => {
  const hash = conditions[key.hash];
  if (hash?.ComparisonOperator !== 'EQ')
    throw validationFault(`Query condition missed key schema element: ${key.hash}`);
  const range = key.range === undefined ? undefined : conditions[key.range];
  const within = (item: Item): boolean => !range || inRange((item[key.range!] as { readonly S: string }).S, range);
  const wanted = (hash.AttributeValueList[0] as { readonly S: string }).S;
  if (index === undefined) return [...table.partition(wanted)].filter(within);
  const found = [...table.all()].filter(
    (item) =>
      inRange((item[key.hash] as { readonly S?: string } | undefined)?.S ?? '\0', hash) &&
      item[key.range!] &&
      within(item),
  );
  const names = [table.wiring.key.hash, table.wiring.key.range!, key.hash, key.range!];
  const rangeOf = (item: Item): string => (item[key.range!] as { readonly S: string }).S;
  return found.map((item) => picked(item, names)).sort((left, right) => (rangeOf(left) < rangeOf(right) ? -1 : 1));
};

const samePlace = (row: Item, start: Item): boolean =>
  Object.entries(start).every(
    ([name, value]) => (row[name] as { S?: string } | undefined)?.S === (value as { S?: string }).S,
  );
