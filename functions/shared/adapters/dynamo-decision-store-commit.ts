import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

import { ContendedError, ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import { isRetryable, isThrottle, isUnavailable } from './aws-failures.ts';
import type { Item } from './dynamo-decision-store-items.ts';

/** How a transaction ended, as far as its answers tell. */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | {
      readonly kind: 'refused';
      /** Positions of the actions whose condition failed. */
      readonly failed: readonly number[];
      /** The items there, by position, of failed actions that ask for theirs. */
      readonly items: ReadonlyMap<number, Item>;
      /** True after an answer was lost: the condition may have failed because of this very commit. */
      readonly perhapsOwn: boolean;
    };

/** Nothing is started with less time than this: it would only fail later. */
const LEAST_MS = 20;
/** One try may take this long while there is time for another, and never needs to take less. */
const LONGEST_TRY_MS = 5_000;
const LEAST_TRY_MS = 250;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

const CONFLICT = 'TransactionConflict';
/** Reasons of a cancelled transaction that pass by themselves. */
const PASSING_REASONS: ReadonlySet<string> = new Set([
  CONFLICT,
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'RequestLimitExceeded',
]);

/** How a transaction is tried. */
export interface CommitOptions {
  /** Told of every try but the first. */
  readonly onRetry?: () => void;
  /**
   * After so many conflicts with other transactions it is given up, so that smaller ones may be tried.
   * @default only the deadline ends it
   */
  readonly mostConflicts?: number;
  /** Tells this commit from others with the very same actions, which are else taken for repeats of it. */
  readonly salt?: string;
}

/**
 * Writes items in one transaction, again and again until it is certain how it ended or the deadline has come.
 *
 * The request token is a hash of the actions, so every try of one commit carries the same, and DynamoDB carries it out
 * once though an answer be lost, for 10 minutes. It does not share the other calls' retry budget: a conflict with
 * another transaction is no sign of overload, and a decision that is not recorded costs far more than a retry.
 *
 * @throws {ServiceError} `store_unavailable` when the time is up or access is refused, with the last error as its
 * cause; {@link ContendedError} after too many conflicts. Anything else that DynamoDB says of the request itself is
 * thrown as it is.
 */
export const commitTransaction = async (
  client: DynamoDBClient,
  actions: readonly TransactWriteItem[],
  deadline: Deadline,
  { onRetry = () => {}, mostConflicts = Number.POSITIVE_INFINITY, salt = '' }: CommitOptions = {},
): Promise<CommitOutcome> => {
  const input = { TransactItems: [...actions], ClientRequestToken: requestTokenOf(actions, salt) };
  let perhapsOwn = false;
  let conflicts = 0;
  let lastError: unknown;
  for (let attempt = 0; deadline.remainingMs() >= LEAST_MS; attempt += 1) {
    if (attempt > 0) onRetry();
    try {
      await client.send(new TransactWriteItemsCommand(input), { abortSignal: patienceOf(deadline).signal });
      return { kind: 'committed' };
    } catch (error) {
      const verdict = verdictOf(error);
      if (verdict.kind === 'refused') return { ...verdict, perhapsOwn };
      if (verdict.kind === 'broken') throw error;
      if (verdict.kind === 'closed') throw notRecorded(error);
      perhapsOwn ||= verdict.kind === 'lost';
      if (verdict.kind === 'passing' && verdict.conflict) conflicts += 1;
      // After a lost answer it may be this very transaction that is in the way.
      if (conflicts >= mostConflicts && !perhapsOwn) throw new ContendedError(error);
      lastError = error;
    }
    await pause(attempt, deadline);
  }
  throw notRecorded(lastError);
};

/** A hash of what is to be written: 32 of the 36 characters that a token may have. */
export const requestTokenOf = (actions: readonly TransactWriteItem[], salt = ''): string =>
  createHash('sha256').update(salt).update(JSON.stringify(actions)).digest('hex').slice(0, 32);

const notRecorded = (cause: unknown): ServiceError =>
  new ServiceError('store_unavailable', 'what was to be recorded could not be in time; repeat the request', { cause });

/** Half of the time left, so that a try that hangs leaves time for another. */
const patienceOf = (deadline: Deadline): Deadline =>
  deadline.within(Math.min(LONGEST_TRY_MS, Math.max(LEAST_TRY_MS, deadline.remainingMs() / 2)));

const pause = async (attempt: number, deadline: Deadline): Promise<void> => {
  const longestMs = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
  await sleep(longestMs * (0.5 + Math.random() / 2), undefined, { signal: deadline.signal }).catch(() => {});
};

type Verdict =
  | { readonly kind: 'refused'; readonly failed: readonly number[]; readonly items: ReadonlyMap<number, Item> }
  /** Certainly not carried out, and worth another try. */
  | { readonly kind: 'passing'; readonly conflict: boolean }
  /** The answer is lost: it may have been carried out. */
  | { readonly kind: 'lost' }
  /** The table takes nothing from here. */
  | { readonly kind: 'closed' }
  /** The request itself is wrong. */
  | { readonly kind: 'broken' };

const verdictOf = (error: unknown): Verdict => {
  if (error instanceof TransactionCanceledException) return verdictOfReasons(error.CancellationReasons ?? []);
  if (isThrottle(error)) return { kind: 'passing', conflict: false };
  // Broken connections, server faults, and a token that is at work already: an earlier try whose answer was lost.
  if (isRetryable(error) || isAborted(error)) return { kind: 'lost' };
  return { kind: isUnavailable(error) ? 'closed' : 'broken' };
};

const isAborted = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');

const verdictOfReasons = (reasons: readonly CancellationReason[]): Verdict => {
  const failed = reasons.flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []));
  if (failed.length > 0) return { kind: 'refused', failed, items: itemsOf(reasons) };
  const codes = reasons.map(({ Code }) => Code ?? 'None').filter((code) => code !== 'None');
  const passing = codes.length > 0 && codes.every((code) => PASSING_REASONS.has(code));
  return passing ? { kind: 'passing', conflict: codes.includes(CONFLICT) } : { kind: 'broken' };
};

const itemsOf = (reasons: readonly CancellationReason[]): ReadonlyMap<number, Item> =>
  new Map(reasons.flatMap(({ Item: item }, index) => (item ? [[index, item] as const] : [])));
