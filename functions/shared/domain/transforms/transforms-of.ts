import type { EventType } from '../catalog/event-type.ts';
import type { Feature } from '../catalog/feature.ts';
import { canonicalJson } from '../content-hash.ts';
import type { Event, VariableValue } from '../event.ts';
import { TRANSFORMS, type Transform } from './transforms.ts';

/** A transform of an event type's variables, under its feature's name. */
export interface EventTransform {
  readonly name: string;
  readonly returns: Transform['returns'];
  /**
   * A variable it reads is personal. Then it is made at the door, where the original is, and stands among the event's
   * variables from there on; an event that came before the feature does not have it.
   */
  readonly atDoor: boolean;
  /** All that its values depend on, its name left out. */
  readonly canonical: string;
  /** From an event behind the door. */
  readonly value: (event: Pick<Event, 'variables'>) => VariableValue | undefined;
  /** From an event before the door, which has the originals. */
  readonly fromOriginals: (variables: Event['variables']) => VariableValue | undefined;
}

type Typed = Pick<EventType, 'features' | 'variables'>;

/** Every transform among the features of an event type that is fit to be used; the catalog's check tells of others. */
export const transformsOf = ({ features = {}, variables }: Typed): readonly EventTransform[] =>
  Object.entries(features).flatMap(([name, feature]) => transformOf(name, feature, variables) ?? []);

const transformOf = (name: string, feature: Feature, variables: EventType['variables']): EventTransform | undefined => {
  const { transform, of = '', with: second, levels } = feature;
  if (transform === undefined || whyNot(feature, variables)) return undefined;
  const { returns, apply } = TRANSFORMS[transform];
  const read = second === undefined ? [of] : [of, second];
  const atDoor = read.some((variable) => variables[variable]?.personal);
  const fromOriginals = (values: Event['variables']): VariableValue | undefined => {
    const [text, other] = read.map((variable) => values[variable]);
    if (typeof text !== 'string') return undefined;
    return apply(text, { ...(typeof other === 'string' && { second: other }), ...(levels && { levels }) });
  };
  return {
    name,
    returns,
    atDoor,
    canonical: canonicalJson({ transform, of, with: second, levels, atDoor }),
    value: (event) => (atDoor ? event.variables[name] : fromOriginals(event.variables)),
    fromOriginals,
  };
};

/** What is wrong with a transform: the option at fault, and why. */
export interface TransformFault {
  readonly option: 'of' | 'with' | 'levels' | 'transform';
  readonly problem: string;
  readonly remedy: string;
}

/** Why a transform cannot be used with these variables; undefined when it can. @param feature - has `transform`. */
export const whyNot = (feature: Feature, variables: EventType['variables']): TransformFault | undefined => {
  const { transform, of, with: second, levels } = feature;
  if (transform === undefined) return undefined;
  const definition = TRANSFORMS[transform];
  const wrong =
    faultOf('of', of, definition.of, variables) ??
    (definition.with ? faultOf('with', second, definition.with, variables) : strayOf('with', second, transform)) ??
    (definition.levels ? undefined : strayOf('levels', levels, transform));
  if (wrong) return wrong;
  if (definition.tells && variables[of!]?.personal && !levels) {
    return {
      option: 'of',
      problem: `'${of}' is personal, and ${transform} would tell its value`,
      remedy: definition.levels ? "name the values that may be told with 'levels'" : 'use another transform',
    };
  }
  return undefined;
};

const faultOf = (
  option: 'of' | 'with',
  name: string | undefined,
  types: readonly string[],
  variables: EventType['variables'],
): TransformFault | undefined => {
  if (name === undefined) return { option, problem: 'this is missing', remedy: 'name the variable' };
  const fit = Object.keys(variables).filter((candidate) => types.includes(variables[candidate]!.type));
  if (fit.includes(name)) return undefined;
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return {
    option,
    problem: variable
      ? `'${name}' is of type ${variable.type}, which this transform does not take`
      : `the event type has no variable '${name}'`,
    remedy: fit.length > 0 ? `use one of ${fit.join(', ')}` : `declare a variable of type ${types.join(' or ')}`,
  };
};

const strayOf = (option: 'with' | 'levels', value: unknown, transform: string): TransformFault | undefined =>
  value === undefined ? undefined : { option, problem: `${transform} takes no '${option}'`, remedy: 'remove it' };

/**
 * The transforms of personal variables, from the originals: what goes on behind the door beside their tokens.
 *
 * @param variables - of the event before the door.
 */
export const doorValuesOf = (variables: Event['variables'], eventType: Typed): Record<string, VariableValue> => {
  const values: Record<string, VariableValue> = {};
  for (const { name, fromOriginals } of atDoorOf(eventType)) {
    const value = fromOriginals(variables);
    if (value !== undefined) values[name] = value;
  }
  return values;
};

/** Found once for each event type, since every event asks. */
const AT_DOOR = new WeakMap<Typed, readonly EventTransform[]>();

const atDoorOf = (eventType: Typed): readonly EventTransform[] => {
  const found = AT_DOOR.get(eventType) ?? transformsOf(eventType).filter(({ atDoor }) => atDoor);
  AT_DOOR.set(eventType, found);
  return found;
};
