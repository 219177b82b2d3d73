import { describe, expect, test } from '@jest/globals';

import { labelsFor, type SimulatedLabel } from '../../../bin/simulation/labels.ts';
import { Random } from '../../../bin/simulation/random.ts';

const DAY_MS = 86_400_000;
const count = 20_000;

/** The labels of each of many payments that are all fraud, or all legitimate. */
const labelled = (fraud: boolean, fraudRate = 0.002): readonly (readonly SimulatedLabel[])[] => {
  const random = new Random(1, 'test');
  return Array.from({ length: count }, (_, index) =>
    labelsFor({ eventId: `e${index}`, at: 0, fraud }, fraudRate, random),
  );
};

const medianDelayDays = (labels: readonly SimulatedLabel[]): number => {
  const delays = labels
    .map(({ happenedAt, saidAt }) => (saidAt - happenedAt) / DAY_MS)
    .sort((one, other) => one - other);
  return delays[Math.floor(delays.length / 2)]!;
};

/** Three deviations of a share of so many. */
const margin = (share: number): number => 3 * Math.sqrt((share * (1 - share)) / count);

describe('labels of fraud', () => {
  const all = labelled(true);
  const fraud = all.flat().filter(({ value }) => value === 'fraud');

  test.each([
    { source: 'chargeback', days: 18 },
    { source: 'customer_report', days: 3 },
    { source: 'analyst', days: 1 },
  ])('come by $source after a median of $days days', ({ source, days }) => {
    const median = medianDelayDays(fraud.filter((label) => label.source === source));

    expect(Math.abs(median / days - 1)).toBeLessThan(0.1);
  });

  test('come after the payment and within the 120 days that card schemes give', () => {
    expect(fraud.every(({ happenedAt, saidAt }) => saidAt > happenedAt && saidAt <= 120 * DAY_MS)).toBe(true);
  });

  test('are missing for a few and wrong for fewer', () => {
    const never = all.filter((labels) => labels.length === 0).length / count;
    const wrong = all.flat().filter(({ value }) => value === 'legit').length / count;

    expect(Math.abs(never - 0.06)).toBeLessThan(margin(0.06));
    expect(Math.abs(wrong - 0.02)).toBeLessThan(margin(0.02));
  });
});

describe('labels of legitimate payments', () => {
  test('are few: silence means legitimate', () => {
    const confirmed =
      labelled(false)
        .flat()
        .filter(({ source }) => source === 'customer_confirmation').length / count;

    expect(Math.abs(confirmed - 0.005)).toBeLessThan(margin(0.005));
  });

  test('are sometimes wrong, and half of those are put right later', () => {
    // At the largest rate 0.2 · 0.04 = 0.8 % are disputed.
    const disputed = labelled(false, 0.2).filter(([label]) => label?.value === 'fraud');

    const corrected = disputed.filter((labels) => labels.length === 2);
    expect(Math.abs(disputed.length / count - 0.008)).toBeLessThan(margin(0.008));
    expect(Math.abs(corrected.length / disputed.length - 0.5)).toBeLessThan(3 * Math.sqrt(0.25 / disputed.length));
    expect(corrected.every(([wrong, right]) => right!.value === 'legit' && right!.saidAt >= wrong!.saidAt)).toBe(true);
  });
});
