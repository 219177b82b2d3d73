import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { S3ObjectBucket } from '#adapters/s3-object-bucket.ts';
import { SqsChunkQueue } from '#adapters/sqs-chunk-queue.ts';
import { SqsFileMessages } from '#adapters/sqs-file-messages.ts';
import { systemClock } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import type { System } from '../system/system.ts';
import type { RedrivePorts } from './redrive-chunks.ts';

/** Clients of a system's queues and of what died, with the caller's own rights. */
export const connectRedrive = ({ region, endpoint, credentials, quarantineBucket, fileTable, queues }: System) => {
  const settings = { region, ...(endpoint && { endpoint }), ...(credentials && { credentials }) };
  const s3 = new S3Client({ ...settings, ...(endpoint && { forcePathStyle: true }) });
  const sqs = new SQSClient(settings);
  const dynamoDb = new DynamoDBClient(settings);
  const call = createAwsCaller({ random: Math.random, metrics: silentMetrics });
  const ports: RedrivePorts = {
    quarantine: new S3ObjectBucket({ s3, bucket: quarantineBucket, what: 'the quarantine bucket', call }),
    // Only read: retention matters to what is written.
    ledger: new DynamoFileLedger({ dynamoDb, tableName: fileTable, retentionDays: 1, call, clock: systemClock }),
    queues: {
      events: new SqsChunkQueue({ sqs, queueUrl: queues.chunks, call }),
      feedback: new SqsChunkQueue({ sqs, queueUrl: queues.feedback, call }),
    },
    messages: new SqsFileMessages({ sqs, queueUrl: queues.files, call }),
    clock: systemClock,
  };
  return {
    ports,
    sqs,
    close: () => {
      for (const client of [s3, sqs, dynamoDb]) client.destroy();
    },
  };
};
