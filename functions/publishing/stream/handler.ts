import { type StreamHandler, type StreamOptions, streamHandler } from '#runtime/stream-handler.ts';
import { type PublishingPorts, publishRecords } from '../publish-records.ts';

/** Publishes what is committed: new decisions, new feedback, files that have settled. */
export const createHandler = (
  ports: Omit<PublishingPorts, 'logger' | 'metrics'>,
  options: Omit<StreamOptions, 'name'> = {},
): StreamHandler =>
  streamHandler({ name: 'publishing-stream', ...options }, (records, { deadline, ...telemetry }) =>
    publishRecords(records, deadline, { ...ports, ...telemetry }),
  );
