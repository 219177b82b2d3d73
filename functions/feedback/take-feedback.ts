import * as z from 'zod';

import { admitFeedback } from '#domain/admit-feedback.ts';
import { isCanary } from '#domain/canary.ts';
import type { Catalog } from '#domain/catalog/catalog.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { ServiceError } from '#domain/errors.ts';
import { originKey } from '#domain/event.ts';
import { eventTypeNamedIn } from '#domain/event-parts.ts';
import type { Feedback } from '#domain/feedback.ts';
import { NameSchema } from '#domain/names.ts';
import type { RowProblem } from '#domain/row-problem.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { DecisionStore } from '#ports/decision-store.ts';
import type { FeedbackLedger } from '#ports/feedback-ledger.ts';
import type { Metrics } from '#ports/telemetry.ts';

/** Most entries of one request. */
export const MAX_ENTRIES = 500;

const EntrySchema = z.record(z.string(), z.unknown());

/** Body of `POST /v1/feedback`: one entry, or up to 500 as `{ eventType?, feedback: […] }`. */
export const FeedbackRequestSchema = z.union([
  z.strictObject({
    /** For entries that do not name theirs. */
    eventType: NameSchema.optional(),
    feedback: z.array(EntrySchema).min(1).max(MAX_ENTRIES),
  }),
  EntrySchema.refine((entry) => !Object.hasOwn(entry, 'feedback'), {
    path: ['feedback'],
    error: `send one entry, or 1 to ${MAX_ENTRIES} in 'feedback'`,
  }).transform((entry) => ({ eventType: undefined, feedback: [entry] })),
]);
export type FeedbackRequest = z.infer<typeof FeedbackRequestSchema>;

export interface FeedbackPorts {
  readonly clock: Clock;
  readonly catalog: CatalogSource;
  readonly feedback: FeedbackLedger;
  readonly decisions: Pick<DecisionStore, 'find'>;
}

/** What became of one entry. `matched`: its event is on record already; if not, it is kept until it is. */
export type FeedbackAnswer =
  | {
      readonly index: number;
      readonly status: 'recorded' | 'duplicate';
      readonly feedbackId: string;
      readonly matched: boolean;
    }
  | { readonly index: number; readonly status: 'rejected'; readonly problems: readonly RowProblem[] };

type Admitted = { readonly index: number; readonly feedback: Feedback };
type Rejected = { readonly index: number; readonly problems: readonly RowProblem[] };

/**
 * Records what was said of events. Saying the same again changes nothing; feedback on events that nobody has seen yet
 * is kept.
 *
 * @throws {ServiceError} `invalid_input` when no entry is valid, and `not_found` when that is for an event type that
 * is not registered.
 */
export const takeFeedback = async (
  { eventType, feedback: entries }: FeedbackRequest,
  requestId: string,
  { deadline, metrics }: { readonly deadline: Deadline; readonly metrics: Metrics },
  ports: FeedbackPorts,
): Promise<readonly FeedbackAnswer[]> => {
  const catalog = await ports.catalog.current(deadline);
  const nowMs = ports.clock.nowMs();
  const read = entries.map((entry, index) => admit(entry, index, eventTypeOf(entry, eventType, catalog), nowMs));
  const admitted = read.filter((row): row is Admitted => 'feedback' in row);
  if (admitted.length === 0) throw refusalOf(read.filter((row): row is Rejected => 'problems' in row));

  const origin = originKey({ kind: 'api', requestId });
  const [ended, known] = await Promise.all([
    ports.feedback.add(
      admitted.map(({ feedback }) => ({ feedback, origin })),
      deadline,
    ),
    knownEvents(admitted, ports.decisions, deadline),
  ]);
  // What is said of the system's own events, by a smoke test, is no traffic.
  const counted = ended.filter((_, at) => !isCanary(admitted[at]!.feedback.eventType));
  const recorded = counted.filter((end) => end === 'recorded').length;
  metrics.count('FeedbackRecorded', recorded);
  metrics.count('FeedbackRepeated', counted.length - recorded);
  const answers = new Map<number, FeedbackAnswer>(
    admitted.map(({ index, feedback }, at) => {
      const { feedbackId } = feedback;
      return [index, { index, status: ended[at]!, feedbackId, matched: known.has(eventKey(feedback)) }];
    }),
  );
  return read.map((row) => answers.get(row.index) ?? rejectionOf(row as Rejected));
};

const rejectionOf = ({ index, problems }: Rejected): FeedbackAnswer => ({ index, status: 'rejected', problems });

/** The event type of an entry: the one it names, else that of the request. Undefined if it is not registered. */
const eventTypeOf = (
  entry: Readonly<Record<string, unknown>>,
  given: string | undefined,
  catalog: Catalog,
): EventType | undefined => {
  const named = eventTypeNamedIn(entry) ?? given;
  return named === undefined ? undefined : catalog.eventType(named)?.document;
};

const admit = (
  entry: Readonly<Record<string, unknown>>,
  index: number,
  eventType: EventType | undefined,
  nowMs: number,
): Admitted | Rejected => {
  if (!eventType) {
    const problem = 'name an event type that is registered';
    return { index, problems: [{ field: 'eventType', reason: UNKNOWN_EVENT_TYPE, problem }] };
  }
  return { index, ...admitFeedback(entry, eventType, { nowMs }) };
};

const UNKNOWN_EVENT_TYPE = 'unknown_event_type';

/** Which of the events are on record: one look for each event type. */
const knownEvents = async (
  admitted: readonly Admitted[],
  decisions: Pick<DecisionStore, 'find'>,
  deadline: Deadline,
): Promise<ReadonlySet<string>> => {
  const byType = Map.groupBy(admitted, ({ feedback }) => feedback.eventType);
  const known = await Promise.all(
    [...byType].map(async ([eventType, rows]) => {
      const ids = [...new Set(rows.map(({ feedback }) => feedback.eventId))];
      const found = await decisions.find(eventType, ids, [], deadline);
      return [...found.keys()].map((eventId) => eventKey({ eventType, eventId }));
    }),
  );
  return new Set(known.flat());
};

const eventKey = ({ eventType, eventId }: Pick<Feedback, 'eventType' | 'eventId'>): string => `${eventType}#${eventId}`;

const MAX_FIELDS = 20;

const refusalOf = (rejected: readonly Rejected[]): ServiceError => {
  const all = rejected.flatMap(({ index, problems }) => problems.map((problem) => ({ index, ...problem })));
  if (all.every(({ reason }) => reason === UNKNOWN_EVENT_TYPE)) {
    return new ServiceError('not_found', "name a registered event type in 'eventType'");
  }
  const fields = all
    .slice(0, MAX_FIELDS)
    .map(({ index, field, problem }) => ({ field: `feedback.${index}.${field}`, problem }));
  return all.every(({ reason }) => reason === 'card_number' || reason === 'secret_field')
    ? new ServiceError('card_number_refused', 'the feedback holds a card number or a security code', { fields })
    : new ServiceError('invalid_input', "no entry is valid; 'fields' says what to change", { fields });
};
