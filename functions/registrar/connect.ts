import { AwsAuditArchive } from '#adapters/aws-audit-archive.ts';
import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client, secretsManagerClient } from '#adapters/aws-clients.ts';
import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { DynamoAuditTrail } from '#adapters/dynamo-audit-trail.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { SecretTokeniserSource } from '#adapters/secret-tokeniser.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';

/** What the two that write the catalog, registrar and administration, find in their environment alike. */
export interface WritingEnvironment {
  readonly REGISTRY_TABLE_NAME: string;
  readonly MODEL_BUCKET_NAME: string;
  readonly AUDIT_BUCKET_NAME: string;
  readonly TOKEN_SECRET_ARN: string;
}

/** Clients and ports that the catalog is written with. */
export const connectWriting = (environment: WritingEnvironment) => {
  const call = createAwsCaller({ random: Math.random, metrics: processMetrics });
  const s3 = s3Client();
  const dynamoDb = dynamoDbClient();
  const table = environment.REGISTRY_TABLE_NAME;
  return {
    aws: { s3, call },
    ports: {
      registry: new DynamoRegistryStore(dynamoDb, table, call),
      audit: new DynamoAuditTrail(dynamoDb, table, call),
      archive: new AwsAuditArchive(s3, environment.AUDIT_BUCKET_NAME, call),
      objects: new AwsObjectStore(s3, environment.MODEL_BUCKET_NAME, call),
      tokeniser: new SecretTokeniserSource(secretsManagerClient(), environment.TOKEN_SECRET_ARN, call),
      clock: systemClock,
    },
  };
};
