import { AsyncLocalStorage } from 'node:async_hooks';

import { holdsCardNumber } from '#domain/card-numbers.ts';

const current = new AsyncLocalStorage<string>();

/**
 * Does work under a correlation id: the one id that a file, or a request, has in every log line on its way to the
 * decision. Messages sent meanwhile carry it on to whoever handles them.
 */
export const withCorrelation = <Result>(correlationId: string, work: () => Result): Result =>
  current.run(correlationId, work);

/** The id that the current work goes under; undefined outside of any. */
export const currentCorrelation = (): string | undefined => current.getStore();

/** An id from outside as logs may carry it: undefined for anything that is no plain id. */
export const plainCorrelation = (sent: string | undefined): string | undefined =>
  sent !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(sent) && !holdsCardNumber(sent) ? sent : undefined;

/** The header by which X-Ray links what this invocation sends to it; undefined where nothing is traced. */
export const currentTrace = (): string | undefined => process.env._X_AMZN_TRACE_ID || undefined;
