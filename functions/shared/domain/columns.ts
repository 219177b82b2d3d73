import { type AdmissionProblem, problemList } from './admission-reasons.ts';
import { namesCardSecret } from './card-numbers.ts';
import type { EventType } from './catalog/event-type.ts';
import { showableName } from './field-problems.ts';

/** What a column of a file, or a key of a flat object, holds. `part` is where in an event or feedback entry it goes. */
export interface Target {
  readonly part: 'top' | 'entities' | 'variables' | 'entity';
  readonly name: string;
}

/** Where each column of a file goes. */
export interface ColumnPlan {
  /** In the header's order; undefined for a column that is left out. */
  readonly targets: readonly (Target | undefined)[];
  /** Names of the columns that are left out, as they stand in the header. */
  readonly ignored: readonly string[];
}

export type ResolvedColumns =
  | { readonly ok: true; readonly plan: ColumnPlan }
  | { readonly ok: false; readonly problems: readonly AdmissionProblem[] };

/** Column names are the same whatever their case, their spaces and how accented letters are composed. */
export const foldName = (name: string): string => name.normalize('NFC').trim().toLowerCase().replace(/\s+/g, '_');

/** Targets by folded name. */
export type Vocabulary = ReadonlyMap<string, Target>;

const top = (name: string): Target => ({ part: 'top', name });

/**
 * Names that are understood as they are, in Assay's and in Amazon Fraud Detector's spelling. Of a file of events,
 * Fraud Detector's `EVENT_LABEL` and `LABEL_TIMESTAMP` are left out: labels are feedback.
 */
const EVENT_NAMES: Readonly<Record<string, Target>> = {
  event_id: top('eventId'),
  eventid: top('eventId'),
  event_type: top('eventType'),
  eventtype: top('eventType'),
  eventtypename: top('eventType'),
  occurred_at: top('occurredAt'),
  occurredat: top('occurredAt'),
  event_timestamp: top('occurredAt'),
  eventtimestamp: top('occurredAt'),
  entity_type: { part: 'entity', name: 'entityType' },
  entity_id: { part: 'entity', name: 'entityId' },
};

const FEEDBACK_NAMES: Readonly<Record<string, Target>> = {
  event_id: top('eventId'),
  eventid: top('eventId'),
  event_type: top('eventType'),
  eventtype: top('eventType'),
  eventtypename: top('eventType'),
  kind: top('kind'),
  value: top('value'),
  label: top('label'),
  event_label: top('label'),
  assignedlabel: top('label'),
  action: top('action'),
  source: top('source'),
  happened_at: top('happenedAt'),
  happenedat: top('happenedAt'),
  event_timestamp: top('happenedAt'),
  eventtimestamp: top('happenedAt'),
  said_at: top('saidAt'),
  saidat: top('saidAt'),
  label_timestamp: top('saidAt'),
  labeltimestamp: top('saidAt'),
};

const eventVocabularies = new WeakMap<EventType, Vocabulary>();

/** What the columns of a file of such events may be called. The event type's own mapping replaces the usual names. */
export const eventVocabularyOf = (eventType: EventType): Vocabulary => {
  const known = eventVocabularies.get(eventType);
  if (known) return known;
  const own: [string, Target][] = [
    ...Object.keys(eventType.entities).map((name): [string, Target] => [name, { part: 'entities', name }]),
    ...Object.keys(eventType.variables).map((name): [string, Target] => [name, { part: 'variables', name }]),
  ];
  const vocabulary = mapped(new Map([...Object.entries(EVENT_NAMES), ...own]), eventType.columns);
  eventVocabularies.set(eventType, vocabulary);
  return vocabulary;
};

/** What the columns of a file of feedback may be called. */
export const feedbackVocabularyOf = ({ columns }: EventType): Vocabulary =>
  mapped(new Map(Object.entries(FEEDBACK_NAMES)), columns);

/** A vocabulary in which what the event type maps has its own name and no other. */
const mapped = (usual: Vocabulary, columns: Readonly<Record<string, string>>): Vocabulary => {
  const own = Object.entries(columns)
    .map(([holds, column]): [string, Target | undefined] => [foldName(column), usual.get(holds)])
    .filter((entry): entry is [string, Target] => entry[1] !== undefined);
  const replaced = new Set(own.map(([, target]) => targetKey(target)));
  return new Map([...[...usual].filter(([, target]) => !replaced.has(targetKey(target))), ...own]);
};

const targetKey = ({ part, name }: Target): string => `${part}.${name}`;

/**
 * Where a name of the input goes.
 *
 * @param secrets - part that names of a card's secrets go to, where admission finds and refuses them.
 */
export const targetOf = (
  name: string,
  vocabulary: Vocabulary,
  secrets: 'variables' | 'top' = 'variables',
): Target | undefined =>
  vocabulary.get(foldName(name)) ?? (namesCardSecret(name) ? { part: secrets, name } : undefined);

/**
 * Plans how the rows of a file of events are read.
 *
 * @returns problems when two columns hold the same thing, or when one is missing without which every row would be
 * refused: event id, time, a role, a required variable.
 */
export const resolveColumns = (header: readonly string[], eventType: EventType): ResolvedColumns => {
  const { entities, variables } = eventType;
  const vocabulary = eventVocabularyOf(eventType);
  const roles = Object.keys(entities).map((name): Target => ({ part: 'entities', name }));
  const required = Object.entries(variables)
    .filter(([, variable]) => variable.required)
    .map(([name]): Target => ({ part: 'variables', name }));
  const namesEntity = header.some((name) => targetOf(name, vocabulary)?.part === 'entity');
  const needed = [top('eventId'), top('occurredAt'), ...(namesEntity ? [] : roles), ...required];
  const targets = header.map((name) => targetOf(name, vocabulary));
  return resolve(header, targets, vocabulary, needed);
};

/** Plans how the rows of a file of feedback are read: as {@link resolveColumns}, with only the event id required. */
export const resolveFeedbackColumns = (header: readonly string[], eventType: EventType): ResolvedColumns => {
  const vocabulary = feedbackVocabularyOf(eventType);
  const targets = header.map((name) => targetOf(name, vocabulary, 'top'));
  return resolve(header, targets, vocabulary, [top('eventId')]);
};

const resolve = (
  header: readonly string[],
  targets: readonly (Target | undefined)[],
  vocabulary: Vocabulary,
  needed: readonly Target[],
): ResolvedColumns => {
  const { problems, add } = problemList();
  const seen = new Set<string>();
  for (const [index, target] of targets.entries()) {
    const key = target ? targetKey(target) : `ignored.${foldName(header[index]!)}`;
    // Unnamed columns, as spreadsheets leave them at the end, are left out however many they are.
    if (seen.has(key) && key !== 'ignored.') {
      add(showableName(header[index]!), 'duplicate_headers', 'another column holds the same; rename or remove one');
    }
    seen.add(key);
  }
  for (const target of needed) {
    if (!seen.has(targetKey(target))) add(columnNameOf(target, vocabulary), 'missing_column', 'add this column');
  }
  if (problems.length > 0) return { ok: false, problems };
  const ignored = header.filter((name, index) => targets[index] === undefined && name !== '');
  return { ok: true, plan: { targets, ignored } };
};

/** What to call a column that is missing. */
const columnNameOf = (target: Target, vocabulary: Vocabulary): string =>
  [...vocabulary].find(([, candidate]) => targetKey(candidate) === targetKey(target))?.[0] ?? target.name;

/** What admission reads: the parts of an event or feedback entry under their own names. */
export interface RawParts {
  readonly top: Record<string, unknown>;
  readonly entities: Record<string, unknown>;
  readonly variables: Record<string, unknown>;
  readonly entity: Record<string, unknown>;
}

/** Parts without a prototype, so that no name of the input can reach one. */
export const emptyParts = (): RawParts => ({
  top: Object.create(null),
  entities: Object.create(null),
  variables: Object.create(null),
  entity: Object.create(null),
});

/** A CSV row as an object that `admitEvent` and `admitFeedback` take. Empty cells are missing. */
export const rowOf = (plan: ColumnPlan, cells: readonly string[]): object => {
  const parts = emptyParts();
  for (const [index, target] of plan.targets.entries()) {
    const cell = cells[index];
    if (target && cell !== undefined && cell !== '') parts[target.part][target.name] = cell;
  }
  const { top: fields, entities, variables, entity } = parts;
  const named = Object.keys(entity).length > 0 ? [entity] : entities;
  return {
    ...fields,
    ...(plan.targets.some((target) => target && target.part !== 'top') && { entities: named, variables }),
  };
};
