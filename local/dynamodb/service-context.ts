import type { Catalog, Table } from './catalog.ts';
import type { Database } from './database.ts';
import { throttled, transactionConflict } from './errors.ts';
import type { StreamLog } from './streams.ts';
import type { Item } from './values.ts';

/** One access to an item or a page, as a tester may interfere with it. */
export interface Access {
  readonly operation: string;
  readonly tableName: string;
  /** The item's key; absent for Query and Scan. */
  readonly key?: Item;
}

/** What a tester has the table answer: another transaction holds the item, or capacity is short. */
export type Interference = 'conflict' | 'throttle';

/** Decides about each access whether something comes in its way. */
export type Interfere = (access: Access) => Interference | undefined;

/** What the operations share. */
export interface ServiceContext {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly streams: StreamLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly interfere: Interfere;
}

/** Lets a tester come in the way. @throws {Fault} TransactionConflictException or ThrottlingException. */
export const admit = ({ interfere }: ServiceContext, operation: string, table: Table, key?: Item): void => {
  const interference = interfere({ operation, tableName: table.name, key });
  if (interference === 'conflict') throw transactionConflict();
  if (interference === 'throttle') throw throttled();
};
