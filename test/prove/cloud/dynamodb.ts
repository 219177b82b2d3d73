import { holds } from '#local/dynamodb/conditions.ts';
import type { ExpressionHolder } from '#local/dynamodb/dynalite.ts';
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
import { parseExpressions } from '#local/dynamodb/expressions.ts';
import { project } from '#local/dynamodb/paths.ts';
import { requestOf } from '#local/dynamodb/requests.ts';
import { updated } from '#local/dynamodb/updates.ts';
import { type Item, itemBytes } from '#local/dynamodb/values.ts';
import { dynamoDbError } from './aws-errors.ts';
import { picked, type QueryInput, rowsOf, samePlace, sourceOf } from './dynamodb-query.ts';
import {
  type Action,
  checkDistinct,
  checkDistinctActions,
  checkIndexKeys,
  checkKey,
  type Kind,
  keyItemOf,
  onTheWire,
  seenItem,
  shapeOf,
  transactShapeOf,
  type Write,
  withStoredSets,
} from './dynamodb-requests.ts';
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
  onStored: (table: string, item: Item) => unknown = () => {};
  readonly #nowMs: () => number;
  readonly #faults: ItemFaults;
  readonly #checked = new Set<string>();
  readonly #tokens = new Map<string, { readonly items: readonly object[]; readonly untilMs: number }>();

  constructor(tables: readonly TableWiring[], nowMs: () => number, faults: ItemFaults) {
    this.tables = new Map(tables.map((wiring) => [wiring.name, new FakeTable(wiring)]));
    this.#nowMs = nowMs;
    this.#faults = faults;
  }

  /** Every item, with its table. */
  kept(): readonly (readonly [string, Item])[] {
    return [...this.tables].flatMap(([name, table]) => [...table.all()].map((item) => [name, item] as const));
  }

  /** Puts items where they were kept from. */
  restore(items: readonly (readonly [string, Item])[]): void {
    for (const [name, item] of items) this.#table(name).put(item);
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
    return { ...(item && { Item: seenItem(projection ? project(item, projection.paths) : item) }) };
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
        if (item) responses[name].push(seenItem(projection ? project(item, projection.paths) : item));
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
      items.push(seenItem(expressions.projection ? project(row, expressions.projection.paths) : row));
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
    if (write.ReturnValues === 'ALL_NEW') return { Attributes: after && seenItem(after) };
    return write.ReturnValues === 'ALL_OLD' && before ? { Attributes: seenItem(before) } : {};
  }

  #actionOf(kind: Kind, write: Write): Action {
    const table = this.#table(write.TableName);
    checkKey((write.Item ?? write.Key)!, table);
    checkIndexKeys(write.Item, table);
    const parts = kind === 'Update' ? UPDATE_PARTS : CONDITION_PARTS;
    return { kind, write, table, expressions: parseExpressions(withStoredSets(write), parts) };
  }

  /** The item after a write. @throws {Fault} when its condition does not hold. */
  #after(action: Action): Item | undefined {
    const { kind, write, table, expressions } = action;
    const before = table.get(keyItemOf(action));
    if (expressions.condition && !holds(expressions.condition.expression, before ?? {})) {
      const shown = write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? before : undefined;
      throw conditionalCheckFailed(shown && seenItem(shown));
    }
    if (kind === 'Delete') return undefined;
    if (kind === 'ConditionCheck') return before;
    const after =
      kind === 'Put' ? { ...write.Item! } : updated(before ?? write.Key!, expressions.update?.sections ?? []);
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
    for (const item of request.TransactItems) {
      this.#checkShape('TransactWriteItems', { ...input, TransactItems: [item] }, transactShapeOf(item));
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

const CONDITION_PARTS = ['ConditionExpression'] as const;
const UPDATE_PARTS = ['UpdateExpression', 'ConditionExpression'] as const;
