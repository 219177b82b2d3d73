import { S3ObjectBucket } from '#adapters/s3-object-bucket.ts';
import { SqsChunkQueue } from '#adapters/sqs-chunk-queue.ts';
import { SqsFileMessages } from '#adapters/sqs-file-messages.ts';
import { connectIngestion } from '../connect.ts';
import { IngestionFilesEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = IngestionFilesEnvironmentSchema.parse(process.env);
const { aws, ports } = connectIngestion(environment);
const { s3, sqs, call } = aws;

export const handler = createHandler({
  ...ports,
  inbox: new S3ObjectBucket({ s3, bucket: environment.INBOX_BUCKET_NAME, what: 'the inbox bucket', call }),
  results: new S3ObjectBucket({ s3, bucket: environment.RESULT_BUCKET_NAME, what: 'the results bucket', call }),
  quarantine: new S3ObjectBucket({
    s3,
    bucket: environment.QUARANTINE_BUCKET_NAME,
    what: 'the quarantine bucket',
    call,
  }),
  eventChunks: new SqsChunkQueue({ sqs, queueUrl: environment.CHUNK_QUEUE_URL, call }),
  feedbackChunks: new SqsChunkQueue({ sqs, queueUrl: environment.FEEDBACK_QUEUE_URL, call }),
  messages: new SqsFileMessages({ sqs, queueUrl: environment.FILE_QUEUE_URL, call }),
});
