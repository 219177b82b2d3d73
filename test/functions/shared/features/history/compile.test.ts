import { describe, expect, test } from '@jest/globals';

import { featurePlansOf } from '#features/history/compile.ts';
import { loginType, paymentType, planOf, transferType } from './catalogs.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The example of the design. */
const EXAMPLE = {
  customer_count_1d: { count: true, per: 'customer', window: '1d' },
  customer_logins_10m: { count: true, of: 'login', per: 'customer', window: '10m' },
  customer_mean_amount_30d: { mean: 'amount', per: 'customer', window: '30d' },
  terminal_risk_7d: { rate: 'fraud', per: 'terminal', window: '7d', delay: '7d' },
  amount_vs_usual: { value: '$amount / $customer_mean_amount_30d' },
};

test('features of one entity share a profile, and its columns', () => {
  const { history } = planOf(EXAMPLE);

  const customer = history.reads.find(
    ({ eventType, roles }) => eventType === 'card_payment' && roles[0] === 'customer',
  )!;
  expect(history.reads).toHaveLength(3);
  expect(customer).toMatchObject({ kinds: ['person'], slotMs: HOUR_MS, pageMs: 31 * HOUR_MS, keepMs: 90 * DAY_MS });
  expect(customer.columns.map(({ key, measure }) => [key, measure])).toEqual([
    ['a', { kind: 'sum', of: { variable: 'amount' }, decimals: 2 }],
    ['b', { kind: 'count' }],
  ]);
  expect(history.features).toEqual([
    {
      name: 'customer_count_1d',
      profile: customer.hash,
      roles: ['customer'],
      windowMs: DAY_MS,
      delayMs: 0,
      includesCurrent: false,
      reading: { kind: 'count', column: 'b' },
    },
    expect.objectContaining({ name: 'customer_logins_10m', roles: ['customer'], windowMs: 600_000 }),
    expect.objectContaining({
      name: 'customer_mean_amount_30d',
      profile: customer.hash,
      reading: { kind: 'mean', sum: 'a', count: 'b', decimals: 2 },
    }),
    expect.objectContaining({
      name: 'terminal_risk_7d',
      delayMs: 7 * DAY_MS,
      reading: { kind: 'rate', part: 'b', count: 'a', prior: 0, weight: 0 },
    }),
  ]);
});

test('an event moves what features of any event type read of its type', () => {
  const plans = featurePlansOf([paymentType(EXAMPLE), loginType(), transferType()]);

  const [payment, login] = [plans.get('card_payment')!.history, plans.get('login')!.history];
  expect(payment.moves.map(({ roles }) => roles).sort()).toEqual([['customer'], ['terminal']]);
  expect(login).toMatchObject({ reads: [], features: [] });
  expect(login.moves).toMatchObject([{ eventType: 'login', roles: ['user'], kinds: ['person'] }]);
  expect(payment.reads).toContainEqual(login.moves[0]);
  expect(plans.get('transfer')!.history).toEqual({ reads: [], moves: [], features: [] });
});

test('the names of state stay what they are: another name would be another, empty, history', () => {
  expect(
    planOf(EXAMPLE).history.reads.map(({ eventType, roles, hash }) => `${eventType}/${roles.join()} ${hash}`),
  ).toEqual([
    'card_payment/terminal 76bfa6ec2fd8c2e8',
    'card_payment/customer 812a212d171c0973',
    'login/user ffc94f118d8bf4f2',
  ]);
});

describe('the columns of each kind of feature', () => {
  const of = { variable: 'amount' };
  test.each([
    [{ count: true }, [{ kind: 'count' }], { kind: 'count', column: 'a' }],
    [{ sum: 'amount' }, [{ kind: 'sum', of, decimals: 2 }], { kind: 'sum', column: 'a', decimals: 2 }],
    [{ min: 'amount' }, [{ kind: 'min', of, decimals: 2 }], { kind: 'min', column: 'a', decimals: 2 }],
    [{ max: 'amount', decimals: 0 }, [{ kind: 'max', of, decimals: 0 }], { kind: 'max', column: 'a', decimals: 0 }],
    [
      { stddev: 'amount' },
      [{ kind: 'squares', of, decimals: 2 }, { kind: 'sum', of, decimals: 2 }, { kind: 'count' }],
      { kind: 'stddev', sum: 'b', squares: 'a', count: 'c', decimals: 2 },
    ],
    [
      { mean: 'fee' },
      [
        { kind: 'count', of: { variable: 'fee' }, decimals: 6 },
        { kind: 'sum', of: { variable: 'fee' }, decimals: 6 },
      ],
      { kind: 'mean', sum: 'b', count: 'a', decimals: 6 },
    ],
    [{ distinct: 'terminal' }, [{ kind: 'distinct', of: { role: 'terminal' } }], { kind: 'distinct', column: 'a' }],
    [{ last: 'country' }, [{ kind: 'last', of: { variable: 'country' } }], { kind: 'last', column: 'a' }],
    [{ is_new: true }, [{ kind: 'count' }], { kind: 'is_new', column: 'a' }],
    [{ since_last: true }, [{ kind: 'max', of: { time: true }, decimals: 0 }], { kind: 'since_last', column: 'a' }],
    [{ since_first: true }, [{ kind: 'min', of: { time: true }, decimals: 0 }], { kind: 'since_first', column: 'a' }],
    [
      { rate: 'fraud', prior: 0.01, weight: 10 },
      [{ kind: 'count' }, { kind: 'labelled', label: 'fraud' }],
      { kind: 'rate', part: 'b', count: 'a', prior: 0.01, weight: 10 },
    ],
    [
      { rate: { detector: 'd', outcome: 'decline' } },
      [{ kind: 'outcome', detector: 'd', outcome: 'decline' }, { kind: 'count' }],
      { kind: 'rate', part: 'a', count: 'b', prior: 0, weight: 0 },
    ],
    [
      { sum: 'amount', half_life: '2d' },
      [{ kind: 'sum', of, decimals: 2 }],
      { kind: 'decayed', column: 'a', decimals: 2, halfLifeMs: 2 * DAY_MS },
    ],
    [
      { count: true, half_life: '2d' },
      [{ kind: 'count' }],
      { kind: 'decayed', column: 'a', decimals: 0, halfLifeMs: 2 * DAY_MS },
    ],
  ])('%j', (measure, columns, reading) => {
    const { history } = planOf({ f: { ...measure, per: 'customer', window: '7d' } });

    expect(history.reads[0]?.columns.map((column) => column.measure)).toEqual(columns);
    expect(history.features[0]?.reading).toEqual(reading);
  });
});
