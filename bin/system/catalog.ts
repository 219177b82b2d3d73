import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { RegistryCatalogSource } from '#adapters/registry-catalog-source.ts';
import { isCanary } from '#domain/canary.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import type { Deadline } from '#ports/clock.ts';
import { systemClock } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import type { System } from './system.ts';

type EventTypes = Pick<CatalogSnapshot, 'eventTypes'>;

/**
 * The catalog that a system goes by now, read from its registry and models bucket with the caller's own rights.
 *
 * @throws {ServiceError} `catalog_unavailable`.
 */
export const catalogOfSystem = async (
  { region, endpoint, credentials, registryTable, modelBucket }: System,
  deadline: Deadline,
): Promise<CatalogSnapshot> => {
  const settings = { region, ...(endpoint && { endpoint }), ...(credentials && { credentials }) };
  const dynamoDb = new DynamoDBClient(settings);
  const s3 = new S3Client({ ...settings, ...(endpoint && { forcePathStyle: true }) });
  const call = createAwsCaller({ random: Math.random, metrics: silentMetrics });
  try {
    const source = new RegistryCatalogSource({
      registry: new DynamoRegistryStore(dynamoDb, registryTable, call),
      objects: new AwsObjectStore(s3, modelBucket, call),
      clock: systemClock,
      metrics: silentMetrics,
    });
    return (await source.newest(deadline)).snapshot;
  } finally {
    dynamoDb.destroy();
    s3.destroy();
  }
};

/** Names of a team's event types, in order. */
export const eventTypeNames = ({ eventTypes }: EventTypes): readonly string[] =>
  Object.keys(eventTypes)
    .filter((name) => !isCanary(name))
    .sort();

/** Kinds that entities of any event type have, in order. */
export const entityKinds = ({ eventTypes }: EventTypes): readonly string[] =>
  [...new Set(Object.values(eventTypes).flatMap(({ document }) => Object.values(document.entities)))].sort();
