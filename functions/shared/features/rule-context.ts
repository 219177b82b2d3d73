import type { Event } from '#domain/event.ts';
import type { RuleContext, RuleScope, RuleValue } from '#rules/compile.ts';
import type { Features } from './values.ts';

/** A list ready for look-ups: each value, and the epoch milliseconds until which it counts. */
export type ListValues = ReadonlyMap<string, number>;

/** What the models said, under the names that rules have for it. */
export interface ModelScores {
  readonly probability?: number;
  readonly score?: number;
  /** Score of each member that answered and has a reference of its own, by member. */
  readonly members: ReadonlyMap<string, number>;
}

/** All that a rule may ask about. */
export interface RuleInputs {
  readonly event: Event;
  readonly features: Features;
  readonly scores: ModelScores;
  readonly scope: RuleScope;
  readonly lists: ReadonlyMap<string, ListValues>;
  readonly nowMs: number;
}

/** Name of a member's score in rules, as Amazon Fraud Detector has it. */
export const insightScoreName = (member: string): string => `${member}_insightscore`;

/**
 * An event as rules see it: tokens of its entities by role, variables, features, the scores of the members, `score`
 * and `probability`. What is missing is undefined here; the default of the scope stands in for it.
 */
export const ruleContextOf = ({ event, features, scores, scope, lists, nowMs }: RuleInputs): RuleContext => {
  const values = new Map<string, RuleValue | undefined>([
    ...Object.entries(event.entities),
    ...Object.entries(event.variables).map(([name, value]) => [name, instantOr(value, name, scope)] as const),
    ...Object.entries(features).map(([name, value]) => [name, instantOr(value, name, scope)] as const),
    ...[...scores.members].map(([member, score]) => [insightScoreName(member), score] as const),
    ['score', scores.score],
    ['probability', scores.probability],
  ]);
  return {
    value: (name) => values.get(name),
    inList: (list, value) => {
      const entries = lists.get(list);
      return entries && (entries.get(String(value)) ?? Number.NEGATIVE_INFINITY) > nowMs;
    },
    nowMs,
  };
};

/** Datetimes are ISO strings in events and epoch milliseconds in rules. */
const instantOr = (value: RuleValue, name: string, scope: RuleScope): RuleValue =>
  typeof value === 'string' && scope.variables.get(name)?.type === 'datetime' ? Date.parse(value) : value;
