import type { Decision } from '#domain/decision.ts';
import type { CountMetric, Metrics } from '#ports/telemetry.ts';

/** Names are a team's own and without bound; a metric for each would be, too. */
const OUTCOME_METRICS: ReadonlyMap<string, CountMetric> = new Map([
  ['approve', 'OutcomesApprove'],
  ['review', 'OutcomesReview'],
  ['decline', 'OutcomesDecline'],
]);

/** Counts new decisions by outcome, and those that were made without something. */
export const countDecisions = (decisions: readonly Decision[], metrics: Metrics): void => {
  const byMetric = Map.groupBy(
    decisions.flatMap(({ outcomes }) => outcomes),
    (outcome) => OUTCOME_METRICS.get(outcome) ?? 'OutcomesOther',
  );
  for (const [metric, outcomes] of byMetric) metrics.count(metric, outcomes.length);
  if (decisions.length > 0) metrics.count('DecisionsMade', decisions.length);
  const degraded = decisions.filter((decision) => decision.degraded.length > 0).length;
  if (degraded > 0) metrics.count('DecisionsDegraded', degraded);
};
