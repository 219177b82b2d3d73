import { Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { ScoringApiEnvironmentSchema } from '../../functions/scoring/api/environment.ts';
import { ScoringPendingEnvironmentSchema } from '../../functions/scoring/pending/environment.ts';
import { ScoringQueueEnvironmentSchema } from '../../functions/scoring/queue/environment.ts';
import { type DataStack, ENTITY_INDEXES } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { workOn } from './queue-worker.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { allowCatalog, allowCatalogObjects, allowTokens, catalogEnvironment } from './shared-access.ts';

export interface ScoringProps extends FunctionDefaults {
  readonly data: DataStack;
  /** SageMaker endpoints that detectors of this stage may ask. */
  readonly endpointNames: readonly string[];
}

/** Decides events, while a caller waits and from the queue. Writes decisions, never changes or deletes them. */
export class Scoring extends Construct {
  readonly api: ServiceFunction<typeof ScoringApiEnvironmentSchema>;
  readonly queue: ServiceFunction<typeof ScoringQueueEnvironmentSchema>;
  readonly pending: ServiceFunction<typeof ScoringPendingEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, endpointNames, ...defaults }: ScoringProps) {
    super(scope, id);
    const retention = { RETENTION_DAYS: String(defaults.stage.retentionDays) };
    const deciding = {
      ...retention,
      EVENT_TABLE_NAME: data.eventTable.tableName,
      PROFILE_TABLE_NAME: data.profileTable.tableName,
      ENDPOINT_NAMES: endpointNames.join(','),
    };

    this.api = new ServiceFunction(this, 'Api', {
      ...defaults,
      entry: 'scoring/api',
      description: 'Decides an event while the caller waits, and reads decisions',
      environmentSchema: ScoringApiEnvironmentSchema,
      environment: {
        ...catalogEnvironment(data),
        ...deciding,
        TOKEN_SECRET_ARN: data.tokenSecret.secretArn,
        ...data.people.environment,
        FEEDBACK_TABLE_NAME: data.feedbackTable.tableName,
        PENDING_QUEUE_URL: data.pending.queue.queueUrl,
        DEFAULT_BUDGET_MS: String(defaults.stage.defaultBudgetMs),
      },
      timeout: TIMEOUTS.scoringApi,
      memorySize: 1769,
      ...(defaults.stage.reservedScoringConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: defaults.stage.reservedScoringConcurrency }),
    });
    const api = this.api.function;
    this.allowDeciding(api, data, endpointNames);
    allowTokens(api, data);
    data.people.allowSealing(api);
    // A further detector of an event on record: the record must still be what was judged.
    allow(api, ['dynamodb:ConditionCheckItem'], data.eventTable.tableArn);
    allow(api, ['dynamodb:Query'], ...ENTITY_INDEXES.map((index) => `${data.eventTable.tableArn}/index/${index}`));
    allow(api, ['dynamodb:Query'], data.eventTable.tableArn, data.feedbackTable.tableArn);
    allow(api, ['sqs:SendMessage'], data.pending.queue.queueArn);
    allowEncrypt(api, data.queueKey);
    allowDecrypt(api, data.queueKey);
    allowDecrypt(api, data.bucketKey);

    this.queue = new ServiceFunction(this, 'Queue', {
      ...defaults,
      entry: 'scoring/queue',
      description: 'Decides chunks of events from files and batches',
      environmentSchema: ScoringQueueEnvironmentSchema,
      environment: {
        ...catalogEnvironment(data),
        ...deciding,
        FILE_TABLE_NAME: data.fileTable.tableName,
        RESULT_BUCKET_NAME: data.results.bucketName,
      },
      timeout: TIMEOUTS.scoringQueue,
      memorySize: 1769,
    });
    const queue = this.queue.function;
    this.allowDeciding(queue, data, endpointNames);
    allow(queue, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], data.fileTable.tableArn);
    allow(queue, ['s3:PutObject'], data.results.arnForObjects('chunks/*'));
    allowEncrypt(queue, data.bucketKey);
    allowDecrypt(queue, data.bucketKey);
    workOn('Chunks', data.chunks.queue, queue, {
      encryptionKey: data.queueKey,
      batchSize: 4,
      maxConcurrency: defaults.stage.concurrency.chunks,
    });

    this.pending = new ServiceFunction(this, 'Pending', {
      ...defaults,
      entry: 'scoring/pending',
      description: 'Commits decisions that were answered before they could be recorded',
      environmentSchema: ScoringPendingEnvironmentSchema,
      environment: {
        ...retention,
        EVENT_TABLE_NAME: data.eventTable.tableName,
        PROFILE_TABLE_NAME: data.profileTable.tableName,
      },
      timeout: TIMEOUTS.scoringPending,
    });
    const pending = this.pending.function;
    allow(
      pending,
      ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:ConditionCheckItem'],
      data.eventTable.tableArn,
    );
    allow(pending, ['dynamodb:UpdateItem'], data.profileTable.tableArn);
    workOn('Pending', data.pending.queue, pending, {
      encryptionKey: data.queueKey,
      batchSize: 10,
      maxConcurrency: defaults.stage.concurrency.pending,
    });
  }

  private allowDeciding(to: IFunction, data: DataStack, endpointNames: readonly string[]): void {
    allowCatalog(to, data);
    allowCatalogObjects(to, data);
    allow(to, ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], data.eventTable.tableArn);
    allow(to, ['dynamodb:Query', 'dynamodb:UpdateItem'], data.profileTable.tableArn);
    const { partition, region, account } = Stack.of(this);
    const endpoints = endpointNames.map((name) => `arn:${partition}:sagemaker:${region}:${account}:endpoint/${name}`);
    if (endpoints.length > 0) allow(to, ['sagemaker:InvokeEndpoint'], ...endpoints);
  }
}
