import { setTimeout as pause } from 'node:timers/promises';

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

import type { System } from './system.ts';

const LONGEST_MS = 60_000;

/**
 * Waits until the registrar has published the deployment's catalog: until then the functions have nothing to go by.
 *
 * @throws {Error} after a minute, saying where to look.
 */
export const waitForCatalog = async (system: System, signal: AbortSignal): Promise<void> => {
  const dynamoDb = new DynamoDBClient({
    region: system.region,
    ...(system.endpoint && { endpoint: system.endpoint }),
    ...(system.credentials && { credentials: system.credentials }),
  });
  const head = new GetItemCommand({
    TableName: system.registryTable,
    Key: { pk: { S: 'CATALOG' }, sk: { S: 'HEAD' } },
    ConsistentRead: true,
  });
  try {
    for (let waitedMs = 0; waitedMs < LONGEST_MS; waitedMs += 200) {
      if ((await dynamoDb.send(head, { abortSignal: signal })).Item) return;
      await pause(200, undefined, { signal });
    }
  } finally {
    dynamoDb.destroy();
  }
  throw new Error("the catalog was not registered within a minute; look at the registrar's log");
};
