import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client } from '#adapters/aws-clients.ts';
import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { DynamoDecisionStore } from '#adapters/dynamo-decision-store.ts';
import { DynamoFeedbackLedger } from '#adapters/dynamo-feedback-ledger.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { RegistryCatalogSource } from '#adapters/registry-catalog-source.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { FeedbackApiEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = FeedbackApiEnvironmentSchema.parse(process.env);
const clock = systemClock;
const metrics = processMetrics;
const dynamoDb = dynamoDbClient();
const call = createAwsCaller({ random: Math.random, metrics });
const stored = { dynamoDb, retentionDays: environment.RETENTION_DAYS, call, clock };

export const handler = createHandler({
  clock,
  catalog: new RegistryCatalogSource({
    registry: new DynamoRegistryStore(dynamoDb, environment.REGISTRY_TABLE_NAME, call),
    objects: new AwsObjectStore(s3Client(), environment.MODEL_BUCKET_NAME, call),
    clock,
    metrics,
  }),
  feedback: new DynamoFeedbackLedger({ ...stored, tableName: environment.FEEDBACK_TABLE_NAME }),
  decisions: new DynamoDecisionStore({ ...stored, tableName: environment.EVENT_TABLE_NAME, metrics }),
});
