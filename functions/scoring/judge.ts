import type { Decision, Degradation, MemberAnswer } from '#domain/decision.ts';
import type { Event } from '#domain/event.ts';
import { fittingRules, outcomesOf, rungOf } from '#domain/judge-ladder.ts';
import { type ModelScores, ruleContextOf } from '#features/rule-context.ts';
import type { Features } from '#features/values.ts';
import { combine } from '#model/ensemble.ts';
import { logit } from '#model/logit.ts';
import { calibratedProbability, type Reference, referenceSetFor } from '#model/reference.ts';
import { scoreOf } from '#model/score.ts';
import { runRules } from '#rules/run-rules.ts';
import type { PreparedDetector } from './prepared-detector.ts';

/** Everything a verdict depends on. */
export interface Judgement {
  readonly event: Event;
  readonly features: Features;
  /** One for each member of the detector, in its order; without a probability where a member said nothing. */
  readonly answers: readonly MemberAnswer[];
  readonly prepared: PreparedDetector;
  /** The decision's clock, in epoch milliseconds. */
  readonly nowMs: number;
  /** What was missing before judging, and why. */
  readonly degraded: readonly Degradation[];
}

/** What is decided of an event: the part of a decision that follows from all the rest. */
export type Verdict = Pick<Decision, 'probability' | 'score' | 'lists' | 'rules' | 'outcomes' | 'rung' | 'degraded'>;

/**
 * Judges an event: combines what the members said, gives it a score by the reference for exactly those members, and
 * asks the rules. Pure: the same judgement gives the same verdict, a year later too.
 */
export const judge = ({ event, features, answers, prepared, nowMs, degraded }: Judgement): Verdict => {
  const { detector, lists, listVersions, scope } = prepared;
  const scores = scoresOf(answers, prepared);
  const context = ruleContextOf({ event, features, scores, scope, lists, nowMs });
  const result = prepared.rules && runRules(prepared.rules, detector.rules.mode, context);
  const rung = result ? rungOf(answers, prepared.rulesOnly) : 'fallback';
  return {
    ...(scores.probability !== undefined && { probability: scores.probability }),
    ...(scores.score !== undefined && { score: scores.score }),
    lists: { ...listVersions },
    rules: fittingRules([...(result?.evaluations ?? [])]),
    outcomes: outcomesOf(detector, rung, result?.outcomes ?? [], isBlind(degraded, prepared)),
    rung,
    degraded: [...degraded],
  };
};

/**
 * Whether what rules ask is missing: a list, as against an older version of it, or the reference, without which there
 * is no score.
 */
const isBlind = (degraded: readonly Degradation[], { listVersions }: PreparedDetector): boolean =>
  degraded.some(
    ({ what }) =>
      what === 'reference' || (what.startsWith('list:') && !Object.hasOwn(listVersions, what.slice('list:'.length))),
  );

/** Probability and score of the members that answered, together and each alone. */
const scoresOf = (answers: readonly MemberAnswer[], { detector, reference }: PreparedDetector): ModelScores => {
  const survivors = answers.flatMap(({ member: name, probability }) =>
    probability === undefined ? [] : [{ name, probability, weight: weightOf(detector.members, name) }],
  );
  if (survivors.length === 0) return { members: new Map() };
  const { margin, probability } = combine(survivors, detector.ensemble.combine);
  const set =
    reference &&
    referenceSetFor(
      reference,
      survivors.map(({ name }) => name),
    );
  return {
    probability: set ? calibratedProbability(margin, set.calibration) : probability,
    ...(set && { score: scoreOf(margin, set) }),
    members: reference ? memberScoresOf(survivors, reference) : new Map(),
  };
};

const weightOf = (members: PreparedDetector['detector']['members'], name: string): number | undefined =>
  members.find((member) => member.name === name)?.weight;

const memberScoresOf = (
  survivors: readonly { readonly name: string; readonly probability: number }[],
  reference: Reference,
): ReadonlyMap<string, number> =>
  new Map(
    survivors.flatMap(({ name, probability }) => {
      const set = referenceSetFor(reference, [name]);
      return set ? [[name, scoreOf(logit(probability), set)] as const] : [];
    }),
  );
