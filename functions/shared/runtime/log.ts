import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import { fieldProblemsOf } from '#domain/field-problems.ts';
import type { LogFields, Logger } from '#ports/telemetry.ts';

/** Ids that every line of one request or message carries. */
export interface LogContext {
  readonly requestId: string;
  readonly correlationId: string;
}

/** Makes the logger of one request or message. */
export type LoggerFor = (context: LogContext) => Logger;

/**
 * The function's loggers, as JSON lines. A process without a log level in its environment, such as a unit test, is
 * silent: deployed functions always have one.
 */
export const loggersOf = (name: string): LoggerFor => {
  const base = new PowertoolsLogger({
    persistentKeys: { handler: name },
    ...(process.env.POWERTOOLS_LOG_LEVEL === undefined && { logLevel: 'SILENT' }),
  });
  return (context) => overPowertools(base.createChild({ persistentKeys: { ...context } }));
};

const overPowertools = (logger: PowertoolsLogger): Logger => ({
  debug: (message, fields = {}) => logger.debug(message, { ...fields }),
  info: (message, fields = {}) => logger.info(message, { ...fields }),
  warn: (message, fields = {}) => logger.warn(message, { ...fields }),
  error: (message, error, fields = {}) => logger.error(message, { ...fields, fault: describeError(error) }),
});

/** An error as it may be logged. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  readonly fields?: readonly { readonly field: string; readonly problem: string }[];
  readonly at?: readonly string[];
  readonly cause?: ErrorDescription;
}

const CAUSES_SHOWN = 4;
const FRAMES_SHOWN = 8;

/**
 * What happened and where, without what it happened to. Messages of the JSON parser are left out, since they quote
 * the text; of the others, long runs of digits are masked.
 */
export const describeError = (error: unknown, causes = CAUSES_SHOWN): ErrorDescription => {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const quotesInput = error instanceof SyntaxError || error instanceof z.ZodError;
  const fields = error instanceof z.ZodError ? fieldProblemsOf(error) : fieldsOf(error);
  return {
    name: error.name,
    ...(typeof code === 'string' && { code }),
    ...(!quotesInput && { message: maskDigits(error.message) }),
    ...($metadata?.httpStatusCode !== undefined && { status: $metadata.httpStatusCode }),
    ...(fields.length > 0 && { fields }),
    at: framesOf(error),
    ...(error.cause !== undefined && causes > 0 && { cause: describeError(error.cause, causes - 1) }),
  };
};

const fieldsOf = (error: Error) => (error instanceof ServiceError ? error.fields : []);

/** A card number has at least 12 digits, however they are separated. */
const maskDigits = (message: string): string => message.slice(0, 500).replace(/\d(?:[ .-]?\d){11,}/g, '#');

const framesOf = ({ stack = '' }: Error): string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, FRAMES_SHOWN)
    .map((line) => line.trim());

/** A logger that says nothing, for tests and for tools. */
export const silentLogger: Logger = {
  debug: (_message: string, _fields?: LogFields) => {},
  info: (_message: string, _fields?: LogFields) => {},
  warn: (_message: string, _fields?: LogFields) => {},
  error: (_message: string, _error: unknown, _fields?: LogFields) => {},
};
