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

/**
 * A client without the middleware that describes each call to a logger: there is none, and describing walks all that
 * was sent and received, which took 6 % of the time of deciding from the queue.
 */
const unlogged = <Client extends { readonly middlewareStack: { remove(name: string): boolean } }>(
  client: Client,
): Client => {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
};

/** Clients are made once per environment, outside the handler, so that connections are kept between invocations. */
export const dynamoDbClient = (): DynamoDBClient => unlogged(new DynamoDBClient(settings()));

export const dynamoDbStreamsClient = (): DynamoDBStreamsClient => unlogged(new DynamoDBStreamsClient(settings()));

export const eventBridgeClient = (): EventBridgeClient => unlogged(new EventBridgeClient(settings()));

export const sqsClient = (): SQSClient => unlogged(new SQSClient(settings()));

/** Objects may be large: the bound is on the first byte, a slow body is bounded by the signal of the call. */
export const s3Client = (): S3Client => unlogged(new S3Client(settings({ requestTimeoutMs: 30_000 })));

export const kmsClient = (): KMSClient => unlogged(new KMSClient(settings()));

export const secretsManagerClient = (): SecretsManagerClient => unlogged(new SecretsManagerClient(settings()));

export const sageMakerRuntimeClient = (): SageMakerRuntimeClient => unlogged(new SageMakerRuntimeClient(settings()));
