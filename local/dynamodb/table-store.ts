import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type EncodedKey, tieBreakOf } from './keys.ts';

/** An item as it is kept: its JSON, its size in bytes, and where it is. */
export interface StoredItem {
  readonly id: number;
  readonly json: string;
  readonly bytes: number;
}

/** A stretch of one hash in the order of its range: from low, up to but without high. */
export interface RangeQuery {
  readonly hash: Buffer;
  readonly low: Buffer;
  readonly high: Buffer;
  /** Continues behind this place, in the direction of reading. */
  readonly after?: { readonly range: Buffer; readonly tieBreak: Buffer };
  readonly backward: boolean;
}

/** A stretch of hashes: from low, up to but without high. */
export interface ScanQuery {
  readonly low: Buffer;
  readonly high: Buffer;
  readonly after?: EncodedKey & { readonly tieBreak: Buffer };
}

const EMPTY = Buffer.alloc(0);

type Rows = Iterable<StoredItem>;

/**
 * The SQLite tables of one DynamoDB table: one for its items and one of keys for each index.
 *
 * An index holds keys alone and leads to the item, so a write touches it only when a key changes;
 * what an index projects is chosen on reading. Knows no rules of DynamoDB.
 */
export class TableStore {
  readonly #connection: DatabaseSync;
  readonly #items: string;
  readonly #prefix: string;
  readonly #statements = new Map<string, StatementSync>();
  /** By name, or by the id of the index that is added to. */
  readonly #usuals = new Map<string | number, StatementSync>();

  constructor(connection: DatabaseSync, tableId: number) {
    this.#connection = connection;
    this.#items = `items_${tableId}`;
    this.#prefix = `index_${tableId}_`;
  }

  create(): void {
    this.#connection.exec(
      `CREATE TABLE ${this.#items} (
         id INTEGER PRIMARY KEY, hash BLOB NOT NULL, range BLOB NOT NULL, json TEXT NOT NULL, bytes INTEGER NOT NULL,
         expires INTEGER, UNIQUE (hash, range));
       CREATE INDEX ${this.#items}_expires ON ${this.#items} (expires) WHERE expires IS NOT NULL;`,
    );
  }

  /** Removes the items and the given indexes for good. */
  drop(indexIds: readonly number[]): void {
    for (const id of indexIds) this.dropIndex(id);
    this.#forgetStatements();
    this.#connection.exec(`DROP TABLE ${this.#items}`);
  }

  createIndex(indexId: number): void {
    this.#connection.exec(
      `CREATE TABLE ${this.#prefix}${indexId} (
         hash BLOB NOT NULL, range BLOB NOT NULL, tie BLOB NOT NULL, id INTEGER NOT NULL,
         PRIMARY KEY (hash, range, tie)) WITHOUT ROWID`,
    );
  }

  dropIndex(indexId: number): void {
    this.#forgetStatements();
    this.#connection.exec(`DROP TABLE ${this.#prefix}${indexId}`);
  }

  #forgetStatements(): void {
    this.#statements.clear();
    this.#usuals.clear();
  }

  get({ hash, range }: EncodedKey): StoredItem | undefined {
    const statement = this.#usual(
      'get',
      () => `SELECT id, json, bytes FROM ${this.#items} WHERE hash = ? AND range = ?`,
    );
    return statement.get(hash, range) as StoredItem | undefined;
  }

  /** @returns the id of the new item. */
  insert({ hash, range }: EncodedKey, json: string, bytes: number, expires: number | null): number {
    const statement = this.#usual(
      'insert',
      () => `INSERT INTO ${this.#items} (hash, range, json, bytes, expires) VALUES (?, ?, ?, ?, ?)`,
    );
    return Number(statement.run(hash, range, json, bytes, expires).lastInsertRowid);
  }

  update(id: number, json: string, bytes: number, expires: number | null): void {
    this.#prepared(`UPDATE ${this.#items} SET json = ?, bytes = ?, expires = ? WHERE id = ?`).run(
      json,
      bytes,
      expires,
      id,
    );
  }

  setExpiry(id: number, expires: number | null): void {
    this.#prepared(`UPDATE ${this.#items} SET expires = ? WHERE id = ?`).run(expires, id);
  }

  delete(id: number): void {
    this.#prepared(`DELETE FROM ${this.#items} WHERE id = ?`).run(id);
  }

  addToIndex(indexId: number, key: EncodedKey, tableKey: EncodedKey, id: number): void {
    const statement = this.#usual(
      indexId,
      () => `INSERT INTO ${this.#prefix}${indexId} (hash, range, tie, id) VALUES (?, ?, ?, ?)`,
    );
    statement.run(key.hash, key.range, tieBreakOf(tableKey), id);
  }

  removeFromIndex(indexId: number, key: EncodedKey, tableKey: EncodedKey): void {
    const sql = `DELETE FROM ${this.#prefix}${indexId} WHERE hash = ? AND range = ? AND tie = ?`;
    this.#prepared(sql).run(key.hash, key.range, tieBreakOf(tableKey));
  }

  /** Items of one hash in the order of the range, or of an index's range. */
  query({ hash, low, high, after, backward }: RangeQuery, indexId?: number): Rows {
    const [comparison, order] = backward ? ['<', 'DESC'] : ['>', 'ASC'];
    // Without a place to continue at, the bound itself is one: no tie break sorts before an empty one.
    const from = after ?? { range: backward ? high : low, tieBreak: EMPTY };
    if (indexId !== undefined) {
      return this.#rows(
        `SELECT t.id, t.json, t.bytes FROM ${this.#prefix}${indexId} i CROSS JOIN ${this.#items} t ON t.id = i.id
         WHERE i.hash = ? AND (i.range, i.tie) ${comparison} (?, ?) AND i.range ${backward ? '>=' : '<'} ?
         ORDER BY i.range ${order}, i.tie ${order}`,
        [hash, from.range, from.tieBreak, backward ? low : high],
      );
    }
    // Low belongs to the stretch, unless it is the item to continue behind.
    const strict = backward || after ? comparison : '>=';
    return this.#rows(
      `SELECT id, json, bytes FROM ${this.#items}
       WHERE hash = ? AND range ${strict} ? AND range ${backward ? '>=' : '<'} ? ORDER BY range ${order}`,
      [hash, from.range, backward ? low : high],
    );
  }

  /** Items in the order of their hashes, of the table or of an index. */
  scan({ low, high, after }: ScanQuery, indexId?: number): Rows {
    const from = after ?? { hash: low, range: EMPTY, tieBreak: EMPTY };
    if (indexId !== undefined) {
      return this.#rows(
        `SELECT t.id, t.json, t.bytes FROM ${this.#prefix}${indexId} i CROSS JOIN ${this.#items} t ON t.id = i.id
         WHERE (i.hash, i.range, i.tie) > (?, ?, ?) AND i.hash < ? ORDER BY i.hash, i.range, i.tie`,
        [from.hash, from.range, from.tieBreak, high],
      );
    }
    return this.#rows(
      `SELECT id, json, bytes FROM ${this.#items} WHERE (hash, range) > (?, ?) AND hash < ? ORDER BY hash, range`,
      [from.hash, from.range, high],
    );
  }

  /** The first items behind an id, in the order of ids: for work on all of them. */
  allAfter(id: number, limit: number): StoredItem[] {
    const sql = `SELECT id, json, bytes FROM ${this.#items} WHERE id > ? ORDER BY id LIMIT ?`;
    return this.#prepared(sql).all(id, limit) as unknown as StoredItem[];
  }

  /** Items whose time to live ended between two moments, in seconds since 1970. */
  expired(sinceSeconds: number, untilSeconds: number, limit: number): StoredItem[] {
    const sql = `SELECT id, json, bytes FROM ${this.#items} WHERE expires >= ? AND expires <= ? ORDER BY expires LIMIT ?`;
    return this.#prepared(sql).all(sinceSeconds, untilSeconds, limit) as unknown as StoredItem[];
  }

  totals(): { items: number; bytes: number } {
    const sql = `SELECT COUNT(*) AS items, COALESCE(SUM(bytes), 0) AS bytes FROM ${this.#items}`;
    return this.#prepared(sql).get() as { items: number; bytes: number };
  }

  indexCount(indexId: number): number {
    return (this.#prepared(`SELECT COUNT(*) AS items FROM ${this.#prefix}${indexId}`).get() as { items: number }).items;
  }

  #rows(sql: string, values: Uint8Array[]): Rows {
    return this.#prepared(sql).iterate(...values) as unknown as Rows;
  }

  /** A statement of every write, found by a short name: putting its text together would take as long as looking it up. */
  #usual(name: string | number, sql: () => string): StatementSync {
    const known = this.#usuals.get(name);
    if (known) return known;
    const statement = this.#connection.prepare(sql());
    this.#usuals.set(name, statement);
    return statement;
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
