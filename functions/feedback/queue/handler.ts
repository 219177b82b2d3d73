import { FeedbackChunkSchema } from '#domain/messages.ts';
import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { type RecordPorts, recordChunk } from '../record-chunk.ts';

/** Records chunks of feedback from files. */
export const createHandler = (
  ports: Omit<RecordPorts, 'metrics'>,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler(
    { name: 'feedback-queue', body: FeedbackChunkSchema, correlate: ({ fileId }) => fileId, ...options },
    async ({ body }, { deadline, metrics }) => recordChunk(body, deadline, { ...ports, metrics }),
  );
