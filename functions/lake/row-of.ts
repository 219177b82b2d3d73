import { type Decision, DecisionSchema } from '#domain/decision.ts';
import { type Event, EventSchema, type Origin, originKey } from '#domain/event.ts';
import { FeedbackSchema } from '#domain/feedback.ts';
import { unpackText } from '#domain/packed-text.ts';
import { type Change, eventTypeOf } from './landing.ts';
import { hourOf, type LakeTable, type Partition, type Row } from './tables.ts';

/** The partition of a change: what its key and its time of commit say, whatever its content is. */
export const partitionOfChange = ({ pk, sk, t }: Change): Partition => ({
  table: tableOf(sk),
  eventType: eventTypeOf(pk),
  hour: hourOf(t * 1_000),
});

const tableOf = (sk: string): LakeTable => (sk === 'EVENT' ? 'events' : sk.startsWith('D#') ? 'decisions' : 'feedback');

/** The row of a change, by the columns of its table. @throws when its content is of no known shape. */
export const rowOf = (change: Change): Row => ROWS[tableOf(change.sk)](change);

const ROWS: Readonly<Record<LakeTable, (change: Change) => Row>> = {
  events(change) {
    const event = EventSchema.parse(jsonIn(change, 'event'));
    return {
      event_id: event.eventId,
      occurred_at: new Date(event.occurredAt),
      committed_at: committedAt(change),
      content_hash: textIn(change, 'contentHash'),
      ...originColumns(textIn(change, 'origin')),
      ...contentColumns(event),
    };
  },
  decisions(change) {
    const decision = DecisionSchema.parse(jsonIn(change, 'record'));
    return {
      event_id: decision.event.eventId,
      detector: decision.detector,
      detector_version: decision.detectorVersion,
      event_type_version: decision.eventTypeVersion,
      occurred_at: new Date(decision.event.occurredAt),
      decided_at: new Date(decision.decidedAt),
      committed_at: committedAt(change),
      ...verdictColumns(decision),
      ...originColumns(originKey(decision.origin)),
      content_hash: decision.contentHash,
      snapshot: decision.snapshot,
      ...contentColumns(decision.event),
      features_json: JSON.stringify(decision.features),
      members_json: JSON.stringify(decision.members),
      lists_json: JSON.stringify(decision.lists),
      rules_json: JSON.stringify(decision.rules.filter(({ matched }) => matched).map(({ id }) => id)),
      record_json: textIn(change, 'record'),
    };
  },
  feedback(change) {
    const said = FeedbackSchema.parse(jsonIn(change, 'record'));
    return {
      feedback_id: said.feedbackId,
      event_id: said.eventId,
      kind: said.kind,
      value: said.value,
      source: said.source,
      happened_at: said.happenedAt === undefined ? null : new Date(said.happenedAt),
      said_at: new Date(said.saidAt),
      received_at: new Date(said.receivedAt),
      committed_at: committedAt(change),
      ...originColumns(textIn(change, 'origin')),
      record_json: textIn(change, 'record'),
    };
  },
};

const verdictColumns = ({ outcomes, score, probability, rung, degraded }: Decision): Row => ({
  outcome: outcomes[0] ?? null,
  outcomes_json: JSON.stringify(outcomes),
  score: score ?? null,
  probability: probability ?? null,
  rung,
  degraded: degraded.length,
});

const contentColumns = ({ entities, variables }: Event): Row => ({
  entities_json: JSON.stringify(entities),
  variables_json: JSON.stringify(variables),
});

/** @param origin - as {@link originKey} writes an {@link Origin}. */
const originColumns = (origin: string): Row => {
  const [kind, id = null, row] = origin.split('/');
  const ofFile = kind === ('file' satisfies Origin['kind']);
  return {
    file_id: ofFile ? id : null,
    file_row: ofFile && row !== undefined ? Number(row) : null,
    request_id: ofFile ? null : origin.slice(origin.indexOf('/') + 1),
  };
};

const committedAt = ({ t }: Change): Date => new Date(t * 1_000);

const textIn = ({ i }: Change, name: keyof Change['i']): string => {
  const text = i[name];
  if (text === undefined) throw new Error(`the item has no '${name}'`);
  return unpackText(text);
};

const jsonIn = (change: Change, name: keyof Change['i']): unknown => JSON.parse(textIn(change, name));
