import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoProfileStore } from '#adapters/dynamo-profile-store.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { pairTable } from '../local/dynamodb/serve.ts';

export const PROFILE_TABLE = 'profiles';

/** Makes the profile table, as the data stack defines it. */
export const createProfileTable = async (client: DynamoDBClient, tableName = PROFILE_TABLE): Promise<void> => {
  await client.send(new CreateTableCommand(pairTable(tableName)));
};

/** The store over that table. */
export const profileStore = (
  dynamoDb: DynamoDBClient,
  nowMs: () => number,
  tableName = PROFILE_TABLE,
): DynamoProfileStore =>
  new DynamoProfileStore({
    dynamoDb,
    tableName,
    call: createAwsCaller({ random: () => 0, metrics: silentMetrics }),
    clock: { nowMs },
  });
