import type { AwsResponse } from '../service.ts';

/** What a fault does to a call as a whole, whichever service it is of. */
export type CallMisdeed =
  /** The service's own server fault, its own throttle, or no answer until the caller gives up: nothing has been done. */
  | 'fail'
  | 'throttle'
  | 'hang'
  /** An answer of any kind in place of the right one; nothing has been done. */
  | AwsResponse
  | (() => AwsResponse)
  /** All is done, and the caller never hears of it: no answer until it gives up. */
  | 'lose-answer'
  /** All is done, and the answer comes a byte at a time, slower than anybody waits. */
  | 'drip';

/** What can go wrong inside each service, where it decides itself what it does. */
export const WITHIN = {
  /** `conflict`: another transaction holds an item. `unprocessed`: part of a batch is left for another call. */
  dynamodb: ['conflict', 'unprocessed'],
  /** `fail`: no invocation begins. `kill`, `freeze`: the process dies, or stands still, in the middle of one. */
  lambda: ['fail', 'kill', 'freeze'],
  /** Between the announcement of a version and its first reading, another takes its place, or it is gone. */
  s3: ['overwrite', 'delete'],
  sagemaker: [],
  /** A message is there twice, comes late behind others, or is refused alone in a batch that is taken. */
  sqs: ['duplicate', 'reorder', 'partial-send'],
} as const;

/** The services that can be made to fail. */
export type FaultyService = keyof typeof WITHIN;
export type WithinMisdeed = (typeof WITHIN)[FaultyService][number];

/** What goes wrong with one service, for as long as the fault lasts. */
export interface Fault {
  readonly service: FaultyService;
  readonly does: CallMisdeed | WithinMisdeed;
  /** IAM actions that a call must need one of, as `dynamodb:PutItem`. @default any */
  readonly actions?: readonly string[];
  /** Operations by the service's own names, as `TransactWriteItems`; of JSON services alone. @default any */
  readonly operations?: readonly string[];
  /**
   * ARN, or service's host name, of the callers that meet it; of Lambda, ARN of the functions.
   * @default everyone, the developer and services included
   */
  readonly callers?: RegExp;
  /** Part of those calls that meet it, 0 to 1. @default 1 */
  readonly share?: number;
  /** Times that it strikes at most; then all is well. @default no limit */
  readonly times?: number;
  /** Told of each time that it strikes. */
  readonly onStrike?: () => void;
}

/** Faults of a running cloud. */
export interface Faults {
  /**
   * Begins a fault. @returns what ends it; calls that hang are then answered as failed.
   *
   * @throws {Error} if the service cannot do so.
   */
  begin(fault: Fault): () => void;
  /** Ends all faults, and messages wait as long as their queues say. */
  clear(): void;
  /**
   * From now on, a message that a function has failed at is visible again after this long, instead of its queue's
   * visibility timeout, so that nobody waits for minutes; undefined: as the queue says, and as AWS does.
   */
  redeliverAfter(seconds: number | undefined): void;
  /** Messages that functions were given not for the first time, since the cloud is up. */
  readonly redeliveries: number;
}

/** Whom a misdeed would strike: what `callers` and `operations` of a fault are held against. */
export interface Victim {
  /** ARN, or service's host name. */
  readonly caller?: string;
  readonly operation?: string;
}

/** The faults as rooms see them, which ask before they do what may go wrong. */
export interface FaultPoints {
  /** Whether it goes wrong this time; each yes counts as a strike. */
  strikes(service: FaultyService, misdeed: WithinMisdeed, victim?: Victim): boolean;
  /** A number in [0, 1), for how it goes wrong. */
  random(): number;
  /** Seconds until a message that a function has failed at is visible again; undefined: as its queue says. */
  readonly redeliverAfterSeconds: number | undefined;
  /** Takes note of messages that were delivered again. */
  redelivered(messages: number): void;
}
