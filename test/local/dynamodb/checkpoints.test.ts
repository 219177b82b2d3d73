import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inTransaction, openDatabase } from '#local/database.ts';
import { createCheckpoints } from '#local/dynamodb/checkpoints.ts';

const LOG_BYTES = 512 * 1024;
const ROW = 'x'.repeat(8_000);
/** Twice as much as shall be in the log. */
const ROWS = 112;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assay-checkpoints-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const countIn = (path: string): number => {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  const { rows } = database.prepare('SELECT COUNT(*) AS rows FROM kept').get() as { rows: number };
  database.close();
  return rows;
};

test('a thread moves the log into the file, and the next write begins it anew', async () => {
  const path = join(directory, 'a.sqlite');
  const connection = openDatabase(path, 'CREATE TABLE IF NOT EXISTS kept (text TEXT NOT NULL)');
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const checkpoints = createCheckpoints(connection, path, LOG_BYTES);
  const insert = connection.prepare('INSERT INTO kept (text) VALUES (?)');
  const write = () => {
    inTransaction(connection, () => insert.run(ROW));
    checkpoints.afterCommit();
  };
  const logBytes = () => statSync(`${path}-wal`).size;
  // The writer itself moves nothing.
  connection.exec('PRAGMA wal_autocheckpoint = 0');

  for (let rows = 0; rows < ROWS; rows += 1) write();
  const grown = logBytes();
  let rows = ROWS;
  for (; rows < 50 * ROWS && logBytes() !== LOG_BYTES; rows += 1) {
    write();
    await sleep(5);
  }
  const fileBytes = statSync(path).size;
  const begunAnew = logBytes();
  checkpoints.close();
  connection.close();

  expect(grown).toBeGreaterThan(LOG_BYTES);
  expect(begunAnew).toBe(LOG_BYTES);
  expect(fileBytes).toBeGreaterThan(ROWS * ROW.length);
  expect(countIn(path)).toBe(rows);
}, 20_000);
