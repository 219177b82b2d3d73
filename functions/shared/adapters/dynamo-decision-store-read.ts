import { setTimeout as sleep } from 'node:timers/promises';

import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';
import type { Item } from './dynamo-decision-store-items.ts';

/** Most keys of one BatchGetItem. */
const MAX_KEYS = 100;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** What a batch of reads needs. */
export interface BatchReader {
  readonly dynamoDb: DynamoDBClient;
  readonly tableName: string;
  readonly call: AwsCall;
  /** The table as messages name it. @default the event table */
  readonly what?: string;
}

/**
 * Reads items by key, strongly consistent, 100 at a time and side by side. What DynamoDB leaves unprocessed is asked
 * for again until it is there or the time is up. Items that do not exist are left out; order is lost.
 *
 * @throws {ServiceError} `store_unavailable` when the time is up or the table does not answer.
 */
export const readItems = async (
  reader: BatchReader,
  keys: readonly Item[],
  attributes: readonly string[],
  deadline: Deadline,
): Promise<readonly Item[]> => {
  const batches = Array.from({ length: Math.ceil(keys.length / MAX_KEYS) }, (_, index) =>
    keys.slice(index * MAX_KEYS, (index + 1) * MAX_KEYS),
  );
  return (await Promise.all(batches.map((batch) => readBatch(reader, batch, attributes, deadline)))).flat();
};

const readBatch = async (
  { dynamoDb, tableName, call, what = 'the event table' }: BatchReader,
  keys: readonly Item[],
  attributes: readonly string[],
  deadline: Deadline,
): Promise<readonly Item[]> => {
  const names = Object.fromEntries(attributes.map((attribute, index) => [`#${index}`, attribute]));
  const found: Item[] = [];
  let open: Item[] = [...keys];
  for (let attempt = 0; open.length > 0; attempt += 1) {
    if (attempt > 0) await pause(attempt, what, deadline);
    const command = new BatchGetItemCommand({
      RequestItems: {
        [tableName]: {
          Keys: open,
          ConsistentRead: true,
          ProjectionExpression: Object.keys(names).join(', '),
          ExpressionAttributeNames: names,
        },
      },
    });
    const page = await call((options) => dynamoDb.send(command, options), { deadline, what });
    found.push(...(page.Responses?.[tableName] ?? []));
    open = page.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return found;
};

const pause = async (attempt: number, what: string, deadline: Deadline): Promise<void> => {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
  if (pauseMs >= deadline.remainingMs()) {
    throw new ServiceError('store_unavailable', `${what} left reads unprocessed for too long; repeat the request`);
  }
  await sleep(pauseMs);
};
