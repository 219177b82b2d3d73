import { setTimeout as sleep } from 'node:timers/promises';

import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Metrics } from '#ports/telemetry.ts';
import { isRefused, isRetryable, isUnavailable } from './aws-failures.ts';

/** How one call may be tried. */
export interface CallOptions {
  readonly deadline: Deadline;
  /** What is called, as messages name it: `the event table`. */
  readonly what: string;
  /** Tries at most, the first included. @default 3 */
  readonly attempts?: number;
  /** Milliseconds for one try. @default what the deadline leaves */
  readonly tryMs?: number;
  /** Further failures of this call that pass by themselves, such as a cancelled transaction. */
  readonly retryable?: (error: unknown) => boolean;
}

/**
 * Calls AWS: the one retry layer.
 *
 * Tries again after throttles, server faults and broken connections, with exponential backoff and full jitter, while
 * the deadline and the retry budget allow.
 *
 * @param send - one try; pass `options` to the client's `send`.
 * @throws {ServiceError} `store_unavailable` when the service cannot be reached, refuses access or the time is up.
 * What the service says about the request itself, such as a failed condition, is thrown on as it is.
 */
export type AwsCall = <Result>(
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<Result>,
  options: CallOptions,
) => Promise<Result>;

/** Nothing is started with less time than this: it would only fail later. */
const LEAST_MS = 20;
const FIRST_BACKOFF_MS = 25;
const LONGEST_BACKOFF_MS = 1_000;

/** Retries as a share of calls, and how many may come at once after a quiet time. */
const RETRY_SHARE = 0.1;
const RETRY_BURST = 10;

/** @param random - gives numbers in [0, 1): the jitter. */
export const createAwsCaller = ({
  random,
  metrics,
}: {
  readonly random: () => number;
  readonly metrics: Metrics;
}): AwsCall => {
  const budget = createRetryBudget();
  return async (send, { deadline, what, attempts = 3, tryMs, retryable = () => false }) => {
    budget.earn();
    for (let attempt = 1; ; attempt++) {
      if (deadline.remainingMs() < LEAST_MS) throw unavailable(what, 'no time is left to call it');
      const attemptDeadline = tryMs === undefined ? deadline : deadline.within(tryMs);
      try {
        return await send({ abortSignal: attemptDeadline.signal });
      } catch (error) {
        if (isRefused(error)) metrics.count('AccessDenied');
        const passing = attemptDeadline.signal.aborted || isRetryable(error) || retryable(error);
        if (!passing && !isUnavailable(error)) throw error;
        const pauseMs = random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
        const again = passing && attempt < attempts && deadline.remainingMs() - pauseMs >= LEAST_MS;
        if (!again || !mayRetry(budget, metrics)) throw failureOf(error, what, retryable);
        await sleep(pauseMs);
      }
    }
  };
};

/** What the caller knows as its own, a cancelled transaction say, stays its own after the last try. */
const failureOf = (error: unknown, what: string, own: (error: unknown) => boolean): unknown =>
  own(error) && !isRetryable(error) ? error : unavailable(what, 'it did not answer as it should', error);

const unavailable = (what: string, why: string, cause?: unknown): ServiceError =>
  new ServiceError('store_unavailable', `${what} is not available: ${why}; repeat the request`, { cause });

interface RetryBudget {
  earn(): void;
  spend(): boolean;
}

const mayRetry = (budget: RetryBudget, metrics: Metrics): boolean => {
  const allowed = budget.spend();
  metrics.count(allowed ? 'AwsRetries' : 'AwsRetriesForbidden');
  return allowed;
};

/** A token bucket: when a service is down, tries stay within a tenth more than the traffic instead of three times it. */
const createRetryBudget = (): RetryBudget => {
  let tokens = RETRY_BURST;
  return {
    earn: () => {
      tokens = Math.min(RETRY_BURST, tokens + RETRY_SHARE);
    },
    spend: () => {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
};
