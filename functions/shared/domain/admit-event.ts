import { type AdmissionProblem, type ProblemList, problemList } from './admission-reasons.ts';
import { holdsCardNumber, namesCardSecret } from './card-numbers.ts';
import type { EventType, Variable } from './catalog/event-type.ts';
import { canonicalJson } from './content-hash.ts';
import type { Event, VariableValue } from './event.ts';
import { type EventParts, readEventParts } from './event-parts.ts';
import { showableName } from './field-problems.ts';
import { EventIdSchema } from './names.ts';
import { normaliseText } from './normalise-text.ts';
import { type Originals, originalsOf } from './originals.ts';
import { parseValue } from './parse-value.ts';
import { isEmailAddress } from './personal-names.ts';
import { parseTime, timeProblemOf } from './times.ts';
import type { Tokeniser } from './tokeniser.ts';
import { doorValuesOf } from './transforms/transforms-of.ts';

export interface EventAdmission {
  readonly tokeniser: Tokeniser;
  readonly nowMs: number;
  /** Older events are refused: a repeat of theirs could not be recognised. */
  readonly retentionDays: number;
}

/** An event behind the door, or all that is wrong with what was sent. */
export type AdmittedEvent =
  | {
      readonly event: Event;
      /** Keyed hash of the content before tokens took its place, so that another key does not make it other content. */
      readonly contentHash: string;
      /** What tokens took the place of, where it is to be sealed. */
      readonly originals?: Originals;
      /** Keys of a flat object that the event type does not know. */
      readonly ignored: readonly string[];
    }
  | { readonly problems: readonly AdmissionProblem[] };

const MAX_ENTITY_ID = 256;

/**
 * The door: makes an event of what was sent, or says all that is wrong with it.
 *
 * Takes Assay's own form, Amazon Fraud Detector's, and flat objects (see {@link readEventParts}). Values are typed,
 * normalised and checked against the event type; card numbers and their secrets are refused wherever they are; entity
 * ids and personal variables become tokens, and their originals are held ready for the seal. The same event sent in another form is the same event, with the same hash.
 * Pure and total: never throws, never quotes a value.
 */
export const admitEvent = (raw: unknown, eventType: EventType, admission: EventAdmission): AdmittedEvent => {
  const found = problemList();
  const parts = readEventParts(raw, eventType, found);
  if (!parts) return { problems: found.problems };
  const eventId = eventIdOf(parts, found);
  const occurredAt = occurredAtOf(parts, admission, found);
  const entities = entitiesOf(parts, eventType, found);
  const variables = variablesOf(parts, eventType, found);
  if (found.problems.length > 0 || eventId === undefined || occurredAt === undefined) {
    return { problems: found.problems };
  }
  const content: Event = { eventId, eventType: eventType.eventType, occurredAt, entities, variables };
  const event = tokenised(content, eventType, admission.tokeniser);
  const originals = originalsOf(content, event, eventType);
  return {
    event,
    ...(originals && { originals }),
    contentHash: admission.tokeniser.fingerprint(canonicalJson(content)),
    ignored: parts.ignored,
  };
};

/** The event with tokens in place of entity ids and personal values, and with what features derive from the latter. */
const tokenised = (content: Event, eventType: EventType, tokeniser: Tokeniser): Event => ({
  ...content,
  entities: mapValues(content.entities, (id, role) => tokeniser.token(eventType.entities[role]!, id)),
  variables: {
    ...mapValues(content.variables, (value, name) => {
      const { personal, type } = eventType.variables[name]!;
      return personal ? tokeniser.token(type, String(value)) : value;
    }),
    ...doorValuesOf(content.variables, eventType),
  },
});

const mapValues = <Value>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value, name: string) => Value,
): Record<string, Value> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));

const eventIdOf = ({ eventId }: EventParts, { add }: ProblemList): string | undefined => {
  if (eventId === undefined || eventId === '') return add('eventId', 'missing_field', 'give each event an id');
  const parsed = EventIdSchema.safeParse(eventId);
  if (!parsed.success) {
    return add('eventId', 'bad_event_id', 'send text of 1 to 128 visible ASCII characters without spaces');
  }
  if (holdsCardNumber(parsed.data)) return add('eventId', 'card_number', 'use an id that holds no card number');
  return isEmailAddress(parsed.data)
    ? add(
        'eventId',
        'bad_event_id',
        'use an id of your own: event ids stay in the clear, and this is an e-mail address',
      )
    : parsed.data;
};

const occurredAtOf = (
  { occurredAt }: EventParts,
  { nowMs, retentionDays }: EventAdmission,
  { add }: ProblemList,
): string | undefined => {
  if (occurredAt === undefined || occurredAt === '') {
    return add('occurredAt', 'missing_field', 'say when the event happened');
  }
  const time = parseTime(occurredAt);
  if (time === undefined) {
    return add('occurredAt', 'bad_time', 'send a date that exists, with time and offset, such as 2026-03-01T12:00:00Z');
  }
  const refused = timeProblemOf(time, { nowMs, retentionDays });
  return refused ? add('occurredAt', refused.reason, refused.problem) : time;
};

/** Ids by role. */
const entitiesOf = (parts: EventParts, { entities: kinds }: EventType, found: ProblemList): Record<string, string> => {
  for (const role of parts.entities.keys()) {
    if (!Object.hasOwn(kinds, role)) {
      found.add(`entities.${showableName(role)}`, 'unknown_field', 'use a role or kind of the event type');
    }
  }
  const ids: Record<string, string> = {};
  for (const [role, kind] of Object.entries(kinds)) {
    const id = entityIdOf(parts.entities.get(role), `entities.${role}`, kind, found);
    if (id !== undefined) ids[role] = id;
  }
  return ids;
};

const entityIdOf = (value: unknown, field: string, kind: string, { add }: ProblemList): string | undefined => {
  if (value === undefined || value === null || value === '')
    return add(field, 'missing_field', 'say who or what it was');
  if (typeof value !== 'string') return add(field, 'bad_entity', 'send the id as text');
  if (!value.isWellFormed()) return add(field, 'bad_text', 'send well-formed Unicode');
  if (holdsCardNumber(value)) return add(field, 'card_number', 'send an id of your own instead of a card number');
  const id = normaliseText(kind, value);
  return id.length >= 1 && id.length <= MAX_ENTITY_ID
    ? id
    : add(field, 'bad_entity', `send an id of 1 to ${MAX_ENTITY_ID} characters`);
};

const variablesOf = (
  parts: EventParts,
  { variables: declared }: EventType,
  found: ProblemList,
): Record<string, VariableValue> => {
  for (const [name, value] of parts.variables) refuseStranger(name, value, declared, found);
  const values: Record<string, VariableValue> = {};
  for (const [name, variable] of Object.entries(declared)) {
    const value = variableOf(parts.variables.get(name), name, variable, { parts, found });
    if (value !== undefined) values[name] = value;
  }
  return values;
};

/** Refuses names that the event type does not know, and those of a card's secrets even when it does. */
const refuseStranger = (name: string, value: unknown, declared: EventType['variables'], { add }: ProblemList): void => {
  const field = `variables.${showableName(name)}`;
  if (namesCardSecret(name)) {
    if (value !== null && value !== '') add(field, 'secret_field', 'leave out security codes and PINs');
  } else if (!Object.hasOwn(declared, name)) {
    add(field, 'unknown_field', 'declare the variable in the event type or leave it out');
  }
};

const variableOf = (
  value: unknown,
  name: string,
  variable: Variable,
  { parts, found }: { readonly parts: EventParts; readonly found: ProblemList },
): VariableValue | undefined => {
  const field = `variables.${name}`;
  const missing = value === undefined || value === null || (value === '' && parts.emptyIsMissing);
  if (missing) return variable.required ? found.add(field, 'missing_field', 'the event type requires it') : undefined;
  const parsed = parseValue(value, variable);
  return parsed.ok ? parsed.value : found.add(field, parsed.reason, parsed.problem);
};
