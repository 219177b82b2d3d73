import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';

import { simulateCardPayments } from '../../../bin/simulation/simulate.ts';
import { paymentsOf } from './collect.ts';

const small = { days: 10, customers: 150, terminals: 60, fraudRate: 0.02, seed: 7 };
const starting = Date.parse('2026-01-01T00:00:00Z');

describe('determinism', () => {
  test('the same options give the same payments', async () => {
    expect(JSON.stringify(await paymentsOf(small))).toBe(JSON.stringify(await paymentsOf(small)));
  });

  test('another seed gives other payments under other ids', async () => {
    const one = await paymentsOf(small);

    const other = await paymentsOf({ ...small, seed: 8 });

    const ids = new Set(one.map(({ eventId }) => eventId));
    expect(other.filter(({ eventId }) => ids.has(eventId))).toEqual([]);
    expect(other.map(({ variables }) => variables)).not.toEqual(one.map(({ variables }) => variables));
  });

  test('a longer simulation begins with the shorter one', async () => {
    const short = await paymentsOf(small);

    const long = await paymentsOf({ ...small, days: 14 });

    expect(JSON.stringify(long.slice(0, short.length))).toBe(JSON.stringify(short));
  });
});

describe('the stream', () => {
  test('is in order of time, within the period, and every id comes once', async () => {
    const payments = await paymentsOf(small);

    const times = payments.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times[0]).toBeGreaterThanOrEqual(starting);
    expect(times.at(-1)).toBeLessThan(starting + small.days * 86_400_000);
    expect(new Set(payments.map(({ eventId }) => eventId)).size).toBe(payments.length);
  });

  test('holds no more memory late than early', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heapAt: number[] = [];
    let payments = 0;

    for await (const { at } of simulateCardPayments({ ...small, customers: 250, days: 50 })) {
      payments++;
      const day = (at - starting) / 86_400_000;
      if ((heapAt.length === 0 && day >= 10) || (heapAt.length === 1 && day >= 49)) {
        collectGarbage();
        heapAt.push(process.memoryUsage().heapUsed);
      }
    }

    // Kept payments would take 600 bytes each at the very least: more than 6 MB in the 39 days between.
    expect(payments).toBeGreaterThan(13_000);
    expect(heapAt[1]! - heapAt[0]!).toBeLessThan(3_000_000);
  });

  test('stops when its reader stops', async () => {
    let read = 0;

    for await (const _ of simulateCardPayments({ ...small, days: 3650 })) if (++read === 500) break;

    expect(read).toBe(500);
  });
});

describe('the share of fraud', () => {
  test.each([
    { fraudRate: 0, seed: 1 },
    { fraudRate: 0.002, seed: 1 },
    { fraudRate: 0.002, seed: 2 },
    { fraudRate: 0.01, seed: 3 },
    { fraudRate: 0.1, seed: 4 },
  ])('is $fraudRate within what chance allows (seed $seed)', async ({ fraudRate, seed }) => {
    const payments = await paymentsOf({ days: 10, customers: 500, terminals: 150, fraudRate, seed });

    const frauds = payments.filter(({ fraud }) => fraud).length;
    const deviation = Math.sqrt(payments.length * fraudRate * (1 - fraudRate));
    expect(Math.abs(frauds - payments.length * fraudRate)).toBeLessThanOrEqual(3 * deviation);
  });

  test('is divided among the scenarios as intended', async () => {
    const frauds = (await paymentsOf({ days: 20, customers: 400, fraudRate: 0.05 })).filter(({ fraud }) => fraud);

    const shareOf = (name: string) => frauds.filter(({ scenario }) => scenario === name).length / frauds.length;
    expect(shareOf('card_testing')).toBeCloseTo(0.37, 1);
    expect(shareOf('takeover')).toBeCloseTo(0.32, 1);
    expect(shareOf('compromised_terminal')).toBeCloseTo(0.17, 1);
    expect(shareOf('slow_large')).toBeCloseTo(0.14, 1);
  });
});

describe('the scenarios', () => {
  test('card testing comes in bursts at one online terminal, in small amounts', async () => {
    const tests = (await paymentsOf({ ...small, days: 20, fraudRate: 0.01 })).filter(
      ({ scenario }) => scenario === 'card_testing',
    );

    const near = tests.filter((one) =>
      tests.some((other) => other !== one && other.terminal === one.terminal && Math.abs(other.at - one.at) < 900_000),
    );
    const amounts = tests.map(({ variables }) => variables.amount).sort((one, other) => one - other);
    expect(tests.length).toBeGreaterThan(5);
    expect(near.length / tests.length).toBeGreaterThan(0.9);
    expect(tests.every(({ variables }) => variables.channel === 'online')).toBe(true);
    expect(amounts[Math.floor(amounts.length / 2)]).toBeLessThan(12);
  });

  test('a compromised terminal is one in a town, over days, in between what is genuine', async () => {
    const payments = await paymentsOf({ days: 30, customers: 500, terminals: 100, fraudRate: 0.004 });
    const copied = payments.filter(({ scenario }) => scenario === 'compromised_terminal');

    const terminals = new Set(copied.map(({ terminal }) => terminal));
    const genuine = payments.filter(({ terminal, fraud }) => terminals.has(terminal) && !fraud);
    expect(copied.every(({ variables }) => variables.channel !== 'online')).toBe(true);
    expect(copied.at(-1)!.at - copied[0]!.at).toBeGreaterThan(5 * 86_400_000);
    expect(genuine.length).toBeGreaterThan(copied.length);
  });
});

test.each([
  { days: 0 },
  { days: 1.5 },
  { customers: 9 },
  { terminals: 49 },
  { fraudRate: 0.3 },
  { fraudRate: Number.NaN },
  { seed: -1 },
  { start: '2026-02-30' },
])('%o is refused by the name of the option', async (options) => {
  await expect(paymentsOf(options)).rejects.toThrow(Object.keys(options)[0]!);
});

test('what is missing online and in town is missing as in life', async () => {
  const payments = await paymentsOf(small);

  const online = payments.filter(({ variables }) => variables.channel === 'online');
  const inTown = payments.filter(({ variables }) => variables.channel !== 'online');
  expect(online.some(({ variables }) => variables.distance_km === null)).toBe(true);
  expect(online.some(({ variables }) => variables.email === null)).toBe(true);
  expect(inTown.length).toBeGreaterThan(online.length);
  for (const { variables } of inTown) {
    const { device_age_days, three_ds, billing_match, email, email_domain } = variables;
    expect([device_age_days, three_ds, billing_match, email, email_domain]).toEqual([null, null, null, null, null]);
  }
});

test('e-mail addresses belong to nobody', async () => {
  const domains = (await paymentsOf(small)).map(({ variables }) => variables.email).filter((email) => email !== null);

  expect(domains.length).toBeGreaterThan(100);
  expect(domains.every((email) => /^[a-z0-9.]+@[a-z]+\.example$/.test(email))).toBe(true);
});
