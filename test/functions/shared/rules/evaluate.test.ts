import { describe, expect, test } from '@jest/globals';

import { compileCondition, compileExpression, type RuleContext } from '#rules/compile.ts';
import { contextOf, scope } from './scope.ts';

const answerTo = (source: string, context: RuleContext = contextOf({})) =>
  compileExpression(source, scope).evaluate(context).value;

describe('literals', () => {
  test.each([
    ['5', 5],
    ['0.5', 0.5],
    ['1e3', 1_000],
    ['1.5E-1', 0.15],
    ['2e+2', 200],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['"a"', 'a'],
    ["'a'", 'a'],
    [`'say "hi"'`, 'say "hi"'],
    [`"it's"`, "it's"],
    [String.raw`"\"\'\\"`, `"'\\`],
    [String.raw`"\n\r\t"`, '\n\r\t'],
    [String.raw`"\d\."`, String.raw`\d\.`],
    [String.raw`"\\d"`, String.raw`\d`],
    ['""', ''],
    ['true', true],
    ['false', false],
    ['"# no comment" # but this', '# no comment'],
    ['# first\n5', 5],
  ])('%s', (source, expected) => {
    expect(answerTo(source)).toBe(expected);
  });
});

describe('names', () => {
  test('a variable is read without its sign, each once in order of use', () => {
    const { variables, lists } = compileExpression(
      '$country in @high-risk_2 and $amount > $fee or $amount in [1] or $country not in @blocked',
      scope,
    );

    expect(variables).toEqual(['country', 'amount', 'fee']);
    expect(lists).toEqual(['high-risk_2', 'blocked']);
  });

  test('a hyphen belongs to the name of a list and separates variables', () => {
    expect(answerTo('$amount-$fee', contextOf({ amount: 5 }))).toBe(3);
    expect(answerTo('$country in @high-risk_2', contextOf({ country: 'X' }, { 'high-risk_2': ['X'] }))).toBe(true);
  });

  test('names of the JavaScript prototype are unknown, not inherited', () => {
    expect(() => compileExpression('$constructor == null', scope)).toThrow('unknown variable $constructor');
    expect(() => compileExpression('toString()', scope)).toThrow('unknown function toString');
  });

  test('the list is asked with the plain variable on its left, and with none otherwise', () => {
    const asked: unknown[] = [];
    const context: RuleContext = {
      ...contextOf({ country: 'De', amount: 4, email: 't1_x' }),
      inList: (...question) => asked.push(question) > 0,
    };

    answerTo('$country in @blocked and lowercase($country) in @blocked and $amount + 1 not in @blocked', context);
    answerTo('($email) in @blocked', context);

    expect(asked).toEqual([
      ['blocked', 'De', 'country'],
      ['blocked', 'de', undefined],
      ['blocked', 5, undefined],
      ['blocked', 't1_x', 'email'],
    ]);
  });
});

describe('comparisons', () => {
  test.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['==', [false, true, false]],
    ['!=', [true, false, true]],
    ['>=', [false, true, true]],
    ['>', [false, false, true]],
  ])('%s orders numbers, strings and datetimes alike', (operator, expected) => {
    const answers = (left: string, rights: readonly [string, string, string][number][], context?: RuleContext) =>
      rights.map((right) => answerTo(`${left} ${operator} ${right}`, context));

    expect(['1', '2', '3'].map((left) => answerTo(`${left} ${operator} 2`))).toEqual(expected);
    expect(['"a"', '"b"', '"c"'].map((left) => answerTo(`${left} ${operator} "b"`))).toEqual(expected);
    expect(
      answers('$born_at', ['"1970-01-01T00:00:01Z"', '"1970-01-01T01:00:00+01:00"', '"1969-12-31T23:59:59Z"']),
    ).toEqual(expected);
  });

  test.each([
    ['true == true', true],
    ['true == false', false],
    ['$is_vip != true', true],
    ['$is_vip in [false]', true],
    ['$email == $customer', true],
    ['$email != $customer', false],
    ['-5 in [-5]', true],
    ['0 in [-0]', true],
    ['1 not in [2, 3]', true],
    ['null == null', true],
    ['null != null', false],
    ['null != $amount', false],
    ['"2026-01-01T00:00:00Z" > $born_at', true],
  ])('%s is %s', (source, expected) => {
    expect(answerTo(source, contextOf({ email: 't1_x', customer: 't1_x' }))).toBe(expected);
  });
});

describe('functions', () => {
  const context = contextOf({ seen_at: Date.UTC(2026, 0, 30), country: 'Österreich' });
  test.each([
    ['getcurrentdatetime()', Date.UTC(2026, 0, 31)],
    ['getepochmilliseconds($seen_at)', Date.UTC(2026, 0, 30)],
    ['getepochmilliseconds("1970-01-01T00:00:00.250Z")', 250],
    ['isbefore($seen_at, getcurrentdatetime())', true],
    ['isbefore($seen_at, $seen_at)', false],
    ['isafter($seen_at, getcurrentdatetime())', false],
    ['isafter(getcurrentdatetime(), $seen_at)', true],
    ['lowercase($country)', 'österreich'],
    ['uppercase($country)', 'ÖSTERREICH'],
    ['regex_match("Öst.*", $country)', true],
    ['regex_match("st", $country)', false],
    ['regex_match("a|ab", "ab")', true],
    ['regex_match("a.c", "a\nc")'.replace('\n', '\\n'), false],
    [String.raw`regex_match("\w+@gmail\.com", "ann@gmailxcom")`, false],
    [String.raw`regex_match("\bx", "x")`, true],
  ])('%s', (source, expected) => {
    expect(answerTo(source, context)).toBe(expected);
  });
});

describe('what the event may do', () => {
  test.each([
    ['$amount', Number.NaN, 'not_finite'],
    ['$amount', Number.POSITIVE_INFINITY, 'not_finite'],
    ['$amount', '5', 'type_mismatch'],
    ['$amount', true, 'type_mismatch'],
    ['$country', 5, 'type_mismatch'],
    ['$is_new', 1, 'type_mismatch'],
    ['$seen_at', '2026-01-31T00:00:00Z', 'type_mismatch'],
    ['$seen_at', Number.NaN, 'not_finite'],
    ['$amount', null, 'missing_value'],
    ['$amount', undefined, 'missing_value'],
  ])('%s = %s has the fault %s', (source, held, fault) => {
    const evaluation = compileExpression(source, scope).evaluate({ ...contextOf({}), value: () => held });

    expect(evaluation).toMatchObject({ value: null, faults: [fault] });
  });

  test('a value of the wrong type does not give way to the default', () => {
    expect(compileExpression('$fee', scope).evaluate(contextOf({ fee: 'x' })).faults).toEqual(['type_mismatch']);
  });

  test('a list that cannot be read leaves both in and not in without an answer', () => {
    const context = contextOf({ country: 'DE' });

    for (const source of ['$country in @blocked', '$country not in @blocked']) {
      expect(compileCondition(source, scope).evaluate(context)).toMatchObject({
        value: null,
        faults: ['list_unavailable'],
      });
    }
  });

  test('a context that throws is a fault, also for the record', () => {
    const context: RuleContext = {
      ...contextOf({}),
      value: () => {
        throw new Error('lost');
      },
    };

    const evaluation = compileCondition('$amount > 5 or true', scope).evaluate(context);

    expect(evaluation).toMatchObject({ value: null, faults: ['evaluation_failed'] });
    expect(evaluation.withValues()).toBe('? > 5 or true');
  });

  test('a clock that is not finite is a fault', () => {
    const evaluation = compileExpression('getcurrentdatetime()', scope).evaluate({
      ...contextOf({}),
      nowMs: Number.NaN,
    });

    expect(evaluation.faults).toEqual(['not_finite']);
  });

  test('each fault is named once, in the order of the closed list', () => {
    const { faults } = compileExpression('1e308 * 10 + 1 / 0 + $amount + 2 / 0', scope).evaluate(contextOf({}));

    expect(faults).toEqual(['missing_value', 'division_by_zero', 'not_finite']);
  });
});

describe('with values', () => {
  const shown = (source: string, context: RuleContext) =>
    compileExpression(source, scope).evaluate(context).withValues();

  test.each([
    ['$amount>100 and $country == "US"', '120>100 and null == "US"'],
    ['$amount + $amount # of $amount\n', '120 + 120 # of $amount\n'],
    ['"$amount" == $currency', '"$amount" == "EUR"'],
    ['$seen_at > "2026-01-01T00:00:00Z"', '"2026-01-30T00:00:00.000Z" > "2026-01-01T00:00:00Z"'],
    ['$is_new == $is_vip', 'true == false'],
    ['$email in @blocked', '"t1_\\"x" in @blocked'],
  ])('%s', (source, expected) => {
    const context = contextOf({ amount: 120, seen_at: Date.UTC(2026, 0, 30), is_new: true, email: 't1_"x' });

    expect(shown(source, context)).toBe(expected);
  });

  test('a long text is cut after 64 characters', () => {
    expect(shown('$country', contextOf({ country: 'x'.repeat(65) }))).toBe(`"${'x'.repeat(64)}…"`);
    expect(shown('$country', contextOf({ country: 'x'.repeat(64) }))).toBe(`"${'x'.repeat(64)}"`);
  });

  test('the whole is cut after 8,192 characters', () => {
    const source = Array.from({ length: 200 }, () => '$country == "a"').join(' or ');

    const text = shown(source, contextOf({ country: 'x'.repeat(64) }));

    expect(text).toHaveLength(8_192);
    expect(text.endsWith('…')).toBe(true);
  });

  test('an instant out of range and a number that is none are shown as they are', () => {
    expect(shown('$seen_at == null or $amount == null', contextOf({ seen_at: 1e300, amount: Number.NaN }))).toBe(
      '1e+300 == null or NaN == null',
    );
  });

  test('a context may show its own text for a value, the default included', () => {
    const context: RuleContext = { ...contextOf({ country: 'DE' }), show: (name, value) => `<${name}:${value}>` };

    expect(shown('$country == $currency and $amount == null', context)).toBe(
      '<country:DE> == <currency:EUR> and null == null',
    );
  });
});
