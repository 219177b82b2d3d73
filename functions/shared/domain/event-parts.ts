import { hasTooManyFields, type ProblemList } from './admission-reasons.ts';
import type { EventType } from './catalog/event-type.ts';
import { eventVocabularyOf, targetOf } from './columns.ts';
import { showableName } from './field-problems.ts';
import { NameSchema } from './names.ts';

/** An event as it was sent, in whichever form, taken apart and not yet checked. */
export interface EventParts {
  readonly eventId: unknown;
  readonly occurredAt: unknown;
  /** By role. */
  readonly entities: ReadonlyMap<string, unknown>;
  readonly variables: ReadonlyMap<string, unknown>;
  /** True of forms in which everything is text, so that an empty text stands for no value. */
  readonly emptyIsMissing: boolean;
  /** Keys of a flat object that mean nothing here. */
  readonly ignored: readonly string[];
}

/** Top-level names of the structured forms: Assay's, and Amazon Fraud Detector's `SendEvent`. */
const STRUCTURED: ReadonlyMap<string, 'eventId' | 'eventType' | 'occurredAt' | 'entities' | 'variables'> = new Map([
  ['eventId', 'eventId'],
  ['eventType', 'eventType'],
  ['eventTypeName', 'eventType'],
  ['occurredAt', 'occurredAt'],
  ['eventTimestamp', 'occurredAt'],
  ['entities', 'entities'],
  ['variables', 'variables'],
  ['eventVariables', 'variables'],
]);

/** Names under which an event, or a feedback entry, says of which type it is: those of the forms, and of columns. */
const TYPE_NAMES = ['eventType', 'eventTypeName', 'event_type', 'EVENT_TYPE'] as const;

/** The event type that an event or a feedback entry names, in whichever form it is; undefined when it names none. */
export const eventTypeNamedIn = (raw: Readonly<Record<string, unknown>>): string | undefined =>
  TYPE_NAMES.map((name) => raw[name]).find((name): name is string => NameSchema.safeParse(name).success);

/**
 * Takes an event apart.
 *
 * - Assay's form: `{ eventId, eventType?, occurredAt, entities: { role: id }, variables: { name: value } }`.
 * - Amazon Fraud Detector's: `eventTypeName`, `eventTimestamp`, `eventVariables` (all text), and
 *   `entities: [{ entityType, entityId }]`, where the type is a role, or a kind that one role alone has.
 * - A flat object, whose keys are named like the columns of a file.
 *
 * @returns undefined when it is no event at all; what is wrong is added to `found`.
 */
export const readEventParts = (raw: unknown, eventType: EventType, found: ProblemList): EventParts | undefined => {
  if (!isPlainObject(raw)) return found.add('(row)', 'not_an_object', 'send one JSON object for each event');
  if (hasTooManyFields(raw, '(row)', found)) return undefined;
  const structured = ['entities', 'variables', 'eventVariables'].some((name) => Object.hasOwn(raw, name));
  return structured ? readStructured(raw, eventType, found) : readFlat(raw, eventType, found);
};

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readStructured = (
  raw: Readonly<Record<string, unknown>>,
  eventType: EventType,
  found: ProblemList,
): EventParts => {
  const parts: Partial<Record<'eventId' | 'eventType' | 'occurredAt' | 'entities' | 'variables', unknown>> = {};
  for (const [name, value] of Object.entries(raw)) {
    const part = STRUCTURED.get(name);
    if (!part) found.add(showableName(name), 'unknown_field', remedyFor(name));
    else if (Object.hasOwn(parts, part)) found.add(name, 'unknown_field', 'the same is given under another name, too');
    else parts[part] = value;
  }
  checkEventType(parts.eventType, eventType, found);
  return {
    eventId: parts.eventId,
    occurredAt: parts.occurredAt,
    entities: readEntities(parts.entities, eventType, found),
    variables: readVariables(parts.variables, found),
    // Rows of a file come in Assay's form too: their empty cells have been left out before.
    emptyIsMissing: Object.hasOwn(raw, 'eventVariables'),
    ignored: [],
  };
};

const remedyFor = (name: string): string =>
  /label/i.test(name) ? 'send labels as feedback' : 'leave it out, or put it into variables';

const checkEventType = (given: unknown, { eventType }: EventType, { add }: ProblemList): void => {
  if (given !== undefined && given !== '' && given !== eventType) {
    add('eventType', 'wrong_event_type', `this place takes events of type ${eventType}`);
  }
};

const readVariables = (given: unknown, found: ProblemList): ReadonlyMap<string, unknown> => {
  if (given === undefined || given === null) return new Map();
  if (isPlainObject(given)) return namesOf(given, 'variables', found);
  found.add('variables', 'wrong_type', 'send an object of names and values');
  return new Map();
};

const namesOf = (given: object, field: string, found: ProblemList): ReadonlyMap<string, unknown> =>
  hasTooManyFields(given, field, found) ? new Map() : new Map(Object.entries(given));

const readEntities = (given: unknown, eventType: EventType, found: ProblemList): ReadonlyMap<string, unknown> => {
  if (given === undefined || given === null) return new Map();
  if (isPlainObject(given)) return namesOf(given, 'entities', found);
  if (Array.isArray(given)) {
    return hasTooManyFields(given, 'entities', found) ? new Map() : readEntityList(given, eventType, found);
  }
  found.add('entities', 'wrong_type', 'send an object of roles and ids');
  return new Map();
};

const readEntityList = (
  given: readonly unknown[],
  { entities: kinds }: EventType,
  { add }: ProblemList,
): ReadonlyMap<string, unknown> => {
  const byRole = new Map<string, unknown>();
  for (const [index, entity] of given.entries()) {
    const field = `entities.${index}`;
    const type = isPlainObject(entity) ? entity.entityType : undefined;
    if (!isPlainObject(entity) || typeof type !== 'string') {
      add(field, 'bad_entity', 'send an object with entityType and entityId');
      continue;
    }
    const role = roleOf(type, kinds);
    if (role === undefined) add(field, 'unknown_field', 'name a role, or a kind that exactly one role has');
    else if (byRole.has(role)) add(field, 'bad_entity', 'name each role once');
    else byRole.set(role, entity.entityId);
  }
  return byRole;
};

const roleOf = (type: string, kinds: EventType['entities']): string | undefined => {
  if (Object.hasOwn(kinds, type)) return type;
  const roles = Object.keys(kinds).filter((role) => kinds[role] === type);
  return roles.length === 1 ? roles[0] : undefined;
};

const readFlat = (raw: Readonly<Record<string, unknown>>, eventType: EventType, found: ProblemList): EventParts => {
  const vocabulary = eventVocabularyOf(eventType);
  const parts = {
    top: new Map<string, unknown>(),
    entities: new Map<string, unknown>(),
    variables: new Map<string, unknown>(),
    entity: new Map<string, unknown>(),
  };
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(raw)) {
    const target = targetOf(key, vocabulary);
    if (!target) ignored.push(key);
    else if (parts[target.part].has(target.name)) {
      found.add(showableName(key), 'duplicate_headers', 'another key holds the same; rename or remove one');
    } else parts[target.part].set(target.name, value);
  }
  checkEventType(parts.top.get('eventType'), eventType, found);
  const listed = parts.entity.size > 0 ? readEntityList([Object.fromEntries(parts.entity)], eventType, found) : [];
  return {
    eventId: parts.top.get('eventId'),
    occurredAt: parts.top.get('occurredAt'),
    entities: new Map([...parts.entities, ...listed]),
    variables: parts.variables,
    emptyIsMissing: true,
    ignored,
  };
};
