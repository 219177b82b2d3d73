import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import type { Clock } from '#ports/clock.ts';
import type { Metrics } from '#ports/telemetry.ts';
import { createAwsCaller } from './aws-call.ts';
import { kmsClient } from './aws-clients.ts';
import { DynamoPersonKeys } from './dynamo-person-keys.ts';
import { KmsWrappingKeys } from './kms-wrapping-keys.ts';
import { PersonSealer } from './person-sealer.ts';

/** What a door finds in its environment of people's keys. */
export interface SealingEnvironment {
  readonly PEOPLE_TABLE_NAME: string;
  readonly PERSON_KEY_ARN: string;
}

/** The sealer of a door. Its retries have a budget of their own: they must not spend those of the stores. */
export const connectSealer = (
  { PEOPLE_TABLE_NAME, PERSON_KEY_ARN }: SealingEnvironment,
  { dynamoDb, clock, metrics }: { readonly dynamoDb: DynamoDBClient; readonly clock: Clock; readonly metrics: Metrics },
): PersonSealer => {
  const call = createAwsCaller({ random: Math.random, metrics });
  const wrapping = new KmsWrappingKeys({ kms: kmsClient(), keyArn: PERSON_KEY_ARN, call, clock });
  const keys = new DynamoPersonKeys({ dynamoDb, tableName: PEOPLE_TABLE_NAME, call, clock, wrapping });
  return new PersonSealer({ keys, clock, metrics });
};
