import type { ConsumedCapacity } from './capacity.ts';

/** Request units that one call used on one table, its indexes included. */
export interface MeteredUnits {
  readonly operation: string;
  readonly tableName: string;
  readonly kind: 'read' | 'write';
  readonly units: number;
}

const READS = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan', 'TransactGetItems']);
const WRITES = new Set(['BatchWriteItem', 'DeleteItem', 'PutItem', 'TransactWriteItems', 'UpdateItem']);

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Has a call answered with its capacity, tells of it, and answers as the caller asked for.
 *
 * @param handle - answers the call, given its body.
 */
export const meterCapacity = <Answered extends Answer>(
  operation: string,
  body: unknown,
  handle: (body: unknown) => Answered,
  onUnits: (units: MeteredUnits) => void,
): Answered => {
  const isRead = READS.has(operation);
  if (typeof body !== 'object' || body === null || !(isRead || WRITES.has(operation))) return handle(body);
  const asked = (body as { ReturnConsumedCapacity?: unknown }).ReturnConsumedCapacity;
  const isAsked = asked !== undefined && asked !== 'NONE';
  const answer = handle(isAsked ? body : { ...body, ReturnConsumedCapacity: 'TOTAL' });
  const { ConsumedCapacity: consumed, ...others } = answer.body as {
    ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
  };
  for (const { TableName: tableName, CapacityUnits: units, ReadCapacityUnits: repeated } of listOf(consumed)) {
    // A transaction that is repeated under its token reads what it wrote the first time.
    onUnits({ operation, tableName, kind: isRead || repeated !== undefined ? 'read' : 'write', units });
  }
  return isAsked ? answer : { ...answer, body: others };
};

const listOf = (consumed: ConsumedCapacity | readonly ConsumedCapacity[] | undefined): readonly ConsumedCapacity[] =>
  consumed === undefined ? [] : 'TableName' in consumed ? [consumed] : consumed;
