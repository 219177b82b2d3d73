import type { Catalog } from '#domain/catalog/catalog.ts';
import { type FeaturePlan, featurePlansOf } from '#features/history/compile.ts';

/** The plan of an event type's features; undefined for one without, whose events nobody's features are over either. */
export type PlanFeatures = (catalog: Catalog, eventType: string) => FeaturePlan | undefined;

/** Compiles the features of each catalog once. */
export const createPlanner = (): PlanFeatures => {
  const kept = new WeakMap<Catalog, ReadonlyMap<string, FeaturePlan>>();
  return (catalog, eventType) => {
    const plans = kept.get(catalog) ?? plansOf(catalog);
    kept.set(catalog, plans);
    return plans.get(eventType);
  };
};

const plansOf = ({ snapshot }: Catalog): ReadonlyMap<string, FeaturePlan> => {
  const documents = Object.values(snapshot.eventTypes).map(({ document }) => document);
  // Most catalogs that have no features need no look at them.
  if (!documents.some(({ features }) => features)) return new Map();
  return new Map([...featurePlansOf(documents)].filter(([, plan]) => asksAnything(plan)));
};

const asksAnything = ({ history, variables }: FeaturePlan): boolean => history.moves.length > 0 || variables.size > 0;
