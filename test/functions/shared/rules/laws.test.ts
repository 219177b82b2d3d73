import vm from 'node:vm';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Expression } from '#rules/ast.ts';
import { compileExpression, RULE_FAULTS, type RuleContext, type RuleValue } from '#rules/compile.ts';
import { MAX_SOURCE_LENGTH, parse } from '#rules/parser.ts';
import { printExpression } from '#rules/print.ts';
import { anyValues, conditions, expressions } from './arbitrary.ts';
import { contextOf, scope, type Values } from './scope.ts';

/** The expression alone: where it was written is no part of what it means. */
const meaning = (expression: Expression): unknown =>
  JSON.parse(
    JSON.stringify(expression, (key, value) => (key === 'at' ? undefined : Object.is(value, -0) ? '-0' : value)),
  );

const printed = (generated: fc.Arbitrary<Expression>): fc.Arbitrary<string> =>
  generated.map(printExpression).filter((source) => source.length <= MAX_SOURCE_LENGTH);

const contexts: fc.Arbitrary<RuleContext> = fc
  .tuple(anyValues, fc.constantFrom(true, false, undefined), fc.oneof(fc.integer(), fc.double()))
  .map(([values, held, nowMs]) => ({ value: (name) => (values as Values)[name], inList: () => held, nowMs }));

const evaluated = (source: string, context: RuleContext): { value: RuleValue; faults: readonly string[] } => {
  const { value, faults } = compileExpression(source, scope).evaluate(context);
  return { value, faults };
};

describe('the language as a whole', () => {
  test('what is printed is parsed back as the same expression', () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        const source = printExpression(expression);
        fc.pre(source.length <= MAX_SOURCE_LENGTH);

        expect(meaning(parse(source))).toEqual(meaning(expression));
      }),
      { numRuns: 1_000 },
    );
  });

  test('a well-typed expression compiles, and has a value or faults, never both, whatever the event holds', () => {
    fc.assert(
      fc.property(printed(expressions), contexts, (source, context) => {
        const { type, evaluate } = compileExpression(source, scope);

        const evaluation = evaluate(context);

        if (evaluation.value === null) {
          expect(evaluation.faults.length).toBeGreaterThan(0);
          expect(RULE_FAULTS).toEqual(expect.arrayContaining([...evaluation.faults]));
        } else {
          expect(evaluation.faults).toEqual([]);
          expect(typeof evaluation.value).toBe(type === 'datetime' ? 'number' : type);
          if (typeof evaluation.value === 'number') expect(Number.isFinite(evaluation.value)).toBe(true);
        }
        expect(typeof evaluation.withValues()).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  test('an answer does not change when the same event is asked again', () => {
    fc.assert(
      fc.property(printed(expressions), contexts, (source, context) => {
        const compiled = compileExpression(source, scope);
        const first = compiled.evaluate(context);

        const again = compiled.evaluate(context);

        expect(again.value).toBe(first.value);
        expect(again.faults).toEqual(first.faults);
      }),
      { numRuns: 200 },
    );
  });

  test('arbitrary text is compiled or refused with its place, and nothing else', () => {
    const pieces = fc.constantFrom(
      '$amount',
      '$country',
      '@blocked',
      ' ',
      '(',
      ')',
      '[',
      ']',
      ',',
      '5',
      '"a"',
      'and',
      'in',
      'not',
      '!',
      '-',
      '==',
      '<',
      '+',
      'null',
      'lowercase',
      '#',
      '\n',
      '"',
      '=',
      'é',
      '\ud800',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
        ),
        (source) => {
          try {
            compileExpression(source, scope);
          } catch (error) {
            expect(error).toMatchObject({ name: 'RuleError', line: expect.any(Number), column: expect.any(Number) });
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('laws of logic, missing values included', () => {
  const law = (name: string, left: (a: string, b: string) => string, right: (a: string, b: string) => string) =>
    test(name, () => {
      fc.assert(
        fc.property(printed(conditions), printed(conditions), contexts, (a, b, context) => {
          const [one, other] = [left(`(${a})`, `(${b})`), right(`(${a})`, `(${b})`)];
          fc.pre(Math.max(one.length, other.length) <= MAX_SOURCE_LENGTH);

          expect(evaluated(one, context)).toEqual(evaluated(other, context));
        }),
        { numRuns: 300 },
      );
    });

  law(
    'De Morgan for and',
    (a, b) => `!(${a} and ${b})`,
    (a, b) => `!${a} or !${b}`,
  );
  law(
    'De Morgan for or',
    (a, b) => `!(${a} or ${b})`,
    (a, b) => `!${a} and !${b}`,
  );
  law(
    'two negations cancel',
    (a) => `!!${a}`,
    (a) => a,
  );
  law(
    'the order of and does not matter',
    (a, b) => `${a} and ${b}`,
    (a, b) => `${b} and ${a}`,
  );
  law(
    'the order of or does not matter',
    (a, b) => `${a} or ${b}`,
    (a, b) => `${b} or ${a}`,
  );
  law(
    'not in negates in',
    () => '$country not in ["US", "DE"]',
    () => '!($country in ["US", "DE"])',
  );
  law(
    '> negates <=',
    () => '!($amount <= $count)',
    () => '$amount > $count',
  );
  law(
    'a null check negates the other',
    (a) => `!(${a} == null)`,
    (a) => `${a} != null`,
  );
});

describe('an independent oracle', () => {
  const operand = fc.oneof(
    fc.nat({ max: 12 }).map(String),
    fc.constantFrom('0.5', '1e3', '1.25', 'amount', 'count').map((part) => (/^[a-z]/.test(part) ? `$${part}` : part)),
  );
  const sign = fc.constantFrom(' + ', ' - ', ' * ', ' / ', ' % ');
  const arithmetic = fc.letrec<{ sum: string; part: string }>((tie) => ({
    part: fc.oneof(
      { depthSize: 'small' },
      operand,
      operand.map((inner) => `-${inner}`),
      tie('sum').map((inner) => `(${inner})`),
      tie('sum').map((inner) => `-(${inner})`),
    ),
    sum: fc
      .tuple(tie('part'), fc.array(fc.tuple(sign, tie('part')), { maxLength: 4 }))
      .map(([first, rest]) => first + rest.flat().join('')),
  })).sum;

  // JavaScript gives these operators the same ranks; it says Infinity or NaN where the language has a fault.
  const inJavaScript = (source: string, values: Values): unknown =>
    vm.runInNewContext(
      source.replaceAll(' and ', ' && ').replaceAll(' or ', ' || '),
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`$${name}`, value])),
    );

  test('arithmetic has the ranks and results of IEEE doubles', () => {
    fc.assert(
      fc.property(
        arithmetic,
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (source, amount, count) => {
          fc.pre(source.length <= MAX_SOURCE_LENGTH);
          const values = { amount, count };

          const { value, faults } = evaluated(source, contextOf(values));

          // A quotient by zero may come back to a finite number in JavaScript (1 / (1 / 0) is 0), so the fault is trusted there.
          if (faults.includes('division_by_zero')) expect(source).toMatch(/[/%]/);
          else expect(value).toBe(inJavaScript(source, values));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('and, or, ! and comparisons have the ranks of JavaScript', () => {
    const truth = fc.constantFrom(
      'true',
      'false',
      '!true',
      '$amount + 1 < $count * 2',
      '!($amount == 3)',
      '2 <= $count',
    );
    const condition = fc.array(fc.tuple(truth, fc.constantFrom(' and ', ' or ')), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(condition, truth, fc.nat({ max: 5 }), fc.nat({ max: 5 }), (parts, last, amount, count) => {
        const source = parts.flat().join('') + last;

        expect(evaluated(source, contextOf({ amount, count })).value).toBe(inJavaScript(source, { amount, count }));
      }),
      { numRuns: 300 },
    );
  });
});
