import { DAY_MS } from './habits.ts';
import type { Random } from './random.ts';

export type LabelValue = 'fraud' | 'legit';
export type LabelSource = 'chargeback' | 'customer_report' | 'analyst' | 'customer_confirmation';

/** What somebody says a payment turned out to be, and when they say so. */
export interface SimulatedLabel {
  readonly eventId: string;
  readonly value: LabelValue;
  readonly source: LabelSource;
  /** Time of the payment, and time of being told; milliseconds since 1970. */
  readonly happenedAt: number;
  readonly saidAt: number;
}

/** Median delay in days, deviation of its logarithm, and part of the frauds that come to light this way. */
const WAYS = {
  chargeback: { medianDays: 18, sigma: 0.6, share: 62 },
  customer_report: { medianDays: 3, sigma: 1, share: 26 },
  analyst: { medianDays: 1, sigma: 0.8, share: 12 },
} as const;

/** The time that card schemes give to dispute a payment. */
const LONGEST_DELAY_DAYS = 120;

/** Part of the frauds that nobody ever reports, and part that an analyst takes for legitimate. */
const NEVER_SAID = 0.06;
const WRONGLY_LEGIT = 0.02;
/** Part of the legitimate payments whose customer is asked and confirms; the rest is legitimate by silence. */
const CONFIRMED = 0.005;
/** Legitimate payments disputed as fraud, as a part of all frauds; an analyst puts every other one right. */
const WRONGLY_FRAUD_PER_FRAUD = 0.04;

/**
 * The labels of one payment in the order they are said; most payments have none.
 *
 * @param fraudRate - share of fraud among all payments, so that false reports stay a fixed part of the true ones.
 */
export const labelsFor = (
  payment: { readonly eventId: string; readonly at: number; readonly fraud: boolean },
  fraudRate: number,
  random: Random,
): readonly SimulatedLabel[] => {
  const { eventId, at, fraud } = payment;
  const say = (value: LabelValue, source: LabelSource, delayDays: number): SimulatedLabel => ({
    eventId,
    value,
    source,
    happenedAt: at,
    saidAt: at + Math.round(Math.min(LONGEST_DELAY_DAYS, delayDays) * DAY_MS),
  });
  const fate = random.unit();

  if (fraud) {
    if (fate < NEVER_SAID) return [];
    if (fate < NEVER_SAID + WRONGLY_LEGIT) return [say('legit', 'analyst', delayOf('analyst', random))];
    return [reported(say, random)];
  }
  const disputed = fraudRate * WRONGLY_FRAUD_PER_FRAUD;
  if (fate < disputed) {
    const wrong = reported(say, random);
    const rightAfter = (wrong.saidAt - at) / DAY_MS + random.logNormal(12, 0.5);
    return random.chance(0.5) ? [wrong, say('legit', 'analyst', rightAfter)] : [wrong];
  }
  return fate < disputed + CONFIRMED ? [say('legit', 'customer_confirmation', random.logNormal(0.5, 1))] : [];
};

type Say = (value: LabelValue, source: LabelSource, delayDays: number) => SimulatedLabel;

const reported = (say: Say, random: Random): SimulatedLabel => {
  const way = random.weighted({
    chargeback: WAYS.chargeback.share,
    customer_report: WAYS.customer_report.share,
    analyst: WAYS.analyst.share,
  });
  return say('fraud', way, delayOf(way, random));
};

const delayOf = (way: keyof typeof WAYS, random: Random): number =>
  random.logNormal(WAYS[way].medianDays, WAYS[way].sigma);
