import { namesCardSecret } from '#domain/card-numbers.ts';
import type { EventType, Variable } from '#domain/catalog/event-type.ts';
import { foldName } from '#domain/columns.ts';
import { EVENT_TIME } from '#features/history/definition-scope.ts';
import { RESERVED_NAMES } from '#features/rule-scope.ts';
import type { Report } from './report.ts';

/** Checks what a schema cannot see: that the names of an event type do not clash, and that its parts fit together. */
export const checkEventType = (eventType: EventType, report: Report): void => {
  checkNames(eventType, report);
  checkPeople(eventType, report);
  for (const [name, variable] of Object.entries(eventType.variables)) checkVariable(name, variable, eventType, report);
  checkLabels(eventType, report);
  checkColumns(eventType, report);
};

const checkNames = ({ entities, variables, features = {} }: EventType, report: Report): void => {
  const named: [string, string[]][] = [
    ...Object.keys(entities).map((name): [string, string[]] => [name, ['entities', name]]),
    ...Object.keys(variables).map((name): [string, string[]] => [name, ['variables', name]]),
    ...Object.keys(features).map((name): [string, string[]] => [name, ['features', name]]),
  ];
  for (const [name, path] of named) {
    if (RESERVED_NAMES.some((reserved) => reserved === name) || name.endsWith('_insightscore')) {
      report(path, `rules use $${name} for a score`, 'choose another name');
    }
    if (namesCardSecret(name)) {
      report(path, 'security codes and PINs are refused at the door', 'leave it out; the result of a check is fine');
    }
  }
  for (const name of Object.keys(variables)) {
    if (Object.hasOwn(entities, name)) {
      report(['variables', name], `'${name}' is a role, too`, 'give the role or the variable another name');
    }
  }
  for (const name of Object.keys(features)) {
    const other = [
      ...(Object.hasOwn(entities, name) ? ['a role'] : []),
      ...(Object.hasOwn(variables, name) ? ['a variable'] : []),
      ...(name === EVENT_TIME ? ["the event's time"] : []),
    ];
    if (other.length > 0) report(['features', name], `'${name}' is ${other[0]}, too`, 'give the feature another name');
  }
};

/** Whose originals are sealed must be a role of the event. */
const checkPeople = ({ entities, people = [], variables }: EventType, report: Report): void => {
  const roles = Object.keys(entities).join(', ') || 'none; declare one';
  for (const [index, role] of people.entries()) {
    if (!Object.hasOwn(entities, role))
      report(['people', index], `'${role}' is no role`, `name one of the roles: ${roles}`);
  }
  for (const [name, { personal }] of Object.entries(variables)) {
    if (typeof personal === 'object' && !Object.hasOwn(entities, personal.of)) {
      report(['variables', name, 'personal', 'of'], `'${personal.of}' is no role`, `name one of the roles: ${roles}`);
    }
  }
};

const checkVariable = (name: string, variable: Variable, { variables }: EventType, report: Report): void => {
  const at = (...rest: string[]) => ['variables', name, ...rest];
  if (variable.personal && variable.default !== undefined) {
    report(at('default'), 'a personal variable is a token, which its default is not', 'remove the default');
  }
  if ('min' in variable || 'max' in variable) {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, default: fallback } = variable;
    if (min > max) report(at('min'), 'min is above max', 'swap them');
    if (fallback !== undefined && (fallback < min || fallback > max)) {
      report(at('default'), 'the default is out of range', `choose one from ${min} to ${max}`);
    }
  }
  if (variable.type === 'money' && variable.currency !== undefined && !Object.hasOwn(variables, variable.currency)) {
    report(
      at('currency'),
      `there is no variable '${variable.currency}'`,
      'declare the variable that holds the currency',
    );
  }
};

const checkLabels = ({ labels }: EventType, report: Report): void => {
  const meanings = new Map<string, string>();
  for (const [label, values] of Object.entries(labels)) {
    for (const [index, value] of values.entries()) {
      const other = meanings.get(value.trim().toLowerCase());
      if (other !== undefined && other !== label) {
        report(['labels', label, String(index)], `'${value}' means '${other}', too`, 'let each value mean one label');
      }
      meanings.set(value.trim().toLowerCase(), label);
    }
  }
};

/** What a column may hold beside roles and variables: of events, and of feedback. */
const FIXED_PARTS = [
  'event_id',
  'occurred_at',
  'event_type',
  'entity_type',
  'entity_id',
  'kind',
  'value',
  'label',
  'action',
  'source',
  'happened_at',
  'said_at',
];

const checkColumns = ({ columns, entities, variables }: EventType, report: Report): void => {
  const parts = [...FIXED_PARTS, ...Object.keys(entities), ...Object.keys(variables)];
  const taken = new Map<string, string>();
  for (const [part, column] of Object.entries(columns)) {
    if (!parts.includes(part)) {
      report(['columns', part], `'${part}' is no role, variable or field`, `use one of ${parts.join(', ')}`);
    }
    const other = taken.get(foldName(column));
    if (other !== undefined) report(['columns', part], `'${other}' is in the same column`, 'name another column');
    taken.set(foldName(column), part);
  }
};
