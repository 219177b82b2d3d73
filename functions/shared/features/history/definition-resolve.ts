import type { EventType } from '#domain/catalog/event-type.ts';
import type { Report } from '#domain/catalog/report.ts';
import { type EventTransform, whyNot } from '#domain/transforms/transforms-of.ts';
import type { RuleVariable } from '#rules/compile.ts';
import { definitionOf } from './definition.ts';
import { type EventScope, eventScopeOf } from './definition-scope.ts';
import { type WindowDefinition, windowDefinitionOf } from './definition-window.ts';
import { type DerivedFeature, derivedFeaturesOf } from './derived.ts';

/** All features of an event type, their names resolved, before those over history have a place in profiles. */
export interface ResolvedFeatures {
  readonly eventType: EventType;
  readonly scope: EventScope;
  readonly windows: readonly WindowDefinition[];
  readonly transforms: readonly EventTransform[];
  /** Each behind those that it reads. */
  readonly derived: readonly DerivedFeature[];
  /** What rules see, by name, in the order of the definitions. */
  readonly variables: ReadonlyMap<string, RuleVariable>;
  /** What the tokens are made of, of those features whose values are tokens. */
  readonly tokenDomains: ReadonlyMap<string, string>;
}

/** Resolves the features of event types; those that cannot be computed are reported and left out. */
export type ResolveFeatures = (eventType: EventType, report: Report) => ResolvedFeatures;

/** Makes the resolver of a catalog. @param eventTypes - all of them, by name. */
export const createResolver = (eventTypes: ReadonlyMap<string, EventType>): ResolveFeatures => {
  const scopes = new Map<string, EventScope>();
  const sourceOf = (name: string): EventScope | undefined => {
    const eventType = eventTypes.get(name);
    const scope = scopes.get(name) ?? (eventType && eventScopeOf(eventType));
    if (scope) scopes.set(name, scope);
    return scope;
  };
  return (eventType, report) => {
    // A type that is about to be put in place of the one of its name is its own history.
    const own = eventTypes.get(eventType.eventType) === eventType ? undefined : eventScopeOf(eventType);
    const find = (name: string) => (name === eventType.eventType && own ? own : sourceOf(name));
    const scope = find(eventType.eventType)!;
    return resolved(eventType, scope, { eventType, sourceOf: find, eventTypes: [...eventTypes.keys()] }, report);
  };
};

/** Features of an event type as others of the catalog see them: what is wrong with them is told elsewhere. */
export const featuresIn = (
  eventTypes: ReadonlyMap<string, EventType>,
  eventType: EventType,
): Pick<ResolvedFeatures, 'variables' | 'tokenDomains'> => createResolver(eventTypes)(eventType, () => undefined);

const resolved = (
  eventType: EventType,
  scope: EventScope,
  around: Parameters<typeof windowDefinitionOf>[2],
  report: Report,
): ResolvedFeatures => {
  const windows: WindowDefinition[] = [];
  const transforms: EventTransform[] = [];
  const sources = new Map<string, string>();
  const variables = new Map<string, RuleVariable>();
  for (const [name, feature] of Object.entries(eventType.features ?? {})) {
    const definition = definitionOf(name, feature, report);
    if (definition?.sort === 'derived') sources.set(name, definition.source);
    if (definition?.sort === 'transform') {
      const fault = whyNot(feature, eventType.variables);
      if (fault) report(['features', name, fault.option], fault.problem, fault.remedy);
      const transform = scope.transform(name);
      if (!transform) continue;
      transforms.push(transform);
      variables.set(name, { type: transform.returns });
    }
    if (definition?.sort === 'window') {
      const window = windowDefinitionOf(name, definition, around, report);
      if (!window) continue;
      windows.push(window);
      variables.set(name, window.variable);
    }
  }
  const declared = Object.keys(eventType.features ?? {});
  const derived = derivedFeaturesOf(sources, { declared: new Set(declared), others: variables, scope }, report);
  for (const { name, variable } of derived) variables.set(name, variable);
  const inOrder = declared.flatMap((name): [string, RuleVariable][] => {
    const variable = variables.get(name);
    return variable ? [[name, variable]] : [];
  });
  const tokenDomains = new Map(
    windows.flatMap(({ name, tokenDomain }): [string, string][] => (tokenDomain ? [[name, tokenDomain]] : [])),
  );
  return { eventType, scope, windows, transforms, derived, variables: new Map(inOrder), tokenDomains };
};
