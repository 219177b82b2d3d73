import type { Detector } from '#domain/catalog/detector.ts';
import type { EventType, Variable } from '#domain/catalog/event-type.ts';
import type { RuleScope, RuleVariable } from '#rules/compile.ts';
import { insightScoreName } from './rule-context.ts';
import { RULE_TYPE } from './variable-types.ts';

/** Names that the rules of every detector have, and nothing else may have. */
export const RESERVED_NAMES = ['score', 'probability'] as const;

/**
 * What the rules of a detector may name.
 *
 * - Entities by role and personal variables are tokens: rules may compare them and look them up, not read them.
 * - Variables have the type and the default of the event type.
 * - `$score` (0 to 1000) and `$probability` (0 to 1) are the whole detector's.
 * - `$<member>_insightscore` is the score, 0 to 1000, that the member alone would give: missing while the member does
 *   not answer, and for detectors without a reference for it.
 *
 * - Features are what `FeaturePlan.variables` says; they have no defaults.
 *
 * @param lists - names of the lists of the catalog.
 * @param features - of the event type, by name.
 */
export const ruleScopeOf = (
  { entities, variables }: Pick<EventType, 'entities' | 'variables'>,
  { members }: Pick<Detector, 'members'>,
  lists: Iterable<string>,
  features: ReadonlyMap<string, RuleVariable> = new Map(),
): RuleScope => ({
  variables: new Map<string, RuleVariable>([
    ...Object.keys(entities).map((role): [string, RuleVariable] => [role, { type: 'string', token: true }]),
    ...Object.entries(variables).map(([name, variable]): [string, RuleVariable] => [name, ruleVariableOf(variable)]),
    ...features,
    ...members.map(({ name }): [string, RuleVariable] => [insightScoreName(name), { type: 'number' }]),
    ...RESERVED_NAMES.map((name): [string, RuleVariable] => [name, { type: 'number' }]),
  ]),
  lists: new Set(lists),
});

const ruleVariableOf = (variable: Variable): RuleVariable => {
  // The default would be compared with tokens; the catalog's check refuses one.
  if (variable.personal) return { type: 'string', token: true };
  const type = RULE_TYPE[variable.type];
  if (variable.default === undefined) return { type };
  return { type, default: variable.type === 'datetime' ? Date.parse(variable.default) : variable.default };
};
