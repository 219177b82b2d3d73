import type { Catalog } from '#domain/catalog/catalog.ts';
import { type FeaturePlan, featurePlansOf } from '#features/history/compile.ts';
import { untoldRates } from '#features/history/rates.ts';

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
  return new Map(
    [...featurePlansOf(documents)].flatMap(([eventType, plan]) =>
      asksAnything(plan) ? [[eventType, withoutLabels(plan)] as const] : [],
    ),
  );
};

/** Feedback moves no pages: a rate without its labels would be a wrong one, not a low one, and so it is missing. */
const withoutLabels = (plan: FeaturePlan): FeaturePlan => {
  const untold = untoldRates(plan.history, ({ kind }) => kind !== 'labelled');
  if (untold.length === 0) return plan;
  const missing = Object.fromEntries(untold.map((name) => [name, null]));
  return { ...plan, evaluate: (event, windows) => plan.evaluate(event, { ...windows, ...missing }) };
};

const asksAnything = ({ history, variables }: FeaturePlan): boolean => history.moves.length > 0 || variables.size > 0;
