import { identityOf } from './batches.ts';
import { type ConsumedCapacity, consumedCapacities, readUnits, timesUsage, type Usage } from './capacity.ts';
import { checkKey } from './dynalite.ts';
import { type CancellationReason, Fault, serviceFault, transactionCancelled, validationFault } from './errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import { readItem } from './items.ts';
import { encodeKey } from './keys.ts';
import {
  conditionExpressions,
  type GetAction,
  getExpressions,
  type KeyAction,
  type PutAction,
  putExpressions,
  requestOf,
  type TransactGetRequest,
  type TransactWriteItem,
  type TransactWriteRequest,
  updateExpressions,
} from './requests.ts';
import { admit, type ServiceContext } from './service-context.ts';
import { commit, keyAction, type Outcome, outcomeOf, putAction, type WriteAction } from './writing.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const TOKEN_LIFE_MS = 10 * 60 * 1000;

/** A transaction pays twice: to prepare and to commit. */
const TWICE = 2;

const NO_REASON: CancellationReason = { Code: 'None' };

/** The outcome of each step, or, when any of them fails, the transaction's cancellation with all reasons. */
const allOrCancelled = <T, R>(steps: readonly T[], run: (step: T) => R): R[] => {
  const results: R[] = [];
  const reasons = steps.map((step): CancellationReason => {
    try {
      results.push(run(step));
      return NO_REASON;
    } catch (error) {
      if (error instanceof Fault && error.status === 400) return error.reason;
      throw error;
    }
  });
  if (results.length < steps.length) throw transactionCancelled(reasons);
  return results;
};

const refuseSameItem = (identities: readonly string[]): void => {
  if (new Set(identities).size < identities.length) {
    throw validationFault('Transaction request cannot include multiple operations on one item');
  }
};

const refuseTooLarge = (bytes: number): void => {
  if (bytes > MAX_BYTES) {
    throw validationFault('Transaction request exceeds the limit of 4 MB for the aggregate size of its items');
  }
};

const KINDS = ['Put', 'Update', 'Delete', 'ConditionCheck'] as const;

/** What is done to one item, with its expressions parsed and its table still to be found. */
interface Step {
  readonly tableName: string;
  readonly on: (context: ServiceContext) => WriteAction;
}

const putStep = (request: PutAction): Step => {
  const options = { expressions: putExpressions(request), showOnFailure: showOnFailure(request) };
  return {
    tableName: request.TableName,
    on: ({ catalog }) => putAction(catalog.get(request.TableName), request.Item, options),
  };
};

const keyStep = (kind: 'Update' | 'Delete' | 'ConditionCheck', request: KeyAction): Step => {
  const expressions = kind === 'Update' ? updateExpressions(request) : conditionExpressions(request);
  const options = { expressions, showOnFailure: showOnFailure(request) };
  return {
    tableName: request.TableName,
    on: ({ catalog }) => keyAction(kind, catalog.get(request.TableName), request.Key, options),
  };
};

const showOnFailure = ({ ReturnValuesOnConditionCheckFailure }: PutAction | KeyAction): boolean =>
  ReturnValuesOnConditionCheckFailure === 'ALL_OLD';

const stepOf = (item: TransactWriteItem): Step => {
  const kinds = KINDS.filter((kind) => item[kind] != null);
  if (kinds.length > 1) throw validationFault('TransactItems can only contain one of Check, Put, Update or Delete');
  const [kind] = kinds;
  if (!kind) {
    throw validationFault('Invalid Request: TransactWriteRequest should contain Delete or Put or Update request');
  }
  return kind === 'Put' ? putStep(item.Put!) : keyStep(kind, item[kind]!);
};

interface Repeatable {
  readonly write: Record<string, unknown>;
  /** What a repeat is answered: the same, with the capacity of reading the items instead. */
  readonly repeat: Record<string, unknown>;
}

const transactionCapacities = (
  asked: TransactWriteRequest['ReturnConsumedCapacity'],
  actions: readonly { readonly tableName: string; readonly usage: Usage }[],
  kind: 'ReadCapacityUnits' | 'WriteCapacityUnits',
): ConsumedCapacity[] | undefined =>
  consumedCapacities(
    asked,
    actions.map(({ tableName, usage }) => ({ tableName, usage: timesUsage(usage, TWICE) })),
  )?.map((capacity) => ({ ...capacity, [kind]: capacity.CapacityUnits }));

const repeatUsage = ({ stored, afterBytes }: Outcome): Usage => ({
  table: readUnits(Math.max(stored?.bytes ?? 0, afterBytes), true),
  indexes: [],
});

const writeAll = (context: ServiceContext, steps: readonly Step[], request: TransactWriteRequest): Repeatable => {
  for (const { tableName } of steps) context.catalog.get(tableName);
  const actions = allOrCancelled(steps, (step) => step.on(context));
  refuseSameItem(actions.map(({ table, key }) => identityOf(table, key)));
  const planned = allOrCancelled(actions, (action) => {
    admit(context, 'TransactWriteItems', action.table, action.keyItem);
    return { action, outcome: outcomeOf(action), tableName: action.table.name };
  });
  refuseTooLarge(
    planned.reduce((sum, { outcome }) => sum + Math.max(outcome.stored?.bytes ?? 0, outcome.afterBytes), 0),
  );
  const asked = request.ReturnConsumedCapacity;
  const written = planned.map(({ action, outcome, tableName }) => ({
    tableName,
    usage: commit(action, outcome, context.streams),
  }));
  const read = planned.map(({ outcome, tableName }) => ({ tableName, usage: repeatUsage(outcome) }));
  return {
    write: { ConsumedCapacity: transactionCapacities(asked, written, 'WriteCapacityUnits') },
    // Kept whether asked for or not: a repeat may ask.
    repeat: { ConsumedCapacity: transactionCapacities('INDEXES', read, 'ReadCapacityUnits') },
  };
};

const recall = ({ database, now }: ServiceContext, token: string, parameters: string): object | undefined => {
  const known = database.connection
    .prepare('SELECT parameters, answer FROM client_tokens WHERE token = ? AND expires_ms > ?')
    .get(token, now()) as { parameters: string; answer: string } | undefined;
  if (!known) return undefined;
  if (known.parameters === parameters) return JSON.parse(known.answer) as object;
  throw serviceFault(
    'IdempotentParameterMismatchException',
    'Idempotent parameter mismatch: the client request token was used with other parameters within the last 10 minutes',
  );
};

const remember = ({ database, now }: ServiceContext, token: string, parameters: string, answer: object): void => {
  database.connection
    .prepare('INSERT OR REPLACE INTO client_tokens (token, parameters, answer, expires_ms) VALUES (?, ?, ?, ?)')
    .run(token, parameters, JSON.stringify(answer), now() + TOKEN_LIFE_MS);
};

/** Forgets the tokens of transactions that can no longer be repeated. */
export const forgetTokens = ({ database }: ServiceContext, nowMs: number): void => {
  database.connection.prepare('DELETE FROM client_tokens WHERE expires_ms <= ?').run(nowMs);
};

const withoutCapacity = (answer: object, { ReturnConsumedCapacity: asked }: TransactWriteRequest): object => {
  const { ConsumedCapacity } = answer as { ConsumedCapacity?: ConsumedCapacity[] };
  if (asked === 'INDEXES') return { ConsumedCapacity };
  if (asked !== 'TOTAL') return {};
  return {
    ConsumedCapacity: ConsumedCapacity?.map(({ TableName, CapacityUnits, ReadCapacityUnits }) => ({
      TableName,
      CapacityUnits,
      ReadCapacityUnits,
    })),
  };
};

/**
 * Writes up to 100 items or none. The token is kept in the same database transaction as the writes,
 * so a repeat after a crash finds either both or neither.
 */
export const transactWriteItems = (context: ServiceContext, body: object) => {
  const request = requestOf<TransactWriteRequest>('TransactWriteItems', body);
  // Before parsing, which brings the numbers into one notation in place.
  const parameters = fingerprintOf(request.TransactItems);
  const steps = request.TransactItems.map(stepOf);
  const token = request.ClientRequestToken;
  return context.database.transaction(() => {
    const known = token === undefined ? undefined : recall(context, token, parameters);
    if (known) return withoutCapacity(known, request);
    const { write, repeat } = writeAll(context, steps, request);
    if (token !== undefined) remember(context, token, parameters, repeat);
    return write;
  });
};

/** Reads up to 100 items as they are at one moment. */
export const transactGetItems = (context: ServiceContext, body: object) => {
  const request = requestOf<TransactGetRequest>('TransactGetItems', body);
  const gets = request.TransactItems.map(({ Get }: { readonly Get: GetAction }) => ({
    get: Get,
    expressions: getExpressions(Get),
    table: context.catalog.get(Get.TableName),
  }));
  const reads = allOrCancelled(gets, ({ get, expressions, table }) => {
    checkKey(get.Key, table.definition);
    admit(context, 'TransactGetItems', table, get.Key);
    return { table, key: encodeKey(get.Key, table.keys), ...readItem(table, get.Key, expressions) };
  });
  refuseSameItem(reads.map(({ table, key }) => identityOf(table, key)));
  refuseTooLarge(reads.reduce((sum, { bytes }) => sum + bytes, 0));
  const used = reads.map(({ table, bytes }) => ({
    tableName: table.name,
    usage: { table: readUnits(bytes, true), indexes: [] },
  }));
  return {
    Responses: reads.map(({ item }) => ({ Item: item })),
    ConsumedCapacity: transactionCapacities(request.ReturnConsumedCapacity, used, 'ReadCapacityUnits'),
  };
};
