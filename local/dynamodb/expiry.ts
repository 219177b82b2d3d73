import type { Table } from './catalog.ts';
import { keyNames, pick } from './keys.ts';
import type { ServiceContext } from './service-context.ts';
import type { StoredItem } from './table-store.ts';
import { TOO_OLD_SECONDS } from './time-to-live.ts';
import { forgetTokens } from './transactions.ts';
import type { Item } from './values.ts';
import { commit, keyAction } from './writing.ts';

/** Items deleted in one transaction; requests come between two of them only when a sweep has ended. */
const BATCH = 500;

const IDENTITY = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;

const expire = ({ streams }: ServiceContext, table: Table, stored: StoredItem): void => {
  const before = JSON.parse(stored.json) as Item;
  const action = keyAction('Delete', table, pick(before, keyNames(table.keys)), { expressions: {} });
  commit(action, { stored, before, afterBytes: 0 }, streams, IDENTITY);
};

const sweepTable = (context: ServiceContext, table: Table, nowSeconds: number): number => {
  for (let deleted = 0; ; ) {
    const count = context.database.transaction(() => {
      const batch = table.store.expired(nowSeconds - TOO_OLD_SECONDS, nowSeconds, BATCH);
      for (const stored of batch) expire(context, table, stored);
      return batch.length;
    });
    deleted += count;
    if (count < BATCH) return deleted;
  }
};

/**
 * Deletes items whose time to live has ended, stream records older than a day, and transaction
 * tokens older than ten minutes. The stream records of these deletions name DynamoDB as their author.
 *
 * @param nowMs - the moment that decides, in milliseconds since 1970.
 * @returns how many items were deleted.
 */
export const sweepExpired = (context: ServiceContext, nowMs: number): number => {
  const tables = context.catalog.all().filter(({ definition }) => definition.TimeToLive !== undefined);
  const nowSeconds = Math.floor(nowMs / 1000);
  const deleted = tables.reduce((sum, table) => sum + sweepTable(context, table, nowSeconds), 0);
  context.database.transaction(() => {
    context.streams.trim(nowMs);
    forgetTokens(context, nowMs);
  });
  context.streams.announce();
  return deleted;
};
