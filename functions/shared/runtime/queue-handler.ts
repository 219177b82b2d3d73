import middy, { middyValidateOptions } from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import { parseJson } from '#domain/parse-json.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import { plainCorrelation, withCorrelation } from './correlation.ts';
import { orAborted } from './deadline.ts';
import { parseInput } from './http-request.ts';
import { deadlineOf, EARLY_TIMEOUT_MS } from './invocation.ts';
import { type LoggerFor, loggersOf } from './log.ts';
import { type BufferedMetrics, processMetrics } from './metrics.ts';

/** How a handler takes messages. */
export interface QueueOptions<Schema extends z.ZodType> {
  /** In logs. */
  readonly name: string;
  /**
   * Shape of the JSON body. What does not fit is given back to the queue, never acknowledged.
   * @default the body is the text as it was sent
   */
  readonly body?: Schema;
  /**
   * Correlation id of a message that carries none, such as one that was sent by hand: its file's.
   * @default the message's own id
   */
  readonly correlate?: (body: z.output<Schema>) => string | undefined;
  /** Most messages of one batch, or groups of a FIFO batch, that are worked on side by side. @default 5 */
  readonly concurrency?: number;
  readonly loggers?: LoggerFor;
  readonly metrics?: BufferedMetrics;
}

/** One message. */
export interface QueueRecord<Body> {
  readonly body: Body;
  readonly text: string;
  readonly messageId: string;
  /** Of a FIFO queue. */
  readonly groupId?: string;
  /** 1 for the first delivery. */
  readonly receiveCount: number;
  readonly sentAtMs: number;
  readonly queueArn: string;
}

/** What a message is handled with. */
export interface QueueContext {
  readonly deadline: Deadline;
  readonly requestId: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Takes what is left to do of the message and needs no order: the next of its group may begin beside it. */
  readonly goOnBeside: (rest: Promise<void>) => void;
}

export type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Handles messages of a queue one by one and reports each failed one on its own (`ReportBatchItemFailures`).
 *
 * On a FIFO queue the messages of a group are handled in order; from the first that fails, it and all behind it in
 * the group are given back, so that order survives. What is not finished when the time is up is given back too. An
 * event that is no batch fails the invocation, which gives the whole batch back.
 * A message is finished when it is handled and so is its rest, if it has one.
 */
export const queueHandler = <Schema extends z.ZodType = z.ZodString>(
  options: QueueOptions<Schema>,
  handle: (record: QueueRecord<z.output<Schema>>, context: QueueContext) => Promise<void>,
): QueueHandler => {
  const { body: schema, concurrency = 5, metrics = processMetrics } = options;
  const loggers = options.loggers ?? loggersOf(options.name);
  const plugin = { timeoutEarlyInMillis: EARLY_TIMEOUT_MS, requestEnd: () => metrics.flush() };
  middyValidateOptions(plugin);

  /** @returns whether the message is done with, or will be: false at once when the next one may not begin. */
  const handleOne = async (
    record: SQSRecord,
    deadline: Deadline,
    requestId: string,
  ): Promise<false | { readonly done: Promise<boolean> }> => {
    const startedWithMs = deadline.remainingMs();
    let logger = loggers({ requestId, correlationId: sentCorrelationOf(record) ?? record.messageId });
    const handled = () => {
      logger.info('message handled', { ms: Math.round(startedWithMs - deadline.remainingMs()) });
      return true;
    };
    const givenBack = (error: unknown): false => {
      logger.error('message given back', error, { receiveCount: receiveCountOf(record) });
      metrics.count('MessagesReturned');
      return false;
    };
    try {
      deadline.signal.throwIfAborted();
      const body = schema ? bodyOf(record, schema, metrics) : (record.body as z.output<Schema>);
      const correlationId = sentCorrelationOf(record) ?? options.correlate?.(body) ?? record.messageId;
      logger = loggers({ requestId, correlationId });
      let rest = Promise.resolve();
      const goOnBeside = (work: Promise<void>): void => {
        rest = work;
      };
      const context = { deadline, requestId, logger, metrics, goOnBeside };
      const work = withCorrelation(correlationId, () => handle(recordOf(record, body), context));
      await orAborted(work, deadline.signal);
      return { done: orAborted(rest, deadline.signal).then(handled, givenBack) };
    } catch (error) {
      return givenBack(error);
    }
  };

  const handleGroup = async (group: readonly SQSRecord[], deadline: Deadline, requestId: string) => {
    const begun: Promise<boolean>[] = [];
    for (const record of group) {
      const one = await handleOne(record, deadline, requestId);
      if (!one) break;
      begun.push(one.done);
    }
    const done = await Promise.all(begun);
    const whole = done.indexOf(false);
    return group.slice(whole < 0 ? done.length : whole);
  };

  const run = async (event: SQSEvent, context: Context, { signal }: { signal: AbortSignal }) => {
    if (!Array.isArray(event?.Records)) throw new ServiceError('invalid_input', 'the event is no batch of messages');
    const deadline = deadlineOf(context, signal);
    const failed = await mapSideBySide(groupsOf(event.Records), concurrency, (group) =>
      handleGroup(group, deadline, context.awsRequestId),
    );
    return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
  return middy<SQSEvent, SQSBatchResponse>(plugin).handler(run) as QueueHandler;
};

/** The id that the sender's work went under. */
const sentCorrelationOf = ({ messageAttributes }: SQSRecord): string | undefined =>
  plainCorrelation(messageAttributes?.correlationId?.stringValue);

/** Messages that must be handled one after the other: those of a FIFO group. Each message of a standard queue is alone. */
const groupsOf = (records: readonly SQSRecord[]): readonly (readonly SQSRecord[])[] => {
  // Standard queues may carry group ids too, for fairness; only FIFO queues promise order.
  const keyOf = (record: SQSRecord) =>
    record.eventSourceARN.endsWith('.fifo')
      ? `group/${record.attributes.MessageGroupId ?? ''}`
      : `message/${record.messageId}`;
  return [...Map.groupBy(records, keyOf).values()];
};

const bodyOf = <Schema extends z.ZodType>(record: SQSRecord, schema: Schema, metrics: Metrics): z.output<Schema> => {
  try {
    const parsed = parseJson(record.body);
    if (!parsed.ok) throw new ServiceError('invalid_input', `the body cannot be read: ${parsed.problem}`);
    return parseInput(schema, parsed.value, 'the message');
  } catch (error) {
    metrics.count('MessagesMalformed');
    throw error;
  }
};

const recordOf = <Body>(record: SQSRecord, body: Body): QueueRecord<Body> => ({
  body,
  text: record.body,
  messageId: record.messageId,
  ...(record.attributes.MessageGroupId !== undefined && { groupId: record.attributes.MessageGroupId }),
  receiveCount: receiveCountOf(record),
  sentAtMs: Number(record.attributes.SentTimestamp),
  queueArn: record.eventSourceARN,
});

const receiveCountOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount);
