import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoDecisionStore } from '#adapters/dynamo-decision-store.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { pairTable } from '../local/dynamodb/serve.ts';
import { PROFILE_TABLE } from './profile-table.ts';

export const EVENT_TABLE = 'events';

const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' }) as const;
const NUMBERS = [1, 2, 3, 4];

/** Makes the event table with its four indexes, as the data stack defines it. */
export const createEventTable = async (client: DynamoDBClient): Promise<void> => {
  await client.send(
    new CreateTableCommand(
      pairTable(EVENT_TABLE, {
        AttributeDefinitions: ['pk', 'sk', 'entitySk', ...NUMBERS.map((number) => `entity${number}`)].map(text),
        GlobalSecondaryIndexes: NUMBERS.map((number) => ({
          IndexName: `entity-${number}`,
          KeySchema: [
            { AttributeName: `entity${number}`, KeyType: 'HASH' },
            { AttributeName: 'entitySk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        })),
      }),
    ),
  );
};

/** The store over that table; events move pages of the profile table, if there is one. */
export const eventStore = (dynamoDb: DynamoDBClient, nowMs: () => number): DynamoDecisionStore =>
  new DynamoDecisionStore({
    dynamoDb,
    tableName: EVENT_TABLE,
    retentionDays: 400,
    call: createAwsCaller({ random: () => 0, metrics: silentMetrics }),
    clock: { nowMs },
    metrics: silentMetrics,
    profileTableName: PROFILE_TABLE,
  });
