import { DatabaseSync } from 'node:sqlite';

/**
 * Opens a room's own small database, making its tables at the first start.
 *
 * What is committed survives the process being killed. One process at a time holds the data directory.
 *
 * @param schema - `CREATE TABLE IF NOT EXISTS …` statements.
 * @param pageBytes - size of a page, a power of two; a database that is there already keeps its own.
 */
export const openDatabase = (path: string, schema: string, pageBytes = 4096): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec(`PRAGMA page_size = ${pageBytes}`);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(schema);
  return database;
};

/**
 * Makes a change as a whole: all of it is durable when this returns, none of it when it throws or the process is
 * killed on the way. Calls do not nest.
 */
export const inTransaction = <T>(database: DatabaseSync, change: () => T): T => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};
