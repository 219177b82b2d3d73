import type { EventType } from '#domain/catalog/event-type.ts';
import type { Event } from '#domain/event.ts';
import type { RuleVariable } from '#rules/compile.ts';
import type { Features } from '../values.ts';
import { type KeyedProfile, placedInProfiles } from './compile-profiles.ts';
import { createResolver, type ResolvedFeatures } from './definition-resolve.ts';
import type { WindowDefinition } from './definition-window.ts';
import { deriverOf, type FeatureValues } from './derived.ts';
import type { HistoryPlan, Profile, WindowFeature } from './plan.ts';

/** All that is known of an event type's features, ready to be computed. */
export interface FeaturePlan {
  /** What is read of history, and what the type's events add to it. */
  readonly history: HistoryPlan;
  /** What the features are to rules, by name, in the order of their definitions. */
  readonly variables: ReadonlyMap<string, RuleVariable>;
  /**
   * All features of an event, in the order of their definitions: null where one cannot be computed. Pure; never throws.
   *
   * @param windows - values of the features over history; one that is absent, or null, is missing.
   */
  readonly evaluate: (event: Event, windows: Features) => Features;
}

/**
 * The plan of every event type of a catalog, by name: also of those without features, whose events others may read.
 *
 * What a feature cannot be computed from leaves it out; the catalog's check has told of it.
 */
export const featurePlansOf = (eventTypes: Iterable<EventType>): ReadonlyMap<string, FeaturePlan> => {
  const byName = new Map([...eventTypes].map((eventType) => [eventType.eventType, eventType]));
  const resolve = createResolver(byName);
  const resolved = [...byName.values()].map((eventType) => resolve(eventType, () => undefined));
  const placed = placedInProfiles(resolved.flatMap(({ eventType, windows }) => windows.map(of(eventType))));
  const profiles = [...new Map(placed.map(({ profile }) => [profile.hash, profile])).values()].sort(byHash);
  return new Map(
    resolved.map((features) => {
      const { eventType } = features.eventType;
      const own = placed.filter(({ window }) => window.reader === eventType);
      const history = {
        reads: profiles.filter(({ hash }) => own.some(({ profile }) => profile.hash === hash)),
        moves: profiles.filter((profile) => profile.eventType === eventType),
        features: inOrder(own.map(windowFeatureOf), features),
      };
      return [eventType, { history, variables: features.variables, evaluate: evaluatorOf(features) }];
    }),
  );
};

/** A definition, with the event type whose feature it is. */
type OwnedWindow = WindowDefinition & { readonly reader: string };

const of =
  ({ eventType }: EventType) =>
  (window: WindowDefinition): OwnedWindow => ({ ...window, reader: eventType });

const byHash = (left: Profile, right: Profile): number => (left.hash < right.hash ? -1 : 1);

const windowFeatureOf = ({
  profile,
  keys,
  window,
}: KeyedProfile & { readonly window: OwnedWindow }): WindowFeature => ({
  name: window.name,
  profile: profile.hash,
  roles: window.roles,
  windowMs: window.windowMs,
  delayMs: window.delayMs,
  includesCurrent: window.includesCurrent,
  reading: window.readingOf(window.columns.map(({ canonical }) => keys.get(canonical)!)),
});

/** In the order of the definitions. */
const inOrder = (features: readonly WindowFeature[], { windows }: ResolvedFeatures): readonly WindowFeature[] =>
  windows.map(({ name }) => features.find((feature) => feature.name === name)!);

const evaluatorOf = ({ scope, windows, transforms, derived, variables }: ResolvedFeatures): FeaturePlan['evaluate'] => {
  // Copied for every event, which is much faster than to add names one by one.
  const nothing: Readonly<FeatureValues> = Object.fromEntries([...variables.keys()].map((name) => [name, null]));
  const overHistory = windows.map(({ name }) => name);
  const derive = deriverOf(derived, scope, variables);
  return (event, given) => {
    const values = { ...nothing };
    // No feature can have a name that every object has.
    for (const name of overHistory) values[name] = given[name] ?? null;
    for (const { name, value } of transforms) values[name] = value(event) ?? null;
    derive(event, values);
    return values;
  };
};
