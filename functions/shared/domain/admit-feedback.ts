import { type AdmissionProblem, hasTooManyFields, type ProblemList, problemList } from './admission-reasons.ts';
import { holdsCardNumber, namesCardSecret } from './card-numbers.ts';
import type { EventType } from './catalog/event-type.ts';
import { feedbackVocabularyOf, targetOf } from './columns.ts';
import { canonicalJson, sha256Hex } from './content-hash.ts';
import type { Feedback } from './feedback.ts';
import { showableName } from './field-problems.ts';
import { EventIdSchema, NameSchema } from './names.ts';
import { isEmailAddress } from './personal-names.ts';
import { parseTime, timeProblemOf } from './times.ts';

export interface FeedbackAdmission {
  /**
   * When it was received; also when it was said, where that is not given. Of a file, the time of its upload, so that
   * reading it again says the same.
   */
  readonly nowMs: number;
  /** Absent: feedback may be of any age. */
  readonly retentionDays?: number;
}

/** A feedback entry, or all that is wrong with what was sent. */
export type AdmittedFeedback = { readonly feedback: Feedback } | { readonly problems: readonly AdmissionProblem[] };

/** Who said it, where nobody is named; ranks below every named source. */
export const UNNAMED_SOURCE = 'unnamed';

/** Fields by name, as {@link feedbackVocabularyOf} has them. */
type Fields = ReadonlyMap<string, unknown>;

/**
 * Makes a feedback entry of what was sent, or says all that is wrong with it.
 *
 * Takes `{ eventId, kind?, value, source?, happenedAt?, saidAt? }`, or `label` or `action` in place of kind and value;
 * Amazon Fraud Detector's `assignedLabel` and `labelTimestamp`; and rows of files, whose columns have those names in
 * snake case or in capitals. A label is mapped by the event type; an action is a free name. The id is a hash of all
 * that was said, so saying the same thing twice is one entry. Pure and total; never quotes a value.
 */
export const admitFeedback = (raw: unknown, eventType: EventType, admission: FeedbackAdmission): AdmittedFeedback => {
  const found = problemList();
  const fields = fieldsOf(raw, eventType, found);
  if (!fields) return { problems: found.problems };
  const eventId = eventIdOf(fields.get('eventId'), found);
  const said = saidOf(fields, eventType, found);
  const source = nameOf(fields.get('source') ?? UNNAMED_SOURCE, 'source', found);
  const happenedAt = timeOf(fields.get('happenedAt'), 'happenedAt', { nowMs: admission.nowMs }, found);
  const saidAt = timeOf(fields.get('saidAt'), 'saidAt', admission, found);
  if (found.problems.length > 0 || eventId === undefined || !said || source === undefined) {
    return { problems: found.problems };
  }
  const content = { eventType: eventType.eventType, eventId, ...said, source, ...(happenedAt && { happenedAt }) };
  const receivedAt = new Date(admission.nowMs).toISOString();
  // A time of saying that nobody gave is not part of what was said: the repeat would have another.
  const feedbackId = sha256Hex(canonicalJson({ ...content, ...(saidAt && { saidAt }) })).slice(0, 32);
  return { feedback: { v: 1, feedbackId, ...content, saidAt: saidAt ?? receivedAt, receivedAt } };
};

const fieldsOf = (raw: unknown, eventType: EventType, found: ProblemList): Fields | undefined => {
  const { add } = found;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return add('(row)', 'not_an_object', 'send one JSON object for each entry');
  }
  if (hasTooManyFields(raw, '(row)', found)) return undefined;
  const vocabulary = feedbackVocabularyOf(eventType);
  const fields = new Map<string, unknown>();
  for (const [key, value] of Object.entries(raw)) {
    if (value === null || value === '') continue;
    const target = targetOf(key, vocabulary);
    if (namesCardSecret(key)) add(showableName(key), 'secret_field', 'leave out security codes and PINs');
    else if (!target) add(showableName(key), 'unknown_field', 'leave it out');
    else if (fields.has(target.name))
      add(showableName(key), 'duplicate_headers', 'the same is given under another name');
    else fields.set(target.name, value);
  }
  const given = fields.get('eventType') ?? eventType.eventType;
  if (given !== eventType.eventType) {
    add('eventType', 'wrong_event_type', `this place takes feedback on ${eventType.eventType}`);
  }
  return fields;
};

const eventIdOf = (value: unknown, { add }: ProblemList): string | undefined => {
  if (value === undefined) return add('eventId', 'missing_field', 'say which event it is about');
  const parsed = EventIdSchema.safeParse(value);
  if (!parsed.success) {
    return add('eventId', 'bad_event_id', 'send text of 1 to 128 visible ASCII characters without spaces');
  }
  if (holdsCardNumber(parsed.data)) return add('eventId', 'card_number', 'use the id of the event');
  return isEmailAddress(parsed.data) ? add('eventId', 'bad_event_id', 'use the id of the event') : parsed.data;
};

type Said = Pick<Feedback, 'kind' | 'value'>;

const saidOf = (fields: Fields, eventType: EventType, found: ProblemList): Said | undefined => {
  const { add } = found;
  const label = fields.get('label');
  const action = fields.get('action');
  const value = fields.get('value');
  if ([label, action, value].filter((given) => given !== undefined).length > 1) {
    return add('value', 'unknown_field', 'give one of value, label and action');
  }
  const kind = kindOf(fields);
  if (kind !== 'label' && kind !== 'action') return add('kind', 'bad_name', "send 'label' or 'action'");
  const given = value ?? label ?? action;
  if (given === undefined) return add('value', 'missing_field', 'say what it turned out to be, or what was done');
  if (kind === 'action') {
    const name = nameOf(given, 'value', found);
    return name === undefined ? undefined : { kind, value: name };
  }
  const name = labelOf(given, eventType);
  if (name !== undefined) return { kind, value: name };
  return add('value', 'unknown_label', `send a value of one of the labels ${Object.keys(eventType.labels).join(', ')}`);
};

const kindOf = (fields: Fields): unknown => {
  if (fields.has('label')) return fields.get('kind') ?? 'label';
  if (fields.has('action')) return fields.get('kind') ?? 'action';
  return fields.get('kind') ?? 'label';
};

/** The label that a value means; labels' own names mean themselves. Case and spaces around make no difference. */
const labelOf = (given: unknown, { labels }: EventType): string | undefined => {
  if (typeof given === 'object') return undefined;
  const said = foldValue(String(given));
  const meaning = Object.entries(labels).find(([, values]) => values.some((value) => foldValue(value) === said));
  return meaning?.[0] ?? (Object.hasOwn(labels, said) ? said : undefined);
};

const foldValue = (value: string): string => value.normalize('NFC').trim().toLowerCase();

/** A free name, such as `Customer report`, as `customer_report`. */
const nameOf = (value: unknown, field: string, { add }: ProblemList): string | undefined => {
  const name = typeof value === 'string' ? foldValue(value).replace(/\s+/g, '_') : '';
  const parsed = NameSchema.safeParse(name);
  if (!parsed.success) return add(field, 'bad_name', 'use 1 to 64 of the characters a-z, 0-9, _ and -');
  return holdsCardNumber(name) ? add(field, 'card_number', 'send a name, not a card number') : parsed.data;
};

const timeOf = (
  value: unknown,
  field: string,
  { nowMs, retentionDays }: FeedbackAdmission,
  { add }: ProblemList,
): string | undefined => {
  if (value === undefined) return undefined;
  const time = parseTime(value);
  if (time === undefined) {
    return add(field, 'bad_time', 'send a date that exists, with time and offset, such as 2026-03-01T12:00:00Z');
  }
  const refused = timeProblemOf(time, { nowMs, retentionDays });
  return refused ? add(field, refused.reason, refused.problem) : time;
};
