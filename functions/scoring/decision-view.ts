import type { Catalog } from '#domain/catalog/catalog.ts';
import type { Decision } from '#domain/decision.ts';
import { type PublicDecision, publicDecisionOf } from '#domain/public-decision.ts';

/** A decision as the API shows it, with the sentences that its detector version has for its rules. */
export const viewOf = (
  decision: Decision,
  recorded: PublicDecision['recorded'],
  catalog: Catalog,
  explain: boolean,
): PublicDecision => {
  const rules = catalog.detector(decision.detector, decision.detectorVersion)?.rules.list ?? [];
  const describe = (rule: string): string | undefined => rules.find(({ id }) => id === rule)?.description;
  return publicDecisionOf(decision, { recorded, explain, describe });
};

/** The view of a decision that is on record. */
export const committedViewOf = (decision: Decision, catalog: Catalog, explain: boolean): PublicDecision =>
  viewOf(decision, 'committed', catalog, explain);
