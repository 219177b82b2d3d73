import { SqsChunkQueue } from '#adapters/sqs-chunk-queue.ts';
import { connectIngestion } from '../connect.ts';
import { IngestionApiEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = IngestionApiEnvironmentSchema.parse(process.env);
const { aws, ports } = connectIngestion(environment);

export const handler = createHandler({
  ...ports,
  eventChunks: new SqsChunkQueue({ sqs: aws.sqs, queueUrl: environment.CHUNK_QUEUE_URL, call: aws.call }),
});
