import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Moves a store written by an older version of this file to the next one; the last entry is today's shape. */
const MIGRATIONS = [
  `CREATE TABLE tables (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
   CREATE TABLE streams (
     id INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, table_id INTEGER NOT NULL, table_name TEXT NOT NULL,
     label TEXT NOT NULL, view_type TEXT NOT NULL, created_ms INTEGER NOT NULL, key_schema TEXT NOT NULL,
     closed_ms INTEGER);
   CREATE TABLE stream_records (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, written_ms INTEGER NOT NULL,
     record TEXT NOT NULL);
   CREATE INDEX stream_records_by_stream ON stream_records (stream_id, sequence);
   CREATE TABLE client_tokens (
     token TEXT PRIMARY KEY, parameters TEXT NOT NULL, answer TEXT NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX client_tokens_by_age ON client_tokens (expires_ms);`,
];

const migrate = (connection: DatabaseSync): void => {
  const { user_version: version } = connection.prepare('PRAGMA user_version').get() as { user_version: number };
  for (const [at, migration] of MIGRATIONS.entries()) {
    if (at < version) continue;
    connection.exec(`BEGIN; ${migration} PRAGMA user_version = ${at + 1}; COMMIT;`);
  }
};

/** The one SQLite file of this service, and its transactions. */
export interface Database {
  readonly connection: DatabaseSync;
  /**
   * Runs a change as a whole: all of it is durable when this returns, none of it when it throws or
   * when the process is killed on the way. Calls do not nest.
   */
  transaction<T>(change: () => T): T;
  close(): void;
}

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY;

/*
 * The log is written ahead and not synced at each commit: a killed process loses nothing, a machine
 * without power may lose the last moments, and neither leaves a half transaction. One process alone
 * needs no shared memory beside the log, and fewer checkpoints are fewer syncs.
 */
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -32000;`;

const connect = (directory: string): DatabaseSync => {
  const connection = new DatabaseSync(join(directory, 'dynamodb.sqlite'), { timeout: 250 });
  try {
    connection.exec(SETTINGS);
    migrate(connection);
    return connection;
  } catch (error) {
    connection.close();
    if (!isBusy(error)) throw error;
    throw new Error(
      `the store in '${directory}' is in use; stop the process that has it open, or choose another directory`,
      {
        cause: error,
      },
    );
  }
};

/**
 * Opens the store in a directory, made if need be.
 *
 * @throws {Error} when another process has it open.
 */
export const openDatabase = (directory: string): Database => {
  mkdirSync(directory, { recursive: true });
  const connection = connect(directory);
  const [begin, commit, rollback] = [
    connection.prepare('BEGIN IMMEDIATE'),
    connection.prepare('COMMIT'),
    connection.prepare('ROLLBACK'),
  ];
  return {
    connection,
    transaction: (change) => {
      begin.run();
      try {
        const result = change();
        commit.run();
        return result;
      } catch (error) {
        if (connection.isTransaction) rollback.run();
        throw error;
      }
    },
    close: () => connection.close(),
  };
};
