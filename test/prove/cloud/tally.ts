import type { Item } from '#local/dynamodb/values.ts';
import type { Invocation } from './fleet.ts';
import type { Call } from './network.ts';

/** Operations that change something. */
const WRITES = /^(Put|Update|Delete|TransactWrite|BatchWrite|Send|Complete|Create|Upload)/;

/** Errors that say that a request is wrong, or that the fakes lack something. */
const WRONG = /^(Validation|Serialization|InvalidParameter|MissingParameter|NoSuchBucket|Error$|TypeError)/;

/** A message that is a chunk of events says so at its beginning. */
const EVENT_CHUNK = /^.{0,300}"kind":"events"/;

/** The event type of the catalog whose order counts. */
const STRICT_TYPE = 'transfer';
const MOST_LOGGED = 200;

interface Transaction {
  readonly token: string | undefined;
  readonly items: readonly object[];
}

/** What happened in a cloud, as far as it can be seen from outside: material of the audit. */
export class Tally {
  /** By function and operation: `scoring/queue dynamodb.GetItem`. */
  readonly calls = new Map<string, number>();
  /** Messages that functions were given, by queue; and the rows of events in them. */
  readonly deliveries = new Map<string, number>();
  rowsDelivered = 0;
  /** Messages that became too old. */
  expired = 0;
  /** Writes by invocations that had told their event source before that all was done. */
  readonly lateWrites: string[] = [];
  /** Rows of files in strict order that were recorded behind a later one. */
  readonly outOfOrder: string[] = [];
  /** Transactions that carried no token, or another one than their first try. */
  readonly tokens: string[] = [];
  /** Requests that AWS would refuse as wrong. */
  readonly faults: string[] = [];
  /** Errors that functions logged, the last ones. */
  readonly logged: string[] = [];
  readonly #transactions = new WeakMap<Invocation, Transaction>();
  readonly #lastRows = new Map<string, number>();

  /** Takes note of a call that is about to be made. */
  call({ service, operation, invocation, input }: Call): void {
    const name = `${invocation?.entry ?? 'harness'} ${service}.${operation}`;
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    if (invocation?.ended && invocation.reportedDone && WRITES.test(operation)) this.lateWrites.push(name);
    if (operation === 'TransactWriteItems' && invocation) this.#transaction(invocation, input);
  }

  /** Takes note of a message that a function is given. */
  delivery(queue: string, body: string): void {
    this.deliveries.set(queue, (this.deliveries.get(queue) ?? 0) + 1);
    if (EVENT_CHUNK.test(body)) this.rowsDelivered += body.match(/"row":/g)?.length ?? 0;
  }

  /** Takes note of an event that is stored: rows of one file in strict order must come in that order. */
  stored({ sk, pk, origin }: Item): void {
    if (!startsWith(sk, 'EVENT') || !startsWith(pk, `E#${STRICT_TYPE}#`) || !startsWith(origin, 'file/')) return;
    const [, fileId = '', row] = origin.S.split('/');
    if (Number(row) < (this.#lastRows.get(fileId) ?? 0)) this.outOfOrder.push(`row ${row} of ${fileId}`);
    this.#lastRows.set(fileId, Number(row));
  }

  /** Takes note of what a service threw. */
  thrown({ operation, invocation }: Call, { name, message }: Error): void {
    if (WRONG.test(name)) this.faults.push(`${invocation?.entry} ${operation}: ${name}: ${message}`);
  }

  /** Takes over what this process prints: logs of the functions, of which errors are kept. @returns what undoes it. */
  takeOutput(): () => void {
    const take = (text: string | Uint8Array): boolean => {
      if (String(text).includes('"level":"ERROR"')) this.logged.push(String(text).trim());
      if (this.logged.length > MOST_LOGGED) this.logged.splice(0, MOST_LOGGED / 2);
      return true;
    };
    const outputs = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
    for (const { stream } of outputs) stream.write = take as typeof stream.write;
    return () => {
      for (const { stream, write } of outputs) stream.write = write;
    };
  }

  /** A transaction that is tried again carries the token of its first try, or it may be carried out twice. */
  #transaction(invocation: Invocation, input: Record<string, unknown>): void {
    const { ClientRequestToken: token, TransactItems: items } = input as {
      ClientRequestToken?: string;
      TransactItems: object[];
    };
    if (token === undefined) this.tokens.push(`${invocation.entry} sent none`);
    const last = this.#transactions.get(invocation);
    this.#transactions.set(invocation, { token, items });
    if (!last || last.token === token || last.items.length !== items.length) return;
    if (JSON.stringify(last.items) === JSON.stringify(items)) this.tokens.push(`${invocation.entry} changed it`);
  }
}

const startsWith = (value: Item[string] | undefined, start: string): value is { S: string } =>
  value !== undefined && 'S' in value && value.S.startsWith(start);
