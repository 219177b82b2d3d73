import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client, secretsManagerClient, sqsClient } from '#adapters/aws-clients.ts';
import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { connectSealer, type SealingEnvironment } from '#adapters/connect-sealer.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { RegistryCatalogSource } from '#adapters/registry-catalog-source.ts';
import { SecretTokeniserSource } from '#adapters/secret-tokeniser.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';

/** What both doors of ingestion find in their environment alike. */
export interface IngestionEnvironment extends SealingEnvironment {
  readonly REGISTRY_TABLE_NAME: string;
  readonly MODEL_BUCKET_NAME: string;
  readonly TOKEN_SECRET_ARN: string;
  readonly FILE_TABLE_NAME: string;
  readonly RETENTION_DAYS: number;
}

/** Clients and ports that both doors of ingestion work with. */
export const connectIngestion = (environment: IngestionEnvironment) => {
  const clock = systemClock;
  const metrics = processMetrics;
  const dynamoDb = dynamoDbClient();
  const s3 = s3Client();
  const call = createAwsCaller({ random: Math.random, metrics });
  const retentionDays = environment.RETENTION_DAYS;
  return {
    aws: { s3, sqs: sqsClient(), call },
    ports: {
      clock,
      catalog: new RegistryCatalogSource({
        registry: new DynamoRegistryStore(dynamoDb, environment.REGISTRY_TABLE_NAME, call),
        objects: new AwsObjectStore(s3, environment.MODEL_BUCKET_NAME, call),
        clock,
        metrics,
      }),
      sealer: connectSealer(environment, { dynamoDb, clock, metrics }),
      tokenisers: new SecretTokeniserSource(secretsManagerClient(), environment.TOKEN_SECRET_ARN, call),
      ledger: new DynamoFileLedger({ dynamoDb, tableName: environment.FILE_TABLE_NAME, retentionDays, call, clock }),
      retentionDays,
    },
  };
};
