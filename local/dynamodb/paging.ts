import { consumedCapacity, readUnits, type Usage } from './capacity.ts';
import type { TableIndex } from './catalog.ts';
import { holds } from './conditions.ts';
import { validationFault } from './errors.ts';
import { type Expressions, parseExpressions } from './expressions.ts';
import { pick } from './keys.ts';
import { queryRangeOf, scanRangeOf } from './page-range.ts';
import { checkFilter, checkShown, notProjected, type Source, sourceOf } from './page-source.ts';
import { project } from './paths.ts';
import { type QueryRequest, requestOf, type ScanRequest } from './requests.ts';
import { admit, type ServiceContext } from './service-context.ts';
import type { StoredItem } from './table-store.ts';
import { type Item, itemBytes } from './values.ts';
import { projectedItem } from './writing.ts';

/** A page ends once this much has been read, whether it is shown or not. */
const PAGE_BYTES = 1024 * 1024;

interface Page {
  readonly items: Item[];
  readonly scanned: number;
  readonly lastItem?: Item;
  readonly usage: Usage;
}

/** Whether a page of a local index must look into the table for attributes that the index lacks. */
const needsTable = (request: QueryRequest, expressions: Expressions, index: TableIndex): boolean =>
  request.Select === 'ALL_ATTRIBUTES' ? index.projected !== undefined : notProjected(expressions, index).length > 0;

const usageOf = (request: QueryRequest, index: TableIndex | undefined, sourceBytes: number, fetched: number): Usage => {
  const units = readUnits(sourceBytes, request.ConsistentRead);
  if (!index) return { table: units, indexes: [] };
  const { name, global } = index;
  return { table: fetched * (request.ConsistentRead ? 1 : 0.5), indexes: [{ name, global, units }] };
};

const readPage = (
  rows: Iterable<StoredItem>,
  request: QueryRequest,
  expressions: Expressions,
  { index }: Source,
): Page => {
  const fetches = index !== undefined && needsTable(request, expressions, index);
  const items: Item[] = [];
  let [scanned, bytes, fetchedUnits] = [0, 0, 0];
  let lastItem: Item | undefined;
  for (const row of rows) {
    const whole = JSON.parse(row.json) as Item;
    const shown = index && !fetches ? projectedItem(whole, index) : whole;
    bytes += index?.projected ? itemBytes(projectedItem(whole, index)) : row.bytes;
    if (fetches) fetchedUnits += readUnits(row.bytes, true);
    scanned += 1;
    if (!expressions.filter || holds(expressions.filter.expression, shown)) {
      items.push(expressions.projection ? project(shown, expressions.projection.paths) : shown);
    }
    if (scanned === request.Limit || bytes >= PAGE_BYTES) {
      lastItem = whole;
      break;
    }
  }
  return { items, scanned, lastItem, usage: usageOf(request, index, bytes, fetchedUnits) };
};

const answer = (request: QueryRequest, page: Page, { table, startNames }: Source) => ({
  Items: request.Select === 'COUNT' ? undefined : page.items,
  Count: page.items.length,
  ScannedCount: page.scanned,
  LastEvaluatedKey: page.lastItem && pick(page.lastItem, startNames),
  ConsumedCapacity: consumedCapacity(request.ReturnConsumedCapacity, table.name, page.usage),
});

export const query = (context: ServiceContext, body: object) => {
  const request = requestOf<QueryRequest>('Query', body);
  if (request.KeyConditionExpression === undefined) {
    throw validationFault(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  }
  const names = ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'] as const;
  const expressions = parseExpressions(request, names);
  const source = sourceOf(context, request);
  checkShown(request, expressions, source);
  const range = queryRangeOf(request, expressions.keyConditions!, source);
  checkFilter(expressions, source.keys);
  admit(context, 'Query', source.table);
  return answer(
    request,
    readPage(source.table.store.query(range, source.index?.id), request, expressions, source),
    source,
  );
};

export const scan = (context: ServiceContext, body: object) => {
  const request = requestOf<ScanRequest>('Scan', body);
  const expressions = parseExpressions(request, ['ProjectionExpression', 'FilterExpression']);
  const source = sourceOf(context, request);
  checkShown(request, expressions, source);
  const range = scanRangeOf(request, source);
  admit(context, 'Scan', source.table);
  return answer(
    request,
    readPage(source.table.store.scan(range, source.index?.id), request, expressions, source),
    source,
  );
};
