import type { EntityDecisionsAnswer, EventDecisionsAnswer } from '#domain/decide-request.ts';
import { standingOf } from '#domain/effective-label.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Feedback } from '#domain/feedback.ts';
import { normaliseText } from '#domain/normalise-text.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Deadline } from '#ports/clock.ts';
import type { DecisionStore } from '#ports/decision-store.ts';
import type { FeedbackLedger } from '#ports/feedback-ledger.ts';
import type { TokeniserSource } from '#ports/tokeniser.ts';
import { committedViewOf } from './decision-view.ts';

/** What reading decisions needs of the world. */
export interface ReadPorts {
  readonly catalog: Pick<CatalogSource, 'current'>;
  readonly decisions: Pick<DecisionStore, 'byEvent' | 'byEntity'>;
  readonly feedback: Pick<FeedbackLedger, 'forEvent'>;
  readonly tokeniser: TokeniserSource;
}

/** An event that is asked about. */
export interface EventQuestion {
  readonly eventType: string;
  readonly eventId: string;
  readonly explain: boolean;
}

/**
 * All that is on record of an event: its decisions, what was said of it, and how it stands.
 *
 * @throws {ServiceError} `not_found` for an event that was never recorded.
 */
export const readEvent = async (
  { eventType, eventId, explain }: EventQuestion,
  deadline: Deadline,
  { catalog: source, decisions, feedback: ledger }: ReadPorts,
): Promise<EventDecisionsAnswer> => {
  const [catalog, recorded, feedback] = await Promise.all([
    source.current(deadline),
    decisions.byEvent(eventType, eventId, deadline),
    ledger.forEvent(eventType, eventId, deadline),
  ]);
  if (!recorded) {
    throw new ServiceError('not_found', 'no decision on this event is on record; check event type and id');
  }
  const sorted = [...recorded.decisions].sort((left, right) => (left.detector < right.detector ? -1 : 1));
  return {
    eventId,
    eventType,
    decisions: sorted.map((decision) => committedViewOf(decision, catalog, explain)),
    feedback: feedback.map(publicFeedbackOf),
    standing: standingOf({
      feedback,
      labelSources: catalog.eventType(eventType)?.document.labelSources ?? [],
      outcomes: sorted.flatMap(({ outcomes }) => outcomes),
    }),
  };
};

const publicFeedbackOf = ({ v: _v, eventType: _type, eventId: _id, ...entry }: Feedback) => entry;

/** An entity that is asked about, by its original id. */
export interface EntityQuestion {
  readonly entityKind: string;
  readonly entityId: string;
  readonly limit: number;
  readonly next?: string | undefined;
}

/** Decisions on an entity, newest event first. Its id becomes tokens here, one for each key, and goes no further. */
export const readEntity = async (
  { entityKind, entityId, limit, next }: EntityQuestion,
  deadline: Deadline,
  { catalog: source, decisions: store, tokeniser }: ReadPorts,
): Promise<EntityDecisionsAnswer> => {
  const [catalog, keyed] = await Promise.all([source.current(deadline), tokeniser.current(deadline)]);
  const tokens = keyed.tokens(entityKind, normaliseText(entityKind, entityId));
  const page = { limit, ...(next !== undefined && { next: Buffer.from(next, 'base64url').toString() }) };
  const found = await store.byEntity({ kind: entityKind, tokens }, page, deadline);
  return {
    decisions: found.decisions.map((decision) => committedViewOf(decision, catalog, false)),
    ...(found.next !== undefined && { next: Buffer.from(found.next).toString('base64url') }),
  };
};
