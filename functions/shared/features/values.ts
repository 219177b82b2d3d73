import type { Event, VariableValue } from '#domain/event.ts';

/** Features by name; null where one could not be computed. */
export type Features = Readonly<Record<string, VariableValue | null>>;

/**
 * What a model sees of an event: variables and features by name, and nothing in place of what is missing. The
 * defaults of the event type are for rules alone; a model learned what missing means.
 */
export const modelValuesOf = (event: Pick<Event, 'variables'>, features: Features): Features => ({
  ...event.variables,
  ...features,
});

/** The values of these inputs, in their order; undefined where there is none. */
export const rowOf = (inputs: readonly string[], values: Features): readonly (VariableValue | undefined)[] =>
  inputs.map((name) => (Object.hasOwn(values, name) ? (values[name] ?? undefined) : undefined));
