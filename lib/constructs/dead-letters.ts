import { Construct } from 'constructs';

import { DeadLettersEnvironmentSchema } from '../../functions/dead-letters/environment.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowEncrypt } from './grants.ts';
import { workOn } from './queue-worker.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

export interface DeadLettersProps extends FunctionDefaults {
  readonly data: DataStack;
}

/** Accounts for chunks that failed too often: keeps their content, and says which of their rows are dead. */
export class DeadLetters extends Construct {
  readonly consumer: ServiceFunction<typeof DeadLettersEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, ...defaults }: DeadLettersProps) {
    super(scope, id);
    this.consumer = new ServiceFunction(this, 'Consumer', {
      ...defaults,
      entry: 'dead-letters',
      description: 'Settles chunks that failed too often, and keeps their content',
      environmentSchema: DeadLettersEnvironmentSchema,
      environment: {
        EVENT_TABLE_NAME: data.eventTable.tableName,
        FEEDBACK_TABLE_NAME: data.feedbackTable.tableName,
        FILE_TABLE_NAME: data.fileTable.tableName,
        RESULT_BUCKET_NAME: data.results.bucketName,
        QUARANTINE_BUCKET_NAME: data.quarantine.bucketName,
        RETENTION_DAYS: String(defaults.stage.retentionDays),
      },
      timeout: TIMEOUTS.deadLetters,
    });
    const consumer = this.consumer.function;
    allow(consumer, ['dynamodb:Query'], data.eventTable.tableArn);
    allow(consumer, ['dynamodb:GetItem'], data.feedbackTable.tableArn);
    allow(consumer, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], data.fileTable.tableArn);
    allow(consumer, ['s3:PutObject'], data.results.arnForObjects('chunks/*'), data.quarantine.arnForObjects('dead/*'));
    allowEncrypt(consumer, data.bucketKey);
    const work = { encryptionKey: data.queueKey, batchSize: 1, maxConcurrency: 2 };
    workOn('Chunks', data.chunks.deadLetters, consumer, work);
    workOn('FeedbackChunks', data.feedbackChunks.deadLetters, consumer, work);
  }
}
