import middy, { middyValidateOptions } from '@middy/core';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type * as z from 'zod';

import { ServiceError, STATUS } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import { withCorrelation } from './correlation.ts';
import { type HttpAnswer, type ProxyResult, proxyProblemOf, proxyResultOf } from './http-answer.ts';
import { correlationIdOf, type Headers, headersOf, type Principal, principalOf, readBody } from './http-request.ts';
import { deadlineOf, EARLY_TIMEOUT_MS } from './invocation.ts';
import { type LoggerFor, loggersOf } from './log.ts';
import { type BufferedMetrics, processMetrics } from './metrics.ts';

/** How a handler takes requests. */
export interface HttpOptions<Schema extends z.ZodType> {
  /** In logs. */
  readonly name: string;
  /**
   * Shape of the JSON body.
   * @default the body is not read, and the input is undefined
   */
  readonly body?: Schema;
  /** @default 262,144, as much as one message of a queue */
  readonly maxBodyBytes?: number;
  /** @default the process's own, silent without the service's environment */
  readonly loggers?: LoggerFor;
  readonly metrics?: BufferedMetrics;
}

/** What a request brings beside its body. */
export interface HttpRequest {
  readonly deadline: Deadline;
  readonly requestId: string;
  readonly correlationId: string;
  readonly principal: Principal;
  /** Of a parameter given twice, the last. */
  readonly query: Readonly<Record<string, string>>;
  /** Decoded, by the name in the resource's path. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly headers: Headers;
  readonly method: string;
  /** Template of the path, such as `/v1/files/{id}`. */
  readonly resource: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type HttpHandler = (event: APIGatewayProxyEvent, context: Context) => Promise<ProxyResult>;

const DEFAULT_MAX_BODY_BYTES = 262_144;

/**
 * Handles requests of a REST API: reads and checks the body, hands the request to the use case with a deadline, and
 * answers JSON. Every failure becomes problem+json with a code of the closed list and no internals; failures that
 * nobody expected are logged and counted as `Faults`.
 */
export const httpHandler = <Schema extends z.ZodType = z.ZodUndefined>(
  options: HttpOptions<Schema>,
  handle: (input: z.output<Schema>, request: HttpRequest) => Promise<HttpAnswer>,
): HttpHandler => {
  const { body: schema, maxBodyBytes = DEFAULT_MAX_BODY_BYTES, metrics = processMetrics } = options;
  const loggers = options.loggers ?? loggersOf(options.name);
  const plugin = {
    timeoutEarlyInMillis: EARLY_TIMEOUT_MS,
    timeoutEarlyResponse: () => {
      throw new ServiceError('deadline_exceeded', 'the request took too long; repeat it');
    },
    requestEnd: () => metrics.flush(),
  };
  middyValidateOptions(plugin);

  const answer = async (event: APIGatewayProxyEvent, context: Context, { signal }: { signal: AbortSignal }) => {
    const request = requestOf(event, deadlineOf(context, signal), { loggers, metrics });
    const input = schema ? readBody(event, request.headers, { schema, maxBytes: maxBodyBytes }) : undefined;
    const answered = await withCorrelation(request.correlationId, () => handle(input as z.output<Schema>, request));
    const { method, resource } = request;
    request.logger.info('request answered', { method, resource, status: answered.status });
    return proxyResultOf(answered, request.requestId);
  };

  return middy<APIGatewayProxyEvent, ProxyResult>(plugin)
    .onError((failed) => {
      const requestId = requestIdOf(failed.event);
      const problem = proxyProblemOf(failed.error, requestId);
      const logger = loggers({ requestId, correlationId: correlationIdOf(headersOf(failed.event), requestId) });
      const told = { status: problem.statusCode, resource: failed.event?.resource };
      if (problem.statusCode >= STATUS.internal) logger.error('request failed', failed.error, told);
      else logger.info('request refused', told);
      if (problem.statusCode === STATUS.internal) metrics.count('Faults');
      failed.response = problem;
    })
    .handler(answer) as HttpHandler;
};

const requestIdOf = (event: APIGatewayProxyEvent): string => event.requestContext?.requestId ?? 'unknown';

const requestOf = (
  event: APIGatewayProxyEvent,
  deadline: Deadline,
  { loggers, metrics }: { readonly loggers: LoggerFor; readonly metrics: Metrics },
): HttpRequest => {
  const headers = headersOf(event);
  const requestId = requestIdOf(event);
  const correlationId = correlationIdOf(headers, requestId);
  return {
    deadline,
    requestId,
    correlationId,
    principal: principalOf(event),
    query: definedOf(event.queryStringParameters),
    pathParameters: definedOf(event.pathParameters),
    headers,
    method: event.httpMethod,
    resource: event.resource,
    logger: loggers({ requestId, correlationId }),
    metrics,
  };
};

const definedOf = (parameters: Readonly<Record<string, string | undefined>> | null): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parameters ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
