import type { EventType } from '#domain/catalog/event-type.ts';
import type { Event, VariableValue } from '#domain/event.ts';
import { type EventTransform, transformsOf } from '#domain/transforms/transforms-of.ts';
import type { RuleContext, RuleScope, RuleValue, RuleVariable } from '#rules/compile.ts';
import { RULE_TYPE } from '../variable-types.ts';

/** Name under which expressions of features have the event's time, unless a variable has that name. */
export const EVENT_TIME = 'occurred_at';

/** What an expression over one event may name, and how it is asked about an event. */
export interface EventScope {
  readonly eventType: EventType;
  readonly scope: RuleScope;
  /** The transform of that name, if it is one. */
  readonly transform: (name: string) => EventTransform | undefined;
  /** The event as the expression sees it; its clock is the event's time, so that a replay says the same. */
  readonly contextOf: (event: Event) => RuleContext;
}

/**
 * The scope of conditions over history: roles and personal variables as tokens, variables, transforms, and the event's
 * time as `$occurred_at`. No lists, which change. No defaults: they are for rules, and would make zero of what is
 * missing.
 */
export const eventScopeOf = (eventType: EventType): EventScope => {
  const transforms = new Map(transformsOf(eventType).map((transform) => [transform.name, transform]));
  const variables = new Map<string, RuleVariable>([
    [EVENT_TIME, { type: 'datetime' }],
    ...Object.keys(eventType.entities).map((role): [string, RuleVariable] => [role, { type: 'string', token: true }]),
    ...Object.entries(eventType.variables).map(([name, { type, personal }]): [string, RuleVariable] => [
      name,
      personal ? { type: 'string', token: true } : { type: RULE_TYPE[type] },
    ]),
    ...[...transforms].map(([name, { returns }]): [string, RuleVariable] => [name, { type: returns }]),
  ]);
  const readers = new Map([...variables.keys()].map((name) => [name, readerOf(name, eventType, transforms.get(name))]));
  return {
    eventType,
    scope: { variables, lists: new Set() },
    transform: (name) => transforms.get(name),
    contextOf: (event) => ({
      value: (name) => readers.get(name)?.(event),
      inList: () => undefined,
      nowMs: Date.parse(event.occurredAt),
    }),
  };
};

/** Reads what a name of the scope means of an event, as rules have it: datetimes as epoch milliseconds. */
const readerOf = (
  name: string,
  { entities, variables }: EventType,
  transform: EventTransform | undefined,
): ((event: Event) => RuleValue | undefined) => {
  if (transform) return transform.value;
  if (Object.hasOwn(entities, name)) return (event) => event.entities[name];
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (!variable) return (event) => Date.parse(event.occurredAt);
  return variable.type === 'datetime' && !variable.personal
    ? (event) => instantOf(event.variables[name])
    : (event) => event.variables[name];
};

/** Epoch milliseconds of a datetime as events have it. */
const instantOf = (value: VariableValue | undefined): number | undefined =>
  typeof value === 'string' ? Date.parse(value) : undefined;

/** What a name of the scope is, transforms apart: what state depends on when it is made of its values. */
export const describeName = (name: string, { eventType: { entities, variables } }: EventScope): string => {
  if (Object.hasOwn(entities, name)) return `role of kind ${entities[name]}`;
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (!variable) return 'time of the event';
  return variable.personal ? `token of ${variable.type}` : variable.type;
};
