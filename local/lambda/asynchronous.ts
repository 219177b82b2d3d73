import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../database.ts';
import { AwsError } from '../errors.ts';
import type { Outcome } from './environment.ts';
import type { RetryPolicy } from './functions.ts';

/** One event that was handed over for a function, with how it stands. */
export interface AsynchronousEvent {
  readonly requestId: string;
  readonly functionName: string;
  readonly payload: string;
  readonly traceId: string | undefined;
  readonly clientContext: string | undefined;
}

/** Invocations of type Event: kept until the function has taken them or they are given up. */
export interface AsynchronousQueue {
  /** Durable when this returns. @returns the request id. */
  add(event: Omit<AsynchronousEvent, 'requestId'>): string;
  start(): void;
  /** Starts no more; what is in hand is kept for the next start unless it still ends well. */
  stop(): void;
  close(): void;
}

export interface AsynchronousOptions {
  readonly directory: string;
  run(event: AsynchronousEvent): Promise<Outcome>;
  retriesOf(functionName: string): RetryPolicy;
  notice(line: string): void;
  /** Waits before the first and the second repeat, in milliseconds. */
  readonly waitsMs: readonly number[];
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (
    request_id TEXT PRIMARY KEY, function TEXT NOT NULL, payload TEXT NOT NULL, trace TEXT, client_context TEXT,
    failures INTEGER NOT NULL, first_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS events_due ON events (due_ms);
`;

const AT_ONCE = 32;
/** A function without a place at all is asked again after this. */
const THROTTLED_WAIT_MS = 5000;

export const createAsynchronousQueue = (options: AsynchronousOptions): AsynchronousQueue => {
  const { run, retriesOf, notice, waitsMs } = options;
  const database = openDatabase(join(options.directory, 'asynchronous.sqlite'), SCHEMA);
  const inHand = new Set<string>();
  let running = false;
  let timer: NodeJS.Timeout | undefined;

  const wake = (): void => {
    clearTimeout(timer);
    if (!running) return;
    const nowMs = Date.now();
    const due = database
      .prepare('SELECT * FROM events WHERE due_ms <= ? ORDER BY due_ms LIMIT ?')
      .all(nowMs, AT_ONCE * 2) as unknown as EventRow[];
    for (const row of due.filter(({ request_id: id }) => !inHand.has(id)).slice(0, AT_ONCE - inHand.size)) {
      inHand.add(row.request_id);
      void attempt(row).finally(() => {
        inHand.delete(row.request_id);
        wake();
      });
    }
    const next = database.prepare('SELECT min(due_ms) AS due FROM events WHERE due_ms > ?').get(nowMs)?.due;
    if (typeof next === 'number') timer = setTimeout(wake, Math.min(next - nowMs, 60_000));
  };

  const attempt = async (row: EventRow): Promise<void> => {
    const result = await run(eventOf(row)).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    if (!(result instanceof Error) && !result.functionError) return forget(row);
    // Stopping ends what is in hand as an error; the next start tries it again.
    if (!running) return;

    const { attempts, maxAgeSeconds } = retriesOf(row.function);
    const tooOld = Date.now() - row.first_ms >= maxAgeSeconds * 1000;
    if (result instanceof Error) {
      const lasting = result instanceof AwsError && result.code === 'ResourceNotFoundException';
      if (tooOld || lasting) giveUp(row, result.message);
      else postpone(row, row.failures, THROTTLED_WAIT_MS);
    } else if (tooOld || row.failures >= attempts) {
      giveUp(row, 'the function failed; its log says why');
    } else {
      postpone(row, row.failures + 1, waitsMs[row.failures] ?? waitsMs.at(-1) ?? 0);
    }
  };

  const forget = ({ request_id: id }: EventRow): void => {
    database.prepare('DELETE FROM events WHERE request_id = ?').run(id);
  };

  const postpone = ({ request_id: id }: EventRow, failures: number, waitMs: number): void => {
    database
      .prepare('UPDATE events SET failures = ?, due_ms = ? WHERE request_id = ?')
      .run(failures, Date.now() + waitMs, id);
  };

  const giveUp = (row: EventRow, reason: string): void => {
    notice(
      `${row.function}: an asynchronous invocation (${row.request_id}) was given up after ${row.failures + 1} attempts: ${reason}`,
    );
    forget(row);
  };

  return {
    add({ functionName, payload, traceId, clientContext }) {
      const requestId = randomUUID();
      const nowMs = Date.now();
      database
        .prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, 0, ?, ?)')
        .run(requestId, functionName, payload, traceId ?? null, clientContext ?? null, nowMs, nowMs);
      setImmediate(wake);
      return requestId;
    },
    start() {
      running = true;
      wake();
    },
    stop() {
      running = false;
      clearTimeout(timer);
    },
    close: () => database.close(),
  };
};

interface EventRow {
  readonly request_id: string;
  readonly function: string;
  readonly payload: string;
  readonly trace: string | null;
  readonly client_context: string | null;
  readonly failures: number;
  readonly first_ms: number;
}

const eventOf = (row: EventRow): AsynchronousEvent => ({
  requestId: row.request_id,
  functionName: row.function,
  payload: row.payload,
  traceId: row.trace ?? undefined,
  clientContext: row.client_context ?? undefined,
});
