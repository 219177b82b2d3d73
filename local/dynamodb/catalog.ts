import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import type { AttributeDefinition, KeySchemaElement } from './dynalite.ts';
import { notFound, serviceFault, validationFault } from './errors.ts';
import { encodeKey, isKeyValue, type KeyAttributes, keyAttributesOf, keyNames } from './keys.ts';
import type { Stream, StreamLog } from './streams.ts';
import { type NormalDefinition, sameKeys, type TableDefinition, tableDefinitionOf } from './table-definition.ts';
import { TableStore } from './table-store.ts';
import { expiryOf } from './time-to-live.ts';
import type { Item } from './values.ts';

/** An index of a table. */
export interface TableIndex {
  readonly id: number;
  readonly name: string;
  readonly global: boolean;
  readonly keys: KeyAttributes;
  /** Names of the attributes it shows; undefined for all. */
  readonly projected?: ReadonlySet<string>;
}

/** A table with all that a request needs of it. */
export interface Table {
  readonly id: number;
  readonly name: string;
  readonly arn: string;
  readonly definition: NormalDefinition;
  readonly keys: KeyAttributes;
  readonly indexes: readonly TableIndex[];
  readonly store: TableStore;
  readonly stream?: Stream;
  readonly uuid: string;
  readonly createdMs: number;
}

/** What is kept of a table, as JSON. */
interface TableRecord {
  readonly definition: NormalDefinition;
  readonly uuid: string;
  readonly createdMs: number;
  readonly indexIds: Readonly<Record<string, number>>;
  readonly nextIndexId: number;
}

const projectedNames = (
  keys: KeyAttributes,
  indexKeys: KeyAttributes,
  projection: { ProjectionType?: string; NonKeyAttributes?: readonly string[] },
): ReadonlySet<string> | undefined =>
  projection.ProjectionType === 'ALL'
    ? undefined
    : new Set([...keyNames(keys), ...keyNames(indexKeys), ...(projection.NonKeyAttributes ?? [])]);

interface IndexDefinition {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
}

const indexDefinitions = (
  definition: NormalDefinition,
): readonly (IndexDefinition & { readonly global: boolean })[] => [
  ...(definition.GlobalSecondaryIndexes ?? []).map((index) => ({ ...index, global: true })),
  ...(definition.LocalSecondaryIndexes ?? []).map((index) => ({ ...index, global: false })),
];

const sameIndexKey = (name: string, one: NormalDefinition, other: NormalDefinition): boolean => {
  const keysIn = (definition: NormalDefinition): readonly KeySchemaElement[] | undefined =>
    indexDefinitions(definition).find(({ IndexName }) => IndexName === name)?.KeySchema;
  const [left, right] = [keysIn(one), keysIn(other)];
  return left !== undefined && right !== undefined && sameKeys(left, one, right, other);
};

/** An item's key in an index, or undefined for an item that the index leaves out. */
export const indexKeyOf = (item: Item, { keys }: TableIndex) => {
  const complete = [keys.hash, ...(keys.range ? [keys.range] : [])].every(({ name, type }) =>
    isKeyValue(item[name], type),
  );
  return complete ? encodeKey(item, keys) : undefined;
};

const BATCH = 500;

/** The tables that exist, kept in the store and in memory. */
export class Catalog {
  readonly #database: Database;
  readonly #streams: StreamLog;
  readonly #arnPrefix: string;
  readonly #now: () => number;
  readonly #tables = new Map<string, Table>();

  constructor(database: Database, streams: StreamLog, arnPrefix: string, now: () => number) {
    this.#database = database;
    this.#streams = streams;
    this.#arnPrefix = arnPrefix;
    this.#now = now;
    const rows = database.connection.prepare('SELECT name FROM tables').all() as { name: string }[];
    for (const { name } of rows) this.#load(name);
  }

  arnOf(name: string): string {
    return `${this.#arnPrefix}${name}`;
  }

  /** Tables in the order of their names. */
  all(): Table[] {
    return [...this.#tables.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  find(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  /** @throws {Fault} ResourceNotFoundException. */
  get(name: string, message?: string): Table {
    const table = this.#tables.get(name);
    if (!table) throw notFound(message);
    return table;
  }

  /**
   * Makes a table as defined. An existing one is brought to the definition: indexes are added, built
   * and removed, the stream and the time to live follow.
   *
   * @throws {Fault} when the definition breaks a rule, or the key schema of an existing table differs:
   *   that would be another table, and its items would be lost.
   */
  ensure(definition: TableDefinition): Table {
    const normal = tableDefinitionOf(definition);
    const existing = this.find(normal.TableName);
    if (existing && !sameKeys(normal.KeySchema, normal, existing.definition.KeySchema, existing.definition)) {
      throw validationFault(
        `Table '${normal.TableName}' exists with another key schema; give the new table another name, or delete the old one first`,
      );
    }
    this.#database.transaction(() => this.#write(normal, existing));
    return this.#load(normal.TableName);
  }

  /** @throws {Fault} ResourceNotFoundException, or a refusal when the table is protected from deletion. */
  delete(name: string): Table {
    const table = this.get(name, `Requested resource not found: Table: ${name} not found`);
    if (table.definition.DeletionProtectionEnabled) {
      throw validationFault(
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
      );
    }
    this.#database.transaction(() => {
      this.#streams.close(table.id);
      table.store.drop(table.indexes.map(({ id }) => id));
      this.#database.connection.prepare('DELETE FROM tables WHERE id = ?').run(table.id);
    });
    this.#tables.delete(name);
    return table;
  }

  #write(definition: NormalDefinition, existing: Table | undefined): void {
    const previous = existing && this.#recordOf(existing.name).record;
    const record: TableRecord = {
      definition,
      uuid: previous?.uuid ?? randomUUID(),
      createdMs: previous?.createdMs ?? this.#now(),
      ...this.#indexIds(definition, previous),
    };
    const id = this.#save(definition.TableName, record);
    const store = existing?.store ?? new TableStore(this.#database.connection, id);
    if (!existing) store.create();
    this.#reconcileIndexes(store, record, previous);
    this.#reconcileStream(id, definition);
    if (existing && existing.definition.TimeToLive !== definition.TimeToLive) this.#rewriteExpiry(store, definition);
  }

  #save(name: string, record: TableRecord): number {
    const row = this.#database.connection
      .prepare(
        `INSERT INTO tables (name, record) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET record = excluded.record RETURNING id`,
      )
      .get(name, JSON.stringify(record)) as { id: number };
    return row.id;
  }

  /** Keeps the id of an index whose key stays; any other gets one that was never used. */
  #indexIds(definition: NormalDefinition, previous?: TableRecord): Pick<TableRecord, 'indexIds' | 'nextIndexId'> {
    let nextIndexId = previous?.nextIndexId ?? 1;
    const indexIds: Record<string, number> = {};
    for (const { IndexName } of indexDefinitions(definition)) {
      const kept =
        previous && sameIndexKey(IndexName, previous.definition, definition) ? previous.indexIds[IndexName] : undefined;
      indexIds[IndexName] = kept ?? nextIndexId++;
    }
    return { indexIds, nextIndexId };
  }

  #reconcileIndexes(store: TableStore, record: TableRecord, previous?: TableRecord): void {
    const [wanted, present] = [Object.values(record.indexIds), Object.values(previous?.indexIds ?? {})];
    for (const id of present) if (!wanted.includes(id)) store.dropIndex(id);
    const missing = this.#indexesOf(record).filter(({ id }) => !present.includes(id));
    for (const { id } of missing) store.createIndex(id);
    if (previous && missing.length > 0) this.#fillIndexes(store, record, missing);
  }

  #fillIndexes(store: TableStore, { definition }: TableRecord, indexes: readonly TableIndex[]): void {
    const keys = keyAttributesOf(definition.KeySchema, definition.AttributeDefinitions);
    this.#forEachItem(store, (id, item) => {
      for (const index of indexes) {
        const indexKey = indexKeyOf(item, index);
        if (indexKey) store.addToIndex(index.id, indexKey, encodeKey(item, keys), id);
      }
    });
  }

  #rewriteExpiry(store: TableStore, definition: NormalDefinition): void {
    this.#forEachItem(store, (id, item) => store.setExpiry(id, expiryOf(item, definition.TimeToLive)));
  }

  #forEachItem(store: TableStore, visit: (id: number, item: Item) => void): void {
    for (let last = 0; ; ) {
      const batch = store.allAfter(last, BATCH);
      for (const { id, json } of batch) visit(id, JSON.parse(json) as Item);
      if (batch.length < BATCH) return;
      last = batch[batch.length - 1]!.id;
    }
  }

  #reconcileStream(tableId: number, definition: NormalDefinition): void {
    const open = this.#streams.ofTable(tableId);
    if (open?.viewType === definition.StreamViewType) return;
    if (open) this.#streams.close(tableId);
    if (!definition.StreamViewType) return;
    const arn = this.arnOf(definition.TableName);
    this.#streams.open(tableId, arn, definition.StreamViewType, definition.KeySchema);
  }

  #recordOf(name: string): { id: number; record: TableRecord } {
    const row = this.#database.connection.prepare('SELECT id, record FROM tables WHERE name = ?').get(name);
    if (!row) throw serviceFault('InternalServerError', `table '${name}' is missing from the store`);
    const { id, record } = row as { id: number; record: string };
    return { id, record: JSON.parse(record) as TableRecord };
  }

  #indexesOf({ definition, indexIds }: TableRecord): TableIndex[] {
    const definitions: readonly AttributeDefinition[] = definition.AttributeDefinitions;
    const keys = keyAttributesOf(definition.KeySchema, definitions);
    return indexDefinitions(definition).map(({ IndexName, KeySchema, Projection, global }) => {
      const indexKeys = keyAttributesOf(KeySchema, definitions);
      return {
        id: indexIds[IndexName]!,
        name: IndexName,
        global,
        keys: indexKeys,
        projected: projectedNames(keys, indexKeys, Projection),
      };
    });
  }

  #load(name: string): Table {
    const { id, record } = this.#recordOf(name);
    const { definition, uuid, createdMs } = record;
    const table: Table = {
      id,
      name,
      arn: this.arnOf(name),
      definition,
      keys: keyAttributesOf(definition.KeySchema, definition.AttributeDefinitions),
      indexes: this.#indexesOf(record),
      store: new TableStore(this.#database.connection, id),
      stream: this.#streams.ofTable(id),
      uuid,
      createdMs,
    };
    this.#tables.set(name, table);
    return table;
  }
}
