import middy, { middyValidateOptions } from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';

import type { Deadline } from '#ports/clock.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import { withCorrelation } from './correlation.ts';
import { parseInput } from './http-request.ts';
import { deadlineOf, EARLY_TIMEOUT_MS } from './invocation.ts';
import { type LoggerFor, loggersOf } from './log.ts';
import { type BufferedMetrics, processMetrics } from './metrics.ts';

export interface EventOptions<Schema extends z.ZodType> {
  /** In logs. */
  readonly name: string;
  /** Shape of the event; what does not fit fails the invocation. */
  readonly event: Schema;
  readonly loggers?: LoggerFor;
  readonly metrics?: BufferedMetrics;
}

/** What an invocation brings beside its event. */
export interface Invocation {
  readonly deadline: Deadline;
  readonly requestId: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type EventHandler = (event: unknown, context: Context) => Promise<unknown>;

/**
 * Handles events that invoke the function directly: rules of EventBridge, schedules. A failure is logged, counted as
 * `Faults` and thrown on, so that Lambda repeats the invocation and its dead-letter settings apply.
 */
export const eventHandler = <Schema extends z.ZodType>(
  { name, event: schema, loggers = loggersOf(name), metrics = processMetrics }: EventOptions<Schema>,
  handle: (event: z.output<Schema>, invocation: Invocation) => Promise<unknown>,
): EventHandler => {
  const plugin = { timeoutEarlyInMillis: EARLY_TIMEOUT_MS, requestEnd: () => metrics.flush() };
  middyValidateOptions(plugin);

  const run = async (event: unknown, context: Context, { signal }: { signal: AbortSignal }): Promise<unknown> => {
    const requestId = context.awsRequestId;
    const logger = loggers({ requestId, correlationId: requestId });
    try {
      const invocation = { deadline: deadlineOf(context, signal), requestId, logger, metrics };
      const input = parseInput(schema, event, 'the event');
      return await withCorrelation(requestId, () => handle(input, invocation));
    } catch (error) {
      logger.error('invocation failed', error);
      metrics.count('Faults');
      throw error;
    }
  };
  return middy<unknown, unknown>(plugin).handler(run) as EventHandler;
};
