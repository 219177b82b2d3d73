import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Event, VariableValue } from '#domain/event.ts';
import type { Features } from '#features/values.ts';
import { planOf, type Written } from './catalogs.ts';

const eventWith = (variables: Record<string, VariableValue> = {}): Event => ({
  eventId: 'e-1',
  eventType: 'card_payment',
  occurredAt: '2026-07-05T22:30:00.000Z',
  entities: { customer: 't1_customer', terminal: 't1_terminal' },
  variables: { amount: 90, ...variables },
});

const WINDOWS = {
  usual: { mean: 'amount', per: 'customer', window: '30d' },
  spread: { stddev: 'amount', per: 'customer', window: '30d' },
  seen_at: { last: 'signed_up_at', per: 'customer', window: '30d' },
  fresh: { is_new: true, per: 'customer', window: '30d' },
};

/** The value of one derived feature. */
const derivedValue = (value: string, windows: Features = {}, variables: Record<string, VariableValue> = {}) =>
  planOf({ ...WINDOWS, f: { value } }).evaluate(eventWith(variables), windows).f;

test.each<[string, Features, unknown]>([
  ['$amount / $usual', { usual: 10 }, 9],
  ['$amount / $usual', { usual: 0 }, null],
  ['$amount / $usual', { usual: null }, null],
  ['$amount / $usual', {}, null],
  ['zscore($amount, $usual, $spread)', { usual: 50, spread: 20 }, 2],
  ['zscore($amount, $usual, $spread)', { usual: 90, spread: 0 }, null],
  ['$amount - $usual', { usual: 90 }, 0],
  ['-$usual', { usual: 0 }, 0],
  ['ln($usual)', { usual: 1 }, 0],
  ['ln($usual)', { usual: 0 }, null],
  ['ln($usual)', { usual: -1 }, null],
  ['$usual * 1e308 * 10', { usual: 10 }, null],
  ['$usual == null', {}, true],
  ['$fresh and $amount > 50', { fresh: true }, true],
  ['$fresh and $amount > 50', { fresh: null }, null],
  ['$country == "DE"', {}, null],
  ['hour_of_day($occurred_at, "UTC")', {}, 22],
  ['hour_of_day($occurred_at, "Europe/Berlin")', {}, 0],
  ['day_of_week(getcurrentdatetime(), "Europe/Berlin")', {}, 1],
  [
    'getepochmilliseconds($occurred_at) - getepochmilliseconds($seen_at)',
    { seen_at: '2026-07-05T22:29:59.000Z' },
    1_000,
  ],
  ['getepochmilliseconds($seen_at)', { seen_at: null }, null],
  ['$customer == $terminal', {}, false],
])('%s, given %j, is %j', (expression, windows, expected) => {
  expect(derivedValue(expression, windows)).toBe(expected);
});

test('variables are seen without their defaults, which are for rules alone', () => {
  const plan = planOf({ f: { value: '$fee + 1' } });

  expect(plan.evaluate(eventWith({ fee: 1 }), {})).toEqual({ f: 2 });
  expect(plan.evaluate(eventWith(), {})).toEqual({ f: null });
});

test('features come in the order of their definitions, each worked behind those that it reads', () => {
  const plan = planOf({
    last_of_all: { value: '$twice + $network_known' },
    ...WINDOWS,
    twice: { value: '$half * 4' },
    network_known: { value: '$length' },
    half: { value: '$usual / 2' },
    network: { transform: 'ip_network', of: 'ip' },
    length: { transform: 'text_length', of: 'country' },
  });

  const features = plan.evaluate(eventWith({ ip: '203.0.113.9', country: 'DE' }), { usual: 3 });

  expect(Object.entries(features)).toEqual([
    ['last_of_all', 8],
    ['usual', 3],
    ['spread', null],
    ['seen_at', null],
    ['fresh', null],
    ['twice', 6],
    ['network_known', 2],
    ['half', 1.5],
    ['network', '203.0.113.0/24'],
    ['length', 2],
  ]);
});

test('a transform of a personal variable is what the door made of it', () => {
  const plan = planOf({
    domain: { transform: 'email_domain', of: 'email' },
    shop: { value: '$domain == "shop.example"' },
  });

  expect(plan.evaluate(eventWith({ email: 't1_x', domain: 'shop.example' }), {})).toEqual({
    domain: 'shop.example',
    shop: true,
  });
  expect(plan.evaluate(eventWith({ email: 't1_x' }), {})).toEqual({ domain: null, shop: null });
});

test('what is given beside the features asked for changes nothing', () => {
  expect(planOf(WINDOWS).evaluate(eventWith(), { usual: 1, other: 2 })).toEqual({
    usual: 1,
    spread: null,
    seen_at: null,
    fresh: null,
  });
});

describe('rules see each feature by its type', () => {
  test.each<[Written[string], object]>([
    [{ count: true, per: 'customer', window: '1d' }, { type: 'number' }],
    [{ is_new: true, per: 'customer', window: '1d' }, { type: 'boolean' }],
    [{ last: 'country', per: 'customer', window: '1d' }, { type: 'string' }],
    [{ last: 'signed_up_at', per: 'customer', window: '1d' }, { type: 'datetime' }],
    [
      { last: 'email', per: 'customer', window: '1d' },
      { type: 'string', token: true },
    ],
    [
      { last: 'terminal', per: 'customer', window: '1d' },
      { type: 'string', token: true },
    ],
    [{ distinct: 'terminal', per: 'customer', window: '1d' }, { type: 'number' }],
    [{ value: '$amount > 3' }, { type: 'boolean' }],
    [{ value: 'lowercase($country)' }, { type: 'string' }],
    [{ transform: 'ip_is_private', of: 'ip' }, { type: 'boolean' }],
  ])('%j', (feature, variable) => {
    expect(planOf({ f: feature }).variables.get('f')).toEqual(variable);
  });
});

describe('a condition over history', () => {
  const holds = (where: string, variables: Record<string, VariableValue> = {}) => {
    const features = {
      network: { transform: 'ip_network', of: 'ip' },
      f: { count: true, per: 'customer', window: '1d', where },
    };
    return planOf(features).history.moves[0]!.columns[0]!.where?.(eventWith(variables));
  };

  test.each<[string, Record<string, VariableValue>, boolean]>([
    ['$amount >= 90', {}, true],
    ['$amount > 90', {}, false],
    ['$fee > 1', {}, false],
    ['!($fee > 1)', {}, false],
    ['$fee == null', {}, true],
    ['$network == "203.0.113.0/24"', { ip: '203.0.113.9' }, true],
    ['$signed_up_at < "2026-01-01T00:00:00Z"', { signed_up_at: '2025-12-31T23:59:59.999Z' }, true],
    ['hour_of_day($occurred_at, "Europe/Berlin") < 6', {}, true],
    ['$customer != null', {}, true],
  ])('%s over %j: %s', (where, variables, expected) => {
    expect(holds(where, variables)).toBe(expected);
  });
});

test('nothing that an event or a store may hold makes the evaluation throw, or a feature other than its type', () => {
  const anything = fc.oneof(
    fc.constantFrom<unknown>(null, undefined, '', -0, Number.NaN),
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.anything(),
  );
  const plan = planOf({
    ...WINDOWS,
    ratio: { value: '$amount / $usual + ln($spread)' },
    network: { transform: 'ip_network', of: 'ip' },
    late: { value: '$seen_at > "2026-01-01T00:00:00Z" or hour_of_day($occurred_at, "UTC") > $ratio' },
  });

  fc.assert(
    fc.property(
      fc.record({ amount: anything, ip: anything, signed_up_at: anything }),
      fc.record({ usual: anything, spread: anything, seen_at: anything, fresh: anything }),
      (variables, windows) => {
        const event = eventWith(variables as Record<string, VariableValue>);
        const features = plan.evaluate(event, windows as Features);

        expect(Object.keys(features)).toEqual([...plan.variables.keys()]);
        expect(['number', 'object']).toContain(typeof features.ratio);
        expect(features.ratio === null || Number.isFinite(features.ratio)).toBe(true);
        expect(['boolean', 'object']).toContain(typeof features.late);
      },
    ),
  );
});
