import { Construct } from 'constructs';

import { FeedbackApiEnvironmentSchema } from '../../functions/feedback/api/environment.ts';
import { FeedbackQueueEnvironmentSchema } from '../../functions/feedback/queue/environment.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { workOn } from './queue-worker.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { allowCatalog, catalogEnvironment } from './shared-access.ts';

export interface FeedbackProps extends FunctionDefaults {
  readonly data: DataStack;
}

/** Takes what is said about events, by API and from files. Adds to the feedback ledger; changes and deletes nothing. */
export class Feedback extends Construct {
  readonly api: ServiceFunction<typeof FeedbackApiEnvironmentSchema>;
  readonly queue: ServiceFunction<typeof FeedbackQueueEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, ...defaults }: FeedbackProps) {
    super(scope, id);
    const ledger = {
      FEEDBACK_TABLE_NAME: data.feedbackTable.tableName,
      RETENTION_DAYS: String(defaults.stage.retentionDays),
    };
    this.api = new ServiceFunction(this, 'Api', {
      ...defaults,
      entry: 'feedback/api',
      description: 'Takes labels and actions from callers',
      environmentSchema: FeedbackApiEnvironmentSchema,
      environment: {
        ...ledger,
        ...catalogEnvironment(data),
        EVENT_TABLE_NAME: data.eventTable.tableName,
      },
      timeout: TIMEOUTS.feedbackApi,
    });
    const api = this.api.function;
    allowCatalog(api, data);
    allowDecrypt(api, data.bucketKey);
    allow(api, ['dynamodb:PutItem'], data.feedbackTable.tableArn);
    allow(api, ['dynamodb:BatchGetItem'], data.eventTable.tableArn);

    this.queue = new ServiceFunction(this, 'Queue', {
      ...defaults,
      entry: 'feedback/queue',
      description: 'Records labels and actions from files',
      environmentSchema: FeedbackQueueEnvironmentSchema,
      environment: {
        ...ledger,
        FILE_TABLE_NAME: data.fileTable.tableName,
        RESULT_BUCKET_NAME: data.results.bucketName,
      },
      timeout: TIMEOUTS.feedbackQueue,
    });
    const queue = this.queue.function;
    allow(queue, ['dynamodb:PutItem'], data.feedbackTable.tableArn);
    allow(queue, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], data.fileTable.tableArn);
    allow(queue, ['s3:PutObject'], data.results.arnForObjects('chunks/*'));
    allowEncrypt(queue, data.bucketKey);
    workOn('FeedbackChunks', data.feedbackChunks.queue, queue, {
      encryptionKey: data.queueKey,
      batchSize: 4,
      maxConcurrency: defaults.stage.concurrency.feedback,
    });
  }
}
