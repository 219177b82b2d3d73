import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';

import { ReconcilerEnvironmentSchema } from '../../functions/reconciler/environment.ts';
import { type DataStack, OPEN_FILES_INDEX } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

export interface ReconcilerProps extends FunctionDefaults {
  readonly data: DataStack;
}

/** Compares what was accepted with what was settled, every five minutes, and makes files move that stand still. */
export class Reconciler extends Construct {
  readonly reconciler: ServiceFunction<typeof ReconcilerEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, ...defaults }: ReconcilerProps) {
    super(scope, id);
    const { files, chunks, feedbackChunks } = data;
    this.reconciler = new ServiceFunction(this, 'Reconciler', {
      ...defaults,
      entry: 'reconciler',
      description: 'Compares what was accepted with what was settled',
      environmentSchema: ReconcilerEnvironmentSchema,
      environment: {
        FILE_TABLE_NAME: data.fileTable.tableName,
        EVENT_TABLE_NAME: data.eventTable.tableName,
        FEEDBACK_TABLE_NAME: data.feedbackTable.tableName,
        RESULT_BUCKET_NAME: data.results.bucketName,
        FILE_QUEUE_URL: files.queue.queueUrl,
        CHUNK_QUEUE_URL: chunks.queue.queueUrl,
        CHUNK_DEAD_LETTER_QUEUE_URL: chunks.deadLetters.queueUrl,
        FEEDBACK_QUEUE_URL: feedbackChunks.queue.queueUrl,
        FEEDBACK_DEAD_LETTER_QUEUE_URL: feedbackChunks.deadLetters.queueUrl,
        RETENTION_DAYS: String(defaults.stage.retentionDays),
      },
      timeout: TIMEOUTS.reconciler,
      memorySize: 512,
    });
    const reconciler = this.reconciler.function;
    allow(reconciler, ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], data.fileTable.tableArn);
    allow(reconciler, ['dynamodb:Query'], `${data.fileTable.tableArn}/index/${OPEN_FILES_INDEX}`);
    allow(reconciler, ['dynamodb:BatchGetItem'], data.eventTable.tableArn);
    allow(reconciler, ['dynamodb:Query'], data.feedbackTable.tableArn);
    allow(reconciler, ['s3:GetObject'], data.results.arnForObjects('chunks/*'));
    // Without it S3 answers 403 for the results of a chunk that has none.
    allow(reconciler, ['s3:ListBucket'], data.results.bucketArn);
    allow(reconciler, ['sqs:SendMessage'], files.queue.queueArn);
    const watched = [chunks, feedbackChunks].flatMap(({ queue, deadLetters }) => [queue, deadLetters]);
    allow(reconciler, ['sqs:GetQueueAttributes'], ...watched.map(({ queueArn }) => queueArn));
    allowDecrypt(reconciler, data.bucketKey);
    allowDecrypt(reconciler, data.queueKey);
    allowEncrypt(reconciler, data.queueKey);
    new Rule(this, 'Repeated', {
      description: 'Runs the reconciler',
      schedule: Schedule.rate(Duration.minutes(5)),
      // The next run looks at the same again.
      targets: [new LambdaFunction(this.reconciler.live, { maxEventAge: Duration.minutes(5), retryAttempts: 0 })],
    });
  }
}
