import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** Keeps the log of a database short. */
export interface Checkpoints {
  /** To be called after each transaction. */
  afterCommit(): void;
  close(): void;
}

/** The size of the log is looked at after so many transactions. */
const LOOK_EVERY = 16;
/** A log so many times as long as it shall be is moved by the writer itself, whatever the thread does. */
const PATIENCE = 8;

const THREAD = new URL('./checkpoint-thread.ts', import.meta.url);

/**
 * Has another thread move a database's log into its file when it has grown long: this is the one step of SQLite that
 * waits for the disk, and nobody who writes has to wait with it. The thread is started when it is first needed.
 *
 * @param path - of the database's file, which is in WAL mode.
 * @param logBytes - how long the log becomes, about.
 */
export const createCheckpoints = (connection: DatabaseSync, path: string, logBytes: number): Checkpoints => {
  const { page_size: pageBytes } = connection.prepare('PRAGMA page_size').get() as { page_size: number };
  const ownPages = (times: number): void => {
    connection.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil((times * logBytes) / pageBytes)}`);
  };
  ownPages(PATIENCE);
  // Begun anew, the log is cut to this length: what is longer has grown since.
  connection.exec(`PRAGMA journal_size_limit = ${logBytes}`);
  let thread: Worker | undefined;
  let working = false;
  let commits = 0;

  const start = (): Worker => {
    const started = new Worker(THREAD, { workerData: path });
    started.unref();
    started.on('message', () => {
      working = false;
    });
    // Without the thread, writers do it themselves, as they would without all this.
    started.on('error', () => ownPages(1));
    return started;
  };

  return {
    afterCommit() {
      commits += 1;
      if (working || commits % LOOK_EVERY !== 0) return;
      const { size = 0 } = statSync(`${path}-wal`, { throwIfNoEntry: false }) ?? {};
      if (size <= logBytes) return;
      thread ??= start();
      working = true;
      thread.postMessage('move');
    },
    close() {
      void thread?.terminate();
    },
  };
};
