import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client, sageMakerRuntimeClient } from '#adapters/aws-clients.ts';
import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { DynamoDecisionStore } from '#adapters/dynamo-decision-store.ts';
import { DynamoProfileStore } from '#adapters/dynamo-profile-store.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { RegistryCatalogSource } from '#adapters/registry-catalog-source.ts';
import { SageMakerMembers } from '#adapters/sagemaker-members.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { createPlanner } from './plan-features.ts';
import { createPreparer } from './prepare-detector.ts';

/** What the doors that decide find in their environment alike. */
export interface DecidingEnvironment {
  readonly REGISTRY_TABLE_NAME: string;
  readonly MODEL_BUCKET_NAME: string;
  readonly EVENT_TABLE_NAME: string;
  readonly PROFILE_TABLE_NAME: string;
  readonly RETENTION_DAYS: number;
  readonly ENDPOINT_NAMES: readonly string[];
}

const metrics = processMetrics;
const clock = systemClock;

/** A retry layer with a budget of its own. */
export const newCaller = () => createAwsCaller({ random: Math.random, metrics });

/** Clients and ports that both doors decide with. */
export const connectDeciding = (environment: DecidingEnvironment) => {
  const dynamoDb = dynamoDbClient();
  const s3 = s3Client();
  const call = newCaller();
  const catalog = new RegistryCatalogSource({
    registry: new DynamoRegistryStore(dynamoDb, environment.REGISTRY_TABLE_NAME, call),
    objects: new AwsObjectStore(s3, environment.MODEL_BUCKET_NAME, call),
    clock,
    metrics,
  });
  return {
    aws: { dynamoDb, s3, call },
    ports: {
      clock,
      catalog,
      decisions: connectDecisions(environment, dynamoDb, call),
      // A budget of its own: what history fails of must not take the retries of what is on record.
      profiles: new DynamoProfileStore({
        dynamoDb,
        tableName: environment.PROFILE_TABLE_NAME,
        call: newCaller(),
        clock,
      }),
      planFeatures: createPlanner(),
      prepare: createPreparer({ catalog, clock, metrics }),
      // A budget of its own: retries of endpoints must not spend those of the stores.
      remote: new SageMakerMembers({
        sageMaker: sageMakerRuntimeClient(),
        endpoints: environment.ENDPOINT_NAMES,
        call: newCaller(),
        clock,
        metrics,
      }),
    },
  };
};

/** The event table, and the pages of history that events move. */
export const connectDecisions = (
  {
    EVENT_TABLE_NAME,
    PROFILE_TABLE_NAME,
    RETENTION_DAYS,
  }: Pick<DecidingEnvironment, 'EVENT_TABLE_NAME' | 'PROFILE_TABLE_NAME' | 'RETENTION_DAYS'>,
  dynamoDb = dynamoDbClient(),
  call = newCaller(),
): DynamoDecisionStore =>
  new DynamoDecisionStore({
    dynamoDb,
    tableName: EVENT_TABLE_NAME,
    profileTableName: PROFILE_TABLE_NAME,
    retentionDays: RETENTION_DAYS,
    call,
    clock,
    metrics,
  });
