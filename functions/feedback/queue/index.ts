import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client } from '#adapters/aws-clients.ts';
import { DynamoFeedbackLedger } from '#adapters/dynamo-feedback-ledger.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { S3ObjectBucket } from '#adapters/s3-object-bucket.ts';
import { S3ResultStore } from '#adapters/s3-result-store.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { FeedbackQueueEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = FeedbackQueueEnvironmentSchema.parse(process.env);
const call = createAwsCaller({ random: Math.random, metrics: processMetrics });
const stored = {
  dynamoDb: dynamoDbClient(),
  retentionDays: environment.RETENTION_DAYS,
  call,
  clock: systemClock,
};

export const handler = createHandler({
  feedback: new DynamoFeedbackLedger({ ...stored, tableName: environment.FEEDBACK_TABLE_NAME }),
  ledger: new DynamoFileLedger({ ...stored, tableName: environment.FILE_TABLE_NAME }),
  results: new S3ResultStore(
    new S3ObjectBucket({
      s3: s3Client(),
      bucket: environment.RESULT_BUCKET_NAME,
      what: 'the results bucket',
      call,
    }),
  ),
});
