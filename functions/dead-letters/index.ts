import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, s3Client } from '#adapters/aws-clients.ts';
import { DynamoDecisionStore } from '#adapters/dynamo-decision-store.ts';
import { DynamoFeedbackLedger } from '#adapters/dynamo-feedback-ledger.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { S3ObjectBucket } from '#adapters/s3-object-bucket.ts';
import { S3ResultStore } from '#adapters/s3-result-store.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { DeadLettersEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = DeadLettersEnvironmentSchema.parse(process.env);
const metrics = processMetrics;
const s3 = s3Client();
const call = createAwsCaller({ random: Math.random, metrics });
const stored = {
  dynamoDb: dynamoDbClient(),
  retentionDays: environment.RETENTION_DAYS,
  call,
  clock: systemClock,
};

export const handler = createHandler({
  decisions: new DynamoDecisionStore({ ...stored, tableName: environment.EVENT_TABLE_NAME, metrics }),
  feedback: new DynamoFeedbackLedger({ ...stored, tableName: environment.FEEDBACK_TABLE_NAME }),
  ledger: new DynamoFileLedger({ ...stored, tableName: environment.FILE_TABLE_NAME }),
  results: new S3ResultStore(
    new S3ObjectBucket({ s3, bucket: environment.RESULT_BUCKET_NAME, what: 'the results bucket', call }),
  ),
  quarantine: new S3ObjectBucket({
    s3,
    bucket: environment.QUARANTINE_BUCKET_NAME,
    what: 'the quarantine bucket',
    call,
  }),
});
