/**
 * Average precision: the area under the precision-recall steps, each threshold counted once.
 *
 * Ties share one threshold, so the answer does not depend on the order of equal scores. O(n + d log d) for d different
 * scores.
 *
 * @param scores - higher means more suspicious; none may be NaN.
 * @returns Σ (R_i − R_(i−1)) · P_i over falling thresholds; the share of positives for a constant score.
 */
export const averagePrecision = (scores: readonly number[], positive: readonly boolean[]): number => {
  const byScore = new Map<number, { all: number; positives: number }>();
  scores.forEach((score, index) => {
    const group = byScore.get(score) ?? { all: 0, positives: 0 };
    group.all++;
    group.positives += Number(positive[index]);
    byScore.set(score, group);
  });
  const positives = positive.filter(Boolean).length;
  let [found, seen, area] = [0, 0, 0];
  for (const [, group] of [...byScore].sort(([one], [other]) => other - one)) {
    found += group.positives;
    seen += group.all;
    area += (group.positives / positives) * (found / seen);
  }
  return area;
};
