/**
 * Scores that mean a fixed false-positive rate: the share of legitimate events at or above that score.
 *
 * Between two of them, the score moves evenly with the logarithm of the rate. From 975 on it rises likewise to 1000,
 * which stands for the least rate that the reference can show.
 */
export const SCORE_KNOTS = [
  { score: 0, rate: 1 },
  { score: 600, rate: 0.1 },
  { score: 700, rate: 0.07 },
  { score: 775, rate: 0.05 },
  { score: 860, rate: 0.03 },
  { score: 900, rate: 0.02 },
  { score: 950, rate: 0.01 },
  { score: 975, rate: 0.005 },
] as const;

/** Legitimate events that a rate must rest on: below ten, its binomial error is a third of it and more. */
export const LEAST_EVENTS = 10;

/** What a score needs of a reference set: margins, rising, and how many legitimate events lie at or above each. */
interface RatedMargins {
  readonly margins: readonly number[];
  readonly atOrAbove: readonly number[];
}

/** Far below one score, far above what rounding adds to a logarithm. */
const ROUNDING = 1e-9;

/** Least false-positive rate that so many legitimate reference events can show. */
export const leastRateOf = (events: number): number => Math.min(1, LEAST_EVENTS / events);

interface Knot {
  readonly score: number;
  readonly rate: number;
}

const between = (rate: number, low: Knot, high: Knot): number => {
  const way = Math.log(low.rate / rate) / Math.log(low.rate / high.rate);
  return low.score + way * (high.score - low.score);
};

/**
 * The score of a false-positive rate, rounded down, so that `score >= 900` holds at 2 % and below, not above.
 *
 * @param rate - above 0, at most 1.
 * @param leastRate - what the reference can show. Lower rates count as this one. A reference of 2,000 events or fewer
 *   shows no rate below 0.5 % and so gives no score above the one of its least rate.
 */
export const scoreOfRate = (rate: number, leastRate: number): number => {
  const shown = Math.min(1, Math.max(rate, leastRate));
  const last = SCORE_KNOTS.at(-1)!;
  const knots: readonly Knot[] =
    leastRate < last.rate ? [...SCORE_KNOTS, { score: 1000, rate: leastRate }] : SCORE_KNOTS;
  const above = knots.findIndex((knot, index) => index > 0 && shown >= knot.rate);
  const score = above < 0 ? last.score : between(shown, knots[above - 1]!, knots[above]!);
  return Math.min(1000, Math.max(0, Math.floor(score + ROUNDING)));
};

/** Greatest index whose margin is at most the one given; -1 when all are above. Margins rise. */
const lastAtOrBelow = (margins: readonly number[], margin: number): number => {
  let low = 0;
  let high = margins.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (margins[middle]! <= margin) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/**
 * The false-positive rate of acting at this margin and above, from the reference: above 0, at most 1, falling as the
 * margin rises. Its logarithm runs evenly between two knots.
 */
export const rateOf = (margin: number, { margins, atOrAbove }: RatedMargins): number => {
  const at = lastAtOrBelow(margins, margin);
  const events = atOrAbove[0]!;
  if (at < 0) return 1;
  const here = atOrAbove[at]! / events;
  const next = atOrAbove[at + 1];
  if (next === undefined) return here;
  const way = (margin - margins[at]!) / (margins[at + 1]! - margins[at]!);
  return here * (next / events / here) ** way;
};

/**
 * The score of a combined margin, a whole number from 0 to 1000 that never falls as the margin rises.
 *
 * @param margin - as `combine` gives it, before calibration, from the members that the set is for.
 */
export const scoreOf = (margin: number, set: RatedMargins): number =>
  scoreOfRate(rateOf(margin, set), leastRateOf(set.atOrAbove[0]!));
