/**
 * Smallest distance that a probability keeps from 0 and from 1 before it becomes a logit.
 *
 * Endpoints print probabilities with few digits, so 0 and 1 do arrive. One member that says so must not outvote all
 * others for ever: 1e-9 bounds a logit to about ±20.7.
 */
export const LEAST_PROBABILITY = 1e-9;

/** The probability, kept within {@link LEAST_PROBABILITY} of neither 0 nor 1. */
export const clampProbability = (probability: number): number =>
  Math.min(Math.max(probability, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);

/** Log-odds of a probability from 0 to 1, always finite: see {@link LEAST_PROBABILITY}. */
export const logit = (probability: number): number => {
  const p = clampProbability(probability);
  return Math.log(p) - Math.log1p(-p);
};

/** Probability of log-odds; exact at both ends, where `1 / (1 + exp(-x))` would lose digits. */
export const sigmoid = (margin: number): number => {
  if (margin >= 0) return 1 / (1 + Math.exp(-margin));
  const odds = Math.exp(margin);
  return odds / (1 + odds);
};
