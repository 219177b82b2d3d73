import { fileIdOf } from '#domain/file-id.ts';
import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { continueFile, ingestObject } from '../ingest-file.ts';
import { arrivedObjectOf, type FilesQueueMessage, FilesQueueSchema, type NotificationEntry } from '../notification.ts';
import type { Delivery, IngestionPorts } from '../ports.ts';
import { settleFile } from '../settle-file.ts';

/** Reads files that S3 announces, goes on with those that take longer, and settles those that are read. */
export const createHandler = (
  ports: IngestionPorts,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler(
    { name: 'ingestion-files', body: FilesQueueSchema, correlate: fileOf, ...options },
    async ({ body, messageId }, { deadline, requestId, logger, metrics }) => {
      const delivery = { deadline, owner: `${requestId}/${messageId}`, logger, metrics };
      if ('Event' in body) ignore('test event', delivery);
      else if ('Records' in body) await ingestAll(body.Records, delivery, ports);
      else if (body.kind === 'continue') await continueFile(body.fileId, body.hops, delivery, ports);
      else await settleFile(body, delivery, ports);
    },
  );

/** The file that a message is about. S3 announces one object at a time. */
const fileOf = (body: FilesQueueMessage): string | undefined => {
  if ('fileId' in body) return body.fileId;
  const object = 'Records' in body && body.Records[0] && arrivedObjectOf(body.Records[0]);
  return object ? fileIdOf(object.bucket, object.key, object.versionId) : undefined;
};

const ingestAll = async (entries: readonly NotificationEntry[], delivery: Delivery, ports: IngestionPorts) => {
  for (const entry of entries) {
    const object = arrivedObjectOf(entry);
    if (object) await ingestObject(object, delivery, ports);
    else ignore(entry.eventName, delivery);
  }
};

const ignore = (what: string, { logger, metrics }: Delivery): void => {
  logger.info('notification ignored', { what });
  metrics.count('NotificationsIgnored');
};
