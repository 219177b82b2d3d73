import { Construct } from 'constructs';

import { IngestionApiEnvironmentSchema } from '../../functions/ingestion/api/environment.ts';
import { IngestionFilesEnvironmentSchema } from '../../functions/ingestion/files/environment.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { workOn } from './queue-worker.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { allowCatalog, allowTokens, catalogEnvironment } from './shared-access.ts';

export interface IngestionProps extends FunctionDefaults {
  readonly data: DataStack;
}

/** Turns files and batches into chunks of admitted events; keeps the file ledger; joins results. Decides nothing. */
export class Ingestion extends Construct {
  readonly files: ServiceFunction<typeof IngestionFilesEnvironmentSchema>;
  readonly api: ServiceFunction<typeof IngestionApiEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, ...defaults }: IngestionProps) {
    super(scope, id);
    const door = {
      TOKEN_SECRET_ARN: data.tokenSecret.secretArn,
      ...data.people.environment,
      RETENTION_DAYS: String(defaults.stage.retentionDays),
    };
    this.files = new ServiceFunction(this, 'Files', {
      ...defaults,
      entry: 'ingestion/files',
      description: 'Reads files from the inbox into chunks, and joins their results',
      environmentSchema: IngestionFilesEnvironmentSchema,
      environment: {
        ...catalogEnvironment(data),
        ...door,
        FILE_TABLE_NAME: data.fileTable.tableName,
        INBOX_BUCKET_NAME: data.inbox.bucketName,
        RESULT_BUCKET_NAME: data.results.bucketName,
        QUARANTINE_BUCKET_NAME: data.quarantine.bucketName,
        FILE_QUEUE_URL: data.files.queue.queueUrl,
        CHUNK_QUEUE_URL: data.chunks.queue.queueUrl,
        FEEDBACK_QUEUE_URL: data.feedbackChunks.queue.queueUrl,
      },
      timeout: TIMEOUTS.ingestionFiles,
      memorySize: 1769,
    });
    const files = this.files.function;
    allowCatalog(files, data);
    allowTokens(files, data);
    data.people.allowSealing(files);
    allow(
      files,
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
      data.fileTable.tableArn,
    );
    // Parts with bad rows are listed; and without it, S3 answers 403 instead of 404 for what is not there (any more).
    allow(files, ['s3:ListBucket'], data.inbox.bucketArn, data.results.bucketArn, data.quarantine.bucketArn);
    // Always the version that was announced.
    allow(files, ['s3:GetObjectVersion'], data.inbox.arnForObjects('*'));
    allow(files, ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], data.results.arnForObjects('*'));
    allow(files, ['s3:GetObject', 's3:PutObject'], data.quarantine.arnForObjects('*'));
    allow(
      files,
      ['sqs:SendMessage'],
      data.files.queue.queueArn,
      data.chunks.queue.queueArn,
      data.feedbackChunks.queue.queueArn,
    );
    for (const key of [data.bucketKey, data.queueKey]) {
      allowEncrypt(files, key);
      allowDecrypt(files, key);
    }
    workOn('Files', data.files.queue, files, {
      encryptionKey: data.queueKey,
      batchSize: 1,
      maxConcurrency: defaults.stage.concurrency.files,
    });

    this.api = new ServiceFunction(this, 'Api', {
      ...defaults,
      entry: 'ingestion/api',
      description: 'Takes batches of events for later decision, and tells how files stand',
      environmentSchema: IngestionApiEnvironmentSchema,
      environment: {
        ...catalogEnvironment(data),
        ...door,
        FILE_TABLE_NAME: data.fileTable.tableName,
        CHUNK_QUEUE_URL: data.chunks.queue.queueUrl,
      },
      timeout: TIMEOUTS.ingestionApi,
    });
    const api = this.api.function;
    allowCatalog(api, data);
    allowTokens(api, data);
    data.people.allowSealing(api);
    allow(
      api,
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
      data.fileTable.tableArn,
    );
    allow(api, ['sqs:SendMessage'], data.chunks.queue.queueArn);
    allowEncrypt(api, data.queueKey);
    allowDecrypt(api, data.queueKey);
    allowDecrypt(api, data.bucketKey);
  }
}
