import middy, { middyValidateOptions } from '@middy/core';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';

import { ServiceError } from '#domain/errors.ts';
import { type StreamRecord, StreamRecordSchema } from '#domain/stream-record.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import { orAborted } from './deadline.ts';
import { deadlineOf, EARLY_TIMEOUT_MS } from './invocation.ts';
import { type LoggerFor, loggersOf } from './log.ts';
import { type BufferedMetrics, processMetrics } from './metrics.ts';

export interface StreamOptions {
  /** In logs. */
  readonly name: string;
  readonly loggers?: LoggerFor;
  readonly metrics?: BufferedMetrics;
}

/** What a batch of records is handled with. */
export interface StreamContext {
  readonly deadline: Deadline;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type StreamHandler = (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse>;

/**
 * Handles batches of a table's stream. The handler says from which record on the batch is to come again; what it throws
 * brings the whole batch again, and Lambda halves it (`ReportBatchItemFailures`, `BisectBatchOnFunctionError`).
 *
 * @param handle - returns the sequence number of the first record that is not done with, or undefined when all are.
 */
export const streamHandler = (
  { name, loggers = loggersOf(name), metrics = processMetrics }: StreamOptions,
  handle: (records: readonly StreamRecord[], context: StreamContext) => Promise<string | undefined>,
): StreamHandler => {
  const plugin = { timeoutEarlyInMillis: EARLY_TIMEOUT_MS, requestEnd: () => metrics.flush() };
  middyValidateOptions(plugin);

  const run = async (event: DynamoDBStreamEvent, context: Context, { signal }: { signal: AbortSignal }) => {
    const requestId = context.awsRequestId;
    const logger = loggers({ requestId, correlationId: requestId });
    try {
      if (!Array.isArray(event?.Records)) throw new ServiceError('invalid_input', 'the event is no batch of records');
      const records = event.Records.map((record) => StreamRecordSchema.parse(record));
      const deadline = deadlineOf(context, signal);
      const failedFrom = await orAborted(handle(records, { deadline, logger, metrics }), deadline.signal);
      if (failedFrom === undefined) return { batchItemFailures: [] };
      logger.warn('records given back', { records: records.length, failedFrom });
      metrics.count('StreamRecordsReturned');
      return { batchItemFailures: [{ itemIdentifier: failedFrom }] };
    } catch (error) {
      logger.error('batch given back', error);
      metrics.count('StreamRecordsReturned');
      throw error;
    }
  };
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>(plugin).handler(run) as StreamHandler;
};
