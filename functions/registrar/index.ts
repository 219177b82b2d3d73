import { AwsAuditArchive } from '#adapters/aws-audit-archive.ts';
import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client, secretsManagerClient } from '#adapters/aws-clients.ts';
import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { DynamoAuditTrail } from '#adapters/dynamo-audit-trail.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { SecretTokeniserSource } from '#adapters/secret-tokeniser.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { RegistrarEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = RegistrarEnvironmentSchema.parse(process.env);
const call = createAwsCaller({ random: Math.random, metrics: processMetrics });
const s3 = s3Client();
const dynamoDb = dynamoDbClient();

export const handler = createHandler({
  registry: new DynamoRegistryStore(dynamoDb, environment.REGISTRY_TABLE_NAME, call),
  audit: new DynamoAuditTrail(dynamoDb, environment.REGISTRY_TABLE_NAME, call),
  archive: new AwsAuditArchive(s3, environment.AUDIT_BUCKET_NAME, call),
  objects: new AwsObjectStore(s3, environment.MODEL_BUCKET_NAME, call),
  tokeniser: new SecretTokeniserSource(secretsManagerClient(), environment.TOKEN_SECRET_ARN, call),
  clock: systemClock,
  assets: new AwsObjectStore(s3, environment.CATALOG_ASSET_BUCKET, call, "the deployment's bucket"),
  assetKey: environment.CATALOG_ASSET_KEY,
});
