import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoPersonVault } from '#adapters/dynamo-person-vault.ts';
import { DynamoSealedStore } from '#adapters/dynamo-sealed-store.ts';
import { SecretTokeniserSource } from '#adapters/secret-tokeniser.ts';
import { systemClock } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import type { System } from './system.ts';

/** What is sealed in a system, opened and erased with the caller's own rights: AWS allows and notes each call. */
export const connectPeople = ({ region, endpoint, credentials, eventTable, peopleTable, tokenSecret }: System) => {
  const settings = { region, ...(endpoint && { endpoint }), ...(credentials && { credentials }) };
  const clients = {
    dynamoDb: new DynamoDBClient(settings),
    kms: new KMSClient(settings),
    secrets: new SecretsManagerClient(settings),
  };
  const { dynamoDb, kms, secrets } = clients;
  const call = createAwsCaller({ random: Math.random, metrics: silentMetrics });
  return {
    sealed: new DynamoSealedStore({ dynamoDb, tableName: eventTable, call }),
    vault: new DynamoPersonVault({ dynamoDb, tableName: peopleTable, call, clock: systemClock, kms }),
    tokeniser: new SecretTokeniserSource(secrets, tokenSecret, call),
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
};
