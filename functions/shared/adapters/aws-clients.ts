import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * Settings of every client: no retries of its own, since {@link createAwsCaller} is the one retry layer, and bounds on
 * connecting and answering, since the SDK has none. Region, credentials and endpoint come from the environment.
 */
const settings = ({ requestTimeoutMs = 10_000 }: { readonly requestTimeoutMs?: number } = {}) => ({
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: requestTimeoutMs,
    // Without it a breach is only logged.
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets: 100 },
    httpsAgent: { keepAlive: true, maxSockets: 100 },
  },
});

/** Clients are made once per environment, outside the handler, so that connections are kept between invocations. */
export const dynamoDbClient = (): DynamoDBClient => new DynamoDBClient(settings());

export const dynamoDbStreamsClient = (): DynamoDBStreamsClient => new DynamoDBStreamsClient(settings());

export const eventBridgeClient = (): EventBridgeClient => new EventBridgeClient(settings());

export const sqsClient = (): SQSClient => new SQSClient(settings());

/** Objects may be large: the bound is on the first byte, a slow body is bounded by the signal of the call. */
export const s3Client = (): S3Client => new S3Client(settings({ requestTimeoutMs: 30_000 }));

export const kmsClient = (): KMSClient => new KMSClient(settings());

export const secretsManagerClient = (): SecretsManagerClient => new SecretsManagerClient(settings());

export const sageMakerRuntimeClient = (): SageMakerRuntimeClient => new SageMakerRuntimeClient(settings());
