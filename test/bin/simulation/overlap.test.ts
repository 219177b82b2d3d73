import { beforeAll, describe, expect, test } from '@jest/globals';

import type { SimulationInput } from '../../../bin/simulation/options.ts';
import { VARIABLE_NAMES } from '../../../bin/simulation/records.ts';
import type { SimulatedPayment } from '../../../bin/simulation/simulate.ts';
import { averagePrecision } from './average-precision.ts';
import { paymentsOf } from './collect.ts';

type Column = readonly (string | number | boolean | null)[];

let payments: readonly SimulatedPayment[];
let frauds: readonly boolean[];

const simulate = async (options: SimulationInput): Promise<void> => {
  payments = await paymentsOf(options);
  frauds = payments.map(({ fraud }) => fraud);
};

const columnOf = (name: (typeof VARIABLE_NAMES)[number]): Column => payments.map(({ variables }) => variables[name]);

/** The best that one variable's ranking can do: either direction, missing values first or last. */
const bestByNumber = (column: Column): number => {
  const rankings = [1, -1].flatMap((direction) =>
    [-1e12, 1e12].map((missing) => column.map((value) => (value === null ? missing : direction * Number(value)))),
  );
  return Math.max(...rankings.map((ranking) => averagePrecision(ranking, frauds)));
};

/** Ranks by the fraud rate of each category in the very same data: kinder to the category than life is. */
const byRate = (column: Column): number => {
  const rates = new Map<unknown, { frauds: number; all: number }>();
  column.forEach((value, index) => {
    const rate = rates.get(value) ?? { frauds: 0, all: 0 };
    rates.set(value, { frauds: rate.frauds + Number(frauds[index]), all: rate.all + 1 });
  });
  const ranking = column.map((value) => rates.get(value)!.frauds / rates.get(value)!.all);
  return averagePrecision(ranking, frauds);
};

const NUMBERS = [
  'amount',
  'distance_km',
  'card_age_days',
  'device_age_days',
  'attempt_count',
  'items',
  'local_hour',
] as const;
// An e-mail address names a person, as the roles do; what it says of itself is its domain.
const CATEGORIES = VARIABLE_NAMES.filter((name) => name !== 'email' && !(NUMBERS as readonly string[]).includes(name));

test('average precision is what the textbook says', () => {
  // Ranked: fraud, legit, fraud, legit, so (1/1 + 2/3) / 2.
  expect(averagePrecision([4, 3, 2, 1], [true, false, true, false])).toBeCloseTo((1 + 2 / 3) / 2, 12);
  // All equal: one threshold, whose precision is the share of frauds.
  expect(averagePrecision([1, 1, 1, 1], [true, false, false, false])).toBeCloseTo(0.25, 12);
});

describe('no single variable gives fraud away', () => {
  beforeAll(() => simulate({ days: 40, customers: 1000, terminals: 400, seed: 3 }));

  test('the sample is large enough to tell', () => {
    expect(payments.length).toBeGreaterThan(50_000);
    expect(frauds.filter(Boolean).length).toBeGreaterThan(100);
  });

  test.each(NUMBERS)('%s, ranked in either direction', (name) => {
    expect(bestByNumber(columnOf(name))).toBeLessThanOrEqual(0.2);
  });

  test.each(CATEGORIES)('%s, ranked by fraud rate', (name) => {
    expect(byRate(columnOf(name))).toBeLessThanOrEqual(0.2);
  });

  test.each(['customer', 'terminal'] as const)('%s, ranked by fraud rate', (role) => {
    expect(byRate(payments.map((payment) => payment[role]))).toBeLessThanOrEqual(0.2);
  });
});

/** Up to twelve bins of equal size for numbers, the values themselves otherwise; missing is a bin of its own. */
const binsOf = (column: Column): readonly string[] => {
  const numbers = column.filter((value) => typeof value === 'number').sort((one, other) => one - other);
  const edges = Array.from({ length: 11 }, (_, index) => numbers[Math.floor((numbers.length * (index + 1)) / 12)]!);
  const binOf = (value: number): string => String(edges.findLastIndex((edge) => edge < value));
  return column.map((value) => (typeof value === 'number' ? binOf(value) : String(value)));
};

/** Log-likelihood ratio of each payment's bin, learnt from the first two thirds of the payments. */
const evidenceOf = (column: Column): readonly number[] => {
  const bins = binsOf(column);
  const counts = new Map<string, [number, number]>();
  bins.slice(0, Math.floor((bins.length * 2) / 3)).forEach((bin, index) => {
    const count = counts.get(bin) ?? [1, 1];
    count[Number(frauds[index])]!++;
    counts.set(bin, count);
  });
  const ratios = new Map([...counts].map(([bin, [legit, fraud]]) => [bin, Math.log(fraud / legit)]));
  return bins.map((bin) => ratios.get(bin) ?? 0);
};

/** Naive Bayes: what all evidence says together, judged on the last third. */
const together = (evidence: readonly (readonly number[])[]): number => {
  const from = Math.floor((payments.length * 2) / 3);
  const scores = payments.slice(from).map((_, index) => evidence.reduce((sum, of) => sum + of[from + index]!, 0));
  return averagePrecision(scores, frauds.slice(from));
};

/** What happened at each payment's terminal and customer shortly before it. */
const historyOf = (): readonly Column[] => {
  const within = (role: 'customer' | 'terminal', windowMs: number): Column => {
    const seen = new Map<string, number[]>();
    return payments.map((payment) => {
      const recent = (seen.get(payment[role]) ?? []).filter((at) => at > payment.at - windowMs);
      seen.set(payment[role], [...recent, payment.at]);
      return recent.length;
    });
  };
  return [within('terminal', 600_000), within('customer', 3_600_000)];
};

describe('all variables together', () => {
  // More frauds than in life, so that what is learnt does not hang on a few incidents.
  beforeAll(() => simulate({ days: 15, customers: 1000, terminals: 400, seed: 3, fraudRate: 0.03 }));

  test('tell far more than the best of them, and history tells more still', () => {
    const best = Math.max(...NUMBERS.map((name) => bestByNumber(columnOf(name))));
    const evidence = VARIABLE_NAMES.filter((name) => name !== 'email').map((name) => evidenceOf(columnOf(name)));
    const history = historyOf().map(evidenceOf);

    const variables = together(evidence);
    const withHistory = together([...evidence, ...history]);

    expect(variables).toBeGreaterThan(1.5 * best);
    expect(withHistory).toBeGreaterThan(1.05 * variables);
  });
});
