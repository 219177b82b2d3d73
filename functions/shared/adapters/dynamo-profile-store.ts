import { randomUUID } from 'node:crypto';

import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';

import type { Page, PageMove, PageRange } from '#features/history/state/types.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { Freshness, MovableProfileStore } from '#ports/profile-store.ts';
import type { AwsCall } from './aws-call.ts';
import type { Item } from './dynamo-decision-store-items.ts';
import { pageOf, pageSk, pagesPk } from './dynamo-page-items.ts';
import { commitWithMoves } from './dynamo-page-moves.ts';

const WHAT = 'the profile table';

/** What the store is made of. */
export interface DynamoProfileStoreOptions {
  readonly dynamoDb: DynamoDBClient;
  readonly tableName: string;
  readonly call: AwsCall;
  readonly clock: Clock;
}

/** Pages on DynamoDB: the pages of an entity share a partition, in the order of time. */
export class DynamoProfileStore implements MovableProfileStore {
  readonly #options: DynamoProfileStoreOptions;

  constructor(options: DynamoProfileStoreOptions) {
    this.#options = options;
  }

  async read(ranges: readonly PageRange[], deadline: Deadline, freshness: Freshness = 'all'): Promise<readonly Page[]> {
    return (await Promise.all(ranges.map((range) => this.#readRange(range, freshness, deadline)))).flat();
  }

  async move(moves: readonly PageMove[], deadline: Deadline): Promise<void> {
    const { dynamoDb, tableName, clock } = this.#options;
    // Two moves may be the very same and both count: what a caller repeats is its own affair.
    const salt = randomUUID();
    await commitWithMoves(dynamoDb, [], { tableName, moves, nowMs: clock.nowMs() }, deadline, { salt });
  }

  async #readRange(range: PageRange, freshness: Freshness, deadline: Deadline): Promise<readonly Page[]> {
    const { dynamoDb, tableName, call } = this.#options;
    const pages: Page[] = [];
    let from: Item | undefined;
    do {
      const command = new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk and sk between :from and :to',
        ExpressionAttributeValues: {
          ':pk': { S: pagesPk(range) },
          ':from': { S: pageSk(range.fromMs) },
          ':to': { S: pageSk(range.toMs) },
        },
        ConsistentRead: freshness === 'all',
        ...(from && { ExclusiveStartKey: from }),
      });
      const answer = await call((options) => dynamoDb.send(command, options), { deadline, what: WHAT });
      pages.push(...(answer.Items ?? []).map(pageOf));
      from = answer.LastEvaluatedKey;
    } while (from);
    return pages;
  }
}
