import fc from 'fast-check';

import type { Call, Chain, Comparison, Expression, LiteralValue, Logical, Membership, Negation } from '#rules/ast.ts';

const at = 0;

const literal = (value: fc.Arbitrary<LiteralValue>): fc.Arbitrary<Expression> =>
  value.map((held) => ({ kind: 'literal', value: held, at }));

const variable = (...names: string[]): fc.Arbitrary<Expression> =>
  fc.constantFrom(...names).map((name) => ({ kind: 'variable', name, at }));

const call = (name: string, ...args: fc.Arbitrary<Expression>[]): fc.Arbitrary<Call> =>
  fc.tuple(...args).map((given) => ({ kind: 'call', name, args: given, at }));

const unary = (kind: Negation['kind'], operand: fc.Arbitrary<Expression>): fc.Arbitrary<Negation> =>
  operand.map((inner) => ({ kind, operand: inner, at }));

const chain = (operand: fc.Arbitrary<Expression>): fc.Arbitrary<Chain> =>
  fc.constantFrom(['+', '-'] as const, ['*', '/', '%'] as const).chain((operators) =>
    fc.record({
      kind: fc.constant('chain' as const),
      first: operand,
      rest: fc.array(fc.record({ operator: fc.constantFrom(...operators), operand, at: fc.constant(at) }), {
        minLength: 1,
        maxLength: 3,
      }),
      at: fc.constant(at),
    }),
  );

const logical = (operand: fc.Arbitrary<Expression>): fc.Arbitrary<Logical> =>
  fc.record({
    kind: fc.constant('logical' as const),
    operator: fc.constantFrom('and' as const, 'or' as const),
    operands: fc.array(operand, { minLength: 2, maxLength: 4 }),
    at: fc.constant(at),
  });

const comparison = (
  operators: readonly Comparison['operator'][],
  left: fc.Arbitrary<Expression>,
  right: fc.Arbitrary<Expression>,
): fc.Arbitrary<Comparison> =>
  fc.record({
    kind: fc.constant('comparison' as const),
    operator: fc.constantFrom(...operators),
    left,
    right,
    at: fc.constant(at),
  });

const membership = (
  subject: fc.Arbitrary<Expression>,
  element: fc.Arbitrary<LiteralValue> | undefined,
): fc.Arbitrary<Membership> =>
  fc.record({
    kind: fc.constant('membership' as const),
    negated: fc.boolean(),
    subject,
    among: element
      ? fc
          .array(element, { minLength: 1, maxLength: 4 })
          .map((values) => ({ kind: 'set' as const, elements: values.map((value) => ({ value, at })), at }))
      : fc.constantFrom('blocked', 'high-risk_2').map((name) => ({ kind: 'list' as const, name, at })),
    at: fc.constant(at),
  });

const positive = fc.oneof(
  fc.nat({ max: 20 }),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
);
const text = fc.oneof(
  fc.constantFrom('', 'US', 'us', 'a\\.b', 'say "hi"', "it's", '\n\r\t'),
  fc.string({ unit: 'binary' }),
);
const signed = fc.oneof(
  positive,
  positive.map((value) => (value === 0 ? 0 : -value)),
);
const EQUALITY = ['==', '!='] as const;
const ORDER = [...EQUALITY, '<', '<=', '>', '>='] as const;
const nothing = fc.constant<Expression>({ kind: 'null', at });

const typed = fc.letrec<Record<'number' | 'string' | 'boolean' | 'datetime', Expression>>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal(positive),
    variable('amount', 'count', 'fee'),
    unary('negate', tie('number')),
    chain(tie('number')),
    call('getepochmilliseconds', tie('datetime')),
    fc.constantFrom('abs', 'sqrt', 'ln', 'log10').chain((name) => call(name, tie('number'))),
    fc.constantFrom('least', 'greatest').chain((name) => call(name, tie('number'), tie('number'))),
    call('zscore', tie('number'), tie('number'), tie('number')),
    fc
      .constantFrom('hour_of_day', 'day_of_week')
      .chain((name) => call(name, tie('datetime'), literal(fc.constantFrom('UTC', 'America/New_York')))),
  ),
  string: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal(text),
    variable('country', 'currency'),
    call('lowercase', tie('string')),
    call('uppercase', tie('string')),
  ),
  datetime: fc.oneof(variable('seen_at', 'born_at'), call('getcurrentdatetime')),
  boolean: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal(fc.boolean()),
    variable('is_new', 'is_vip'),
    unary('not', tie('boolean')),
    logical(tie('boolean')),
    comparison(ORDER, tie('number'), tie('number')),
    comparison(ORDER, tie('string'), tie('string')),
    comparison(ORDER, tie('datetime'), tie('datetime')),
    comparison(EQUALITY, tie('boolean'), tie('boolean')),
    comparison(EQUALITY, fc.oneof(tie('number'), tie('string'), tie('boolean'), nothing), nothing),
    comparison(EQUALITY, variable('email', 'customer'), variable('email', 'customer')),
    membership(tie('number'), signed),
    membership(tie('string'), text),
    membership(fc.oneof(variable('email', 'customer'), tie('string'), tie('number')), undefined),
    call('isbefore', tie('datetime'), tie('datetime')),
    call('isafter', tie('datetime'), tie('datetime')),
    call('regex_match', literal(fc.constantFrom('.*', '[a-z]+\\.?', '(?i)us', 'a|b')), tie('string')),
  ),
}));

/** Well-typed conditions over the tests' scope. */
export const conditions = typed.boolean;

/** Well-typed expressions of every type over the tests' scope. */
export const expressions = fc.oneof(typed.boolean, typed.number, typed.string, typed.datetime);

const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, Number.NaN, Number.POSITIVE_INFINITY, -0, '', 'US', true, false),
  fc.double(),
  fc.integer({ min: -5, max: 20 }),
  fc.string(),
  fc.anything(),
);

/** Values for the tests' scope: of the right type, missing, or of any kind whatsoever. */
export const anyValues = fc.record({
  amount: fc.oneof(fc.integer({ min: -20, max: 20 }), anything),
  count: fc.oneof(fc.integer({ min: 0, max: 3 }), anything),
  fee: anything,
  country: fc.oneof(fc.constantFrom('US', 'us', 'DE'), anything),
  currency: anything,
  is_new: fc.oneof(fc.boolean(), anything),
  is_vip: anything,
  seen_at: fc.oneof(fc.integer(), anything),
  born_at: anything,
  email: fc.oneof(fc.constantFrom('t1_a', 't1_b'), anything),
  customer: anything,
});
