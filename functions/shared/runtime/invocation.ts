import type { Context } from 'aws-lambda';

import type { Deadline } from '#ports/clock.ts';
import { deadlineIn } from './deadline.ts';

/** When middy gives up before Lambda kills the environment: time to answer, log and flush. */
export const EARLY_TIMEOUT_MS = 500;

/** Kept from the use case beyond that, so that its own deadline passes first and it can answer in its own words. */
const RESERVE_MS = EARLY_TIMEOUT_MS + 100;

/** For callers without Lambda's context, such as tests. */
const DEFAULT_REMAINING_MS = 30_000;

/** The deadline of one invocation: what Lambda leaves, less what it takes to answer. */
export const deadlineOf = (context: Context | undefined, signal?: AbortSignal): Deadline =>
  deadlineIn((context?.getRemainingTimeInMillis?.() ?? DEFAULT_REMAINING_MS) - RESERVE_MS, signal);
