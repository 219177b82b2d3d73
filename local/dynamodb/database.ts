import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction, openDatabase as openSqlite } from '../database.ts';
import { createCheckpoints } from './checkpoints.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tables (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS streams (
    id INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, table_id INTEGER NOT NULL, table_name TEXT NOT NULL,
    label TEXT NOT NULL, view_type TEXT NOT NULL, created_ms INTEGER NOT NULL, key_schema TEXT NOT NULL,
    closed_ms INTEGER);
  CREATE TABLE IF NOT EXISTS stream_records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, written_ms INTEGER NOT NULL,
    record TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS stream_records_by_stream ON stream_records (stream_id, sequence);
  CREATE TABLE IF NOT EXISTS client_tokens (
    token TEXT PRIMARY KEY, parameters TEXT NOT NULL, answer TEXT NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS client_tokens_by_age ON client_tokens (expires_ms);`;

/** Items of some KB fill pages of 4 KB badly, and each page costs a step of its own when it is committed. */
const PAGE_BYTES = 8192;
/** The log is moved into the file when it has so much: the longer, the fewer pages are moved twice. */
const LOG_BYTES = 32 * 1024 * 1024;

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

/** Opens the store in a directory, made if need be. */
export const openDatabase = (directory: string): Database => {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'dynamodb.sqlite');
  const connection = openSqlite(path, SCHEMA, PAGE_BYTES);
  connection.exec('PRAGMA cache_size = -32000;');
  const checkpoints = createCheckpoints(connection, path, LOG_BYTES);
  return {
    connection,
    transaction(change) {
      const result = inTransaction(connection, change);
      checkpoints.afterCommit();
      return result;
    },
    close() {
      checkpoints.close();
      connection.close();
    },
  };
};
