import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client, sqsClient } from '#adapters/aws-clients.ts';
import { DynamoDecisionStore } from '#adapters/dynamo-decision-store.ts';
import { DynamoFeedbackLedger } from '#adapters/dynamo-feedback-ledger.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { DynamoOpenFiles } from '#adapters/dynamo-open-files.ts';
import { S3ObjectBucket } from '#adapters/s3-object-bucket.ts';
import { SqsChunkQueues } from '#adapters/sqs-chunk-queues.ts';
import { SqsFileMessages } from '#adapters/sqs-file-messages.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { ReconcilerEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = ReconcilerEnvironmentSchema.parse(process.env);
const metrics = processMetrics;
const call = createAwsCaller({ random: Math.random, metrics });
const sqs = sqsClient();
const stored = {
  dynamoDb: dynamoDbClient(),
  retentionDays: environment.RETENTION_DAYS,
  call,
  clock: systemClock,
};

export const handler = createHandler({
  clock: systemClock,
  openFiles: new DynamoOpenFiles({ ...stored, tableName: environment.FILE_TABLE_NAME }),
  ledger: new DynamoFileLedger({ ...stored, tableName: environment.FILE_TABLE_NAME }),
  decisions: new DynamoDecisionStore({ ...stored, tableName: environment.EVENT_TABLE_NAME, metrics }),
  feedback: new DynamoFeedbackLedger({ ...stored, tableName: environment.FEEDBACK_TABLE_NAME }),
  results: new S3ObjectBucket({
    s3: s3Client(),
    bucket: environment.RESULT_BUCKET_NAME,
    what: 'the results bucket',
    call,
  }),
  messages: new SqsFileMessages({ sqs, queueUrl: environment.FILE_QUEUE_URL, call }),
  queues: new SqsChunkQueues({
    sqs,
    queueUrls: {
      events: [environment.CHUNK_QUEUE_URL, environment.CHUNK_DEAD_LETTER_QUEUE_URL],
      feedback: [environment.FEEDBACK_QUEUE_URL, environment.FEEDBACK_DEAD_LETTER_QUEUE_URL],
    },
    call,
  }),
});
