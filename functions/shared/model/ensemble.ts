import { logit, sigmoid } from './logit.ts';
import { ModelError } from './model-error.ts';

/** How members' answers become one: the mean of their log-odds, the mean by weight, or the highest. */
export const COMBINE_METHODS = ['mean_logit', 'weighted', 'max'] as const;
export type CombineMethod = (typeof COMBINE_METHODS)[number];

/** What one surviving member said. */
export interface EnsembleAnswer {
  readonly name: string;
  readonly probability: number;
  /** Above 0; counts for `weighted` alone. Absent: 1. */
  readonly weight?: number;
}

export interface Combined {
  /** Log-odds, before calibration. Finite. */
  readonly margin: number;
  /** Probability of that margin, before calibration. */
  readonly probability: number;
}

export type CheckedProbability =
  | { readonly ok: true; readonly probability: number }
  | { readonly ok: false; readonly reason: 'not_a_number' | 'not_finite' | 'out_of_range' };

/** Takes a member's answer for a probability only if it is a finite number from 0 to 1. */
export const checkProbability = (answer: unknown): CheckedProbability => {
  if (typeof answer !== 'number') return { ok: false, reason: 'not_a_number' };
  if (!Number.isFinite(answer)) return { ok: false, reason: 'not_finite' };
  if (answer < 0 || answer > 1) return { ok: false, reason: 'out_of_range' };
  return { ok: true, probability: answer };
};

/**
 * One margin from the log-odds of one or more members, in one order. Weights are divided by their sum over the
 * members given, so those that are missing leave no trace.
 */
export const combineMargins = (
  margins: ArrayLike<number>,
  weights: ArrayLike<number>,
  method: CombineMethod,
): number => {
  let most = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let total = 0;
  for (let member = 0; member < margins.length; member += 1) {
    const weight = method === 'weighted' ? weights[member]! : 1;
    most = Math.max(most, margins[member]!);
    sum += weight * margins[member]!;
    total += weight;
  }
  return method === 'max' ? most : sum / total;
};

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : Number(a.name > b.name);

const checkAnswers = (answers: readonly EnsembleAnswer[]): void => {
  if (answers.length === 0) throw new ModelError('no member answered, so there is nothing to combine');
  answers.forEach(({ name, probability, weight = 1 }, index) => {
    if (answers[index - 1]?.name === name) throw new ModelError(`member '${name}' answers twice; name members apart`);
    if (!checkProbability(probability).ok) {
      throw new ModelError(`member '${name}' answers no probability; check answers with checkProbability first`);
    }
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new ModelError(`member '${name}' has a weight that is not above 0; give it one, or leave it out`);
    }
  });
};

/**
 * Combines the answers of the members that survived. Their order is irrelevant, to the last bit.
 *
 * @throws {ModelError} without answers, for two answers of one name, a weight not above 0, or an answer that
 *   {@link checkProbability} refuses.
 */
export const combine = (answers: readonly EnsembleAnswer[], method: CombineMethod): Combined => {
  const sorted = [...answers].sort(byName);
  checkAnswers(sorted);
  const margin = combineMargins(
    sorted.map(({ probability }) => logit(probability)),
    sorted.map(({ weight = 1 }) => weight),
    method,
  );
  return { margin, probability: sigmoid(margin) };
};
