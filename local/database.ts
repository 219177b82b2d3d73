import { DatabaseSync } from 'node:sqlite';

/**
 * Opens a room's own small database, making its tables at the first start.
 *
 * What is committed survives the process being killed. One process at a time holds the data directory.
 *
 * @param schema - `CREATE TABLE IF NOT EXISTS …` statements.
 */
export const openDatabase = (path: string, schema: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(schema);
  return database;
};
