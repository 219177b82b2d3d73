import type { Decision } from '#domain/decision.ts';
import type { ContendedError } from '#domain/errors.ts';
import type { Event } from '#domain/event.ts';
import type { OnRecord } from '#domain/row-ends.ts';
import type { Sealed } from '#domain/sealed.ts';
import type { PageMove } from '#features/history/state/types.ts';
import type { Deadline } from './clock.ts';

/** What is on record of an event: which content, who brought it, and the decisions of the detectors asked about. */
export type RecordedEvent = OnRecord;

/** One event with the decisions to record, all or nothing. */
export interface EventCommit {
  readonly event: Event;
  readonly contentHash: string;
  readonly origin: string;
  readonly decisions: readonly Decision[];
  /** What was personal in the event; recorded with it, once. */
  readonly sealed?: Sealed | undefined;
  /** True when the event itself is on record already and only decisions of further detectors are added. */
  readonly eventRecorded: boolean;
  /** What it does to pages of history, done if and only if it is committed. */
  readonly moves?: readonly PageMove[] | undefined;
  /** Hashes of the profiles that count the event, recorded with it: a label that is said later moves those alone. */
  readonly profiles?: readonly string[] | undefined;
}

/** One decision for each event and detector: written once, never changed. */
export interface DecisionStore {
  /** What is on record of these events, by event id. Absent: never seen. One round trip per 100 items. */
  find(
    eventType: string,
    eventIds: readonly string[],
    detectors: readonly string[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, RecordedEvent>>;
  /** What is on record of one event, with the decisions of all detectors. */
  byEvent(eventType: string, eventId: string, deadline: Deadline): Promise<RecordedEvent | undefined>;
  /**
   * Records a group in one transaction: at most 100 actions (one for each event, each decision and each page that is
   * moved) and 4 MB, and no event twice. Moves of one page by several events are one action. Retries throttles, conflicts of transactions and lost answers with the same request token, within
   * the deadline.
   *
   * @returns the ids of events that another delivery recorded first; empty when the group is committed, and when
   * it is not empty nothing of the group is committed.
   * @throws {ServiceError} `store_unavailable` when it is unknown or certain that nothing was committed;
   * {@link ContendedError} when others moved its pages all the time: nothing was, and smaller groups may do better.
   */
  commit(group: readonly EventCommit[], deadline: Deadline): Promise<ReadonlySet<string>>;
  /** Decisions on an entity, under any of its tokens, newest event first; `next` goes on from there. */
  byEntity(
    entity: { readonly kind: string; readonly tokens: readonly string[] },
    page: { readonly limit: number; readonly next?: string },
    deadline: Deadline,
  ): Promise<{ readonly decisions: readonly Decision[]; readonly next?: string }>;
  /** Keeps a second decision beside the one on record, when two were answered for one event and detector. */
  keepRival(decision: Decision, deadline: Deadline): Promise<void>;
}

/** What is to be committed of one event later. */
export type PendingCommit = Pick<EventCommit, 'decisions' | 'sealed' | 'moves' | 'profiles'>;

/** Commits decisions later that could not be recorded within the caller's deadline. */
export interface PendingDecisions {
  /**
   * @param decisions - all on one event.
   * @param rest - what was personal in it, and what recording it does to history.
   * @throws {ServiceError} `store_unavailable` when the queue does not take them either.
   */
  add(decisions: readonly Decision[], deadline: Deadline, rest?: Omit<PendingCommit, 'decisions'>): Promise<void>;
}
