import { describe, expect, test } from '@jest/globals';

import { compileCondition, compileExpression, RuleError, type RuleScope } from '#rules/compile.ts';
import { scope } from './scope.ts';

const errorOf = (source: string, within: RuleScope = scope): RuleError => {
  try {
    compileExpression(source, within);
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error(`compiled: ${source}`);
};

describe('what cannot be read', () => {
  test.each([
    ['', 1, 'the expression is empty', 'write a condition, such as $amount > 100'],
    ['  # only a comment', 1, 'the expression is empty', 'write a condition, such as $amount > 100'],
    ['$amount === 5', 9, 'the language has no ===', 'use == to compare'],
    ['$amount !== 5', 9, 'the language has no !==', 'use != to compare'],
    ['$amount <> 5', 9, 'the language has no <>', 'use != to compare'],
    ['$amount => 5', 9, 'the language has no =>', 'use >='],
    ['$amount =< 5', 9, 'the language has no =<', 'use <='],
    ['$amount ** 2', 9, 'the language has no **', 'there is no power operator; multiply'],
    ['$amount > 5 // why', 13, 'the language has no //', 'start a comment with #'],
    ['$amount > 5;', 12, 'unexpected ;', 'a rule is one expression and needs no end mark'],
    ['$amount > .5', 11, 'unexpected .', 'write a digit before the point, such as 0.5'],
    ['$amount > 5.', 12, 'a number cannot end in a point', 'write 5 or 5.0'],
    ['$amount > 5k', 11, 'a number cannot run into letters', 'put text in quotes, or a space behind the number'],
    ['$amount > 1e400', 11, 'the number is too large', 'the largest is about 1.8e308'],
    [
      '$amount > 4111111111111111111',
      11,
      'an integer this large would lose digits',
      'put it in quotes if it is an identifier',
    ],
    ['$country == “US”', 13, 'unexpected “', 'use plain quotes "'],
    ['$country == "US', 13, 'the text has no closing quote on its line', 'close it with "; write a line break as \\n'],
    [
      "$country == 'US\n'",
      13,
      'the text has no closing quote on its line',
      "close it with '; write a line break as \\n",
    ],
    ['$amount > \u0007', 11, 'unexpected character U+0007', undefined],
    ['$ > 5', 1, 'a variable needs a name after $, of letters, digits and _, not starting with a digit', undefined],
    [
      '$' + '{amount} > 5',
      1,
      'a variable needs a name after $, of letters, digits and _, not starting with a digit',
      'did you mean $amount?',
    ],
    ['$country in @', 13, 'a list needs a name after @, of a-z, 0-9, _ and -', undefined],
    ['$country in @Blocked', 13, 'the name of a list has no capitals', 'did you mean @blocked?'],
    ['$country in @bLocked', 13, 'the name of a list has no capitals', 'did you mean @blocked?'],
    ['($amount > 5', 1, 'this parenthesis is never closed', 'add )'],
    ['$amount > 5)', 12, 'expected an operator or the end, but found )', 'remove it, or open it with ('],
    ['$amount >', 10, 'expected a value, but found the end of the expression', undefined],
    ['$amount $count', 9, 'expected an operator or the end, but found $count', undefined],
    ['$country "US"', 10, 'expected an operator or the end, but found a quoted text', undefined],
    ['$is_new AND true', 9, 'expected an operator or the end, but found AND', 'write and in small letters'],
    ['TRUE', 1, 'unknown word TRUE', 'write true in small letters'],
    ['if $is_new', 1, 'unknown word if', 'there is no if-else; write one rule for each answer'],
    ['$country is null', 10, 'expected an operator or the end, but found is', 'use == to compare'],
    ['$country == none', 13, 'unknown word none', 'use null'],
    ['amount > 5', 1, 'unknown word amount', 'did you mean the variable $amount, or "amount" in quotes?'],
    ['not $is_new', 1, 'expected a value, but found not', 'use ! to negate, as in !($amount > 5)'],
    ['$amount not 5', 13, 'expected in, but found 5', undefined],
    ['1 < $amount < 3', 13, 'comparisons cannot be chained', 'join them with and, or use parentheses'],
    ['$amount in [1] == true', 16, 'comparisons cannot be chained', 'join them with and, or use parentheses'],
    ['$amount == 1 not in [1]', 14, 'comparisons cannot be chained', 'join them with and, or use parentheses'],
    ['$country in $currency', 13, 'expected a list behind in, but found $currency', 'use == to compare with $currency'],
    ['$country in ("US", "DE")', 13, 'expected a list behind in, but found (', 'write a list in brackets: [5, 10, 25]'],
    ['$country in "US"', 13, 'expected a list behind in, but found a quoted text', 'write @name or [5, 10, 25]'],
    ['$country in []', 13, 'an empty list holds nothing', 'write at least one value'],
    ['$country in ["US"', 18, 'expected ], but found the end of the expression', undefined],
    ['$country in ["US",]', 19, 'expected a number, a quoted text, true or false, but found ]', undefined],
    ['$country in [$currency]', 14, 'a list in brackets holds literals only', 'compare with == and join with or'],
    ['$country in [null]', 14, 'a list cannot hold null', 'add or … == null'],
    ['$amount in [-"a"]', 14, 'expected a number, but found a quoted text', undefined],
    ['$country == @blocked', 13, 'a list cannot be compared', 'use in @blocked'],
    ['@blocked', 1, 'expected a value, but found @blocked', 'use it behind in: $variable in @blocked'],
    ['[1] == 1', 1, 'expected a value, but found [', 'use it behind in: $variable in [5, 10, 25]'],
    ['($amount, $count)', 9, 'parentheses hold one expression', 'write a list in brackets: [5, 10, 25]'],
  ])('%s', (source, column, reason, suggestion) => {
    const error = errorOf(source);

    expect(error).toMatchObject({ line: 1, reason, column });
    expect(error.suggestion).toBe(suggestion);
    expect(error.message).toBe(`line 1, column ${column}: ${reason}${suggestion ? `; ${suggestion}` : ''}`);
  });
});

describe('what does not fit', () => {
  const TOKEN = 'a rule sees a keyed hash of it: use in @list, == null, or compare two such values';
  test.each([
    ['$amont > 5', 1, 'unknown variable $amont', 'did you mean $amount?'],
    ['$Amount > 5', 1, 'unknown variable $Amount', 'did you mean $amount?'],
    ['$aomunt > 5', 1, 'unknown variable $aomunt', 'did you mean $amount?'],
    ['$merchant > 5', 1, 'unknown variable $merchant', undefined],
    ['$country in @bloked', 13, 'unknown list @bloked', 'did you mean @blocked?'],
    ['REGEX_MATCH("a", $country)', 1, 'unknown function REGEX_MATCH', 'did you mean regex_match?'],
    ['upper($country)', 1, 'unknown function upper', 'did you mean uppercase?'],
    [
      'sha256($country)',
      1,
      'unknown function sha256',
      'the functions are regex_match, lowercase, uppercase, getcurrentdatetime, isbefore, isafter, getepochmilliseconds, abs, sqrt, ln, log10, least, greatest, zscore, hour_of_day, day_of_week',
    ],
    ['lowercase()', 1, 'lowercase takes 1 argument, but found 0', 'write lowercase(text)'],
    ['isbefore($seen_at)', 1, 'isbefore takes 2 arguments, but found 1', 'write isbefore(a, b)'],
    ['getcurrentdatetime(1)', 1, 'getcurrentdatetime takes 0 arguments, but found 1', 'write getcurrentdatetime()'],
    ['lowercase($amount)', 11, 'text must be a string, but found a number', 'write lowercase(text)'],
    ['lowercase($email)', 11, 'text must be a string, but found a hashed value', TOKEN],
    ['isbefore($amount, $seen_at)', 10, 'a must be a datetime, but found a number', 'write isbefore(a, b)'],
    [
      'isbefore($country, $seen_at)',
      10,
      'expected a datetime, but found a string',
      'write an instant, such as "2026-01-31T00:00:00Z"',
    ],
    [
      'isbefore($seen_at, "2026-02-30T00:00:00Z")',
      20,
      'this is not an instant',
      'write date, time and offset, such as "2026-01-31T00:00:00Z"',
    ],
    [
      '$seen_at > "2026-01-31T00:00:00"',
      12,
      'this is not an instant',
      'write date, time and offset, such as "2026-01-31T00:00:00Z"',
    ],
    [
      '$seen_at in ["yesterday"]',
      14,
      'this is not an instant',
      'write date, time and offset, such as "2026-01-31T00:00:00Z"',
    ],
    [
      'regex_match($country, "US")',
      13,
      'the pattern must be written in quotes, not computed',
      'write regex_match("pattern", text)',
    ],
    [
      'regex_match(5, $country)',
      13,
      'pattern must be a string, but found a number',
      'write regex_match("pattern", text)',
    ],
    [
      'regex_match("(", $country)',
      13,
      'the regular expression cannot be read: missing closing ): `(`',
      'use RE2 syntax, without lookaround and backreferences',
    ],
    [
      'regex_match("(a)\\\\1", $country)',
      13,
      'the regular expression cannot be read: invalid escape sequence: `\\1`',
      'use RE2 syntax, without lookaround and backreferences',
    ],
    [
      'regex_match("(a{0,900}){2}", $country)',
      13,
      'the regular expression cannot be read: invalid repeat count: `{2}`',
      'use RE2 syntax, without lookaround and backreferences',
    ],
    [
      'regex_match("[a-z]{1,900}", $country)',
      13,
      'the regular expression is too large',
      'use smaller repeat counts, or a list instead of many words',
    ],
    ['$amount + $country', 11, '+ needs numbers, but found a string', undefined],
    ['$country + "x"', 1, '+ needs numbers, but found a string', undefined],
    [
      '$amount - 1 - $seen_at',
      15,
      '- needs numbers, but found a datetime',
      'use getepochmilliseconds(…) to reckon with datetimes',
    ],
    ['$amount * true', 11, '* needs numbers, but found true or false', undefined],
    ['-$country', 1, '- needs a number, but found a string', undefined],
    [
      '!$amount == 5',
      1,
      '! needs true or false, but found a number',
      '! binds tightly: write !($a == 5) to negate a comparison',
    ],
    ['$is_new and $amount', 13, 'and needs conditions, but found a number', 'compare it, as in $amount > 0'],
    ['$country or $is_new', 1, 'or needs conditions, but found a string', 'compare it, as in $amount > 0'],
    ['$amount == "5"', 9, 'cannot compare a number with a string', 'write it without quotes'],
    ['5 == $country', 3, 'cannot compare a number with a string', 'put it in quotes'],
    ['$amount == $country', 9, 'cannot compare a number with a string', undefined],
    ['$is_new == "true"', 9, 'cannot compare true or false with a string', 'write it without quotes'],
    ['$is_new == 1', 9, 'cannot compare true or false with a number', undefined],
    ['1700000000000 < $seen_at', 15, 'cannot compare a number with a datetime', 'use getepochmilliseconds(…)'],
    [
      '$seen_at == $country',
      13,
      'expected a datetime, but found a string',
      'write an instant, such as "2026-01-31T00:00:00Z"',
    ],
    ['$email == "ann@example.org"', 8, 'cannot compare a hashed value with a string', TOKEN],
    ['$country == $email', 10, 'cannot compare a string with a hashed value', TOKEN],
    ['$email < $customer', 8, 'a hashed value has no order', TOKEN],
    ['$email in ["ann@example.org"]', 11, 'a hashed value cannot be compared with literals', TOKEN],
    ['$is_new > false', 9, 'true or false has no order', 'use == or !='],
    ['$amount > null', 11, 'null can only be compared with == or !=', 'write $variable == null'],
    ['lowercase(null)', 11, 'null can only be compared with == or !=', 'write $variable == null'],
    [
      '$amount in [5, "10"]',
      16,
      'the list must hold a number to be compared with, but holds a string',
      'write it without quotes',
    ],
    [
      '$country in ["US", 5]',
      20,
      'the list must hold a string to be compared with, but holds a number',
      'put it in quotes',
    ],
    ['$is_new in @blocked', 9, 'a list holds strings and numbers, but found true or false', undefined],
    ['$seen_at in @blocked', 10, 'a list holds strings and numbers, but found a datetime', undefined],
  ])('%s', (source, column, reason, suggestion) => {
    const error = errorOf(source);

    expect(error).toMatchObject({ line: 1, reason, column });
    expect(error.suggestion).toBe(suggestion);
  });

  test.each([
    ['number', 'EUR', 'the default of $x is not a number'],
    ['number', Number.NaN, 'the default of $x is not a number'],
    ['string', 5, 'the default of $x is not a string'],
    ['datetime', '2026-01-31T00:00:00Z', 'the default of $x is not a datetime'],
  ] as const)('a default of another type than %s is refused', (type, value, reason) => {
    const within: RuleScope = { variables: new Map([['x', { type, default: value }]]), lists: new Set() };

    expect(errorOf('$x == null', within).reason).toBe(reason);
  });
});

describe('conditions', () => {
  test.each([
    ['$amount + 1', 9, 'a rule must be true or false, but this is a number'],
    ['lowercase($country)', 1, 'a rule must be true or false, but this is a string'],
    ['$email', 1, 'a rule must be true or false, but this is a string'],
    ['getcurrentdatetime()', 1, 'a rule must be true or false, but this is a datetime'],
  ])('%s is no condition', (source, column, reason) => {
    expect(() => compileCondition(source, scope)).toThrow(
      `line 1, column ${column}: ${reason}; compare it with something, as in $amount > 100`,
    );
  });
});

describe('limits', () => {
  test('an expression of 4,096 characters compiles', () => {
    expect(compileCondition('$is_new'.padEnd(4_096), scope).type).toBe('boolean');
  });

  test('an expression of 4,097 characters is refused', () => {
    expect(errorOf('$is_new'.padEnd(4_097)).reason).toBe('the expression is longer than 4096 characters');
  });

  test.each(['(', '!', '-', '!(', '-(', 'lowercase('])(
    '4,096 characters of nested %s are refused, not run into',
    (opening) => {
      const error = errorOf(opening.repeat(4_096 / opening.length));

      expect(error.reason).toBe('the expression nests deeper than 64 levels');
    },
  );

  test('64 levels compile and evaluate', () => {
    const source = `${'('.repeat(64)}1 + 1${')'.repeat(64)}`;

    const { value } = compileExpression(source, scope).evaluate({ value: () => null, inList: () => false, nowMs: 0 });

    expect(value).toBe(2);
  });

  test('65 levels are refused', () => {
    expect(errorOf(`${'('.repeat(65)}1${')'.repeat(65)}`).column).toBe(65);
  });

  test.each([
    ['1', '+', 2_048],
    ['1', '*', 1],
    ['true', ' or ', true],
    ['false', ' and ', false],
  ])('a chain of %s%s as long as the source allows is no nesting', (operand, operator, expected) => {
    const count = Math.floor((4_096 + operator.length) / (operand.length + operator.length));
    const source = Array.from({ length: count }, () => operand).join(operator);

    const { value } = compileExpression(source, scope).evaluate({ value: () => null, inList: () => false, nowMs: 0 });

    expect(value).toBe(expected);
  });
});

describe('how an error is shown', () => {
  test('the line at fault stands above a caret and the remedy', () => {
    const error = errorOf('$is_new\n\tand $amont > 5 # rich\nor true');

    expect(error.pretty).toBe(
      [
        'line 2, column 6: unknown variable $amont',
        '  \tand $amont > 5 # rich',
        '  \t    ^',
        '  did you mean $amount?',
      ].join('\n'),
    );
  });

  test('a long line is cut around the fault', () => {
    const error = errorOf(`${'$is_new or '.repeat(20)}$merchant or ${'$is_new or '.repeat(20)}true`);

    const [, shown, caret] = error.pretty.split('\n');
    expect(shown).toHaveLength(104);
    expect(shown).toMatch(/^ {2}….*…$/);
    expect(shown?.slice(caret?.indexOf('^')).startsWith('$merchant')).toBe(true);
  });

  test('an error at the end of the source points behind its last character', () => {
    expect(errorOf('$amount >').pretty.split('\n').slice(1)).toEqual(['  $amount >', '           ^']);
  });
});
