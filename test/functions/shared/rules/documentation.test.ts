import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import {
  compileCondition,
  compileExpression,
  RULE_FAULTS,
  RULE_TYPES,
  RuleError,
  type RuleScope,
  type RuleValue,
  type RuleVariable,
} from '#rules/compile.ts';
import { FUNCTIONS } from '#rules/functions.ts';
import { tableRowsIn } from '../../../support/markdown-tables.ts';
import { contextOf } from './scope.ts';

const page = readFileSync(new URL('../../../../docs/rule-language.md', import.meta.url), 'utf8');

const rowsOf = (header: string): string[][] => tableRowsIn(page, header);

/** Examples of every fence of this language: a blank line separates two. */
const examplesOf = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].flatMap(([, body = '']) =>
    body.trim().split('\n\n'),
  );

const code = (cell = ''): string => cell.replace(/^`|`$/g, '');

const declared = rowsOf('| name | type | default |').map(([name, type, fallback]): [string, RuleVariable] => {
  const token = type === 'token';
  const known = RULE_TYPES.find((one) => one === type);
  if (!known && !token) throw new Error(`unknown type in the table of names: ${type}`);
  const variable = { type: known ?? 'string', token };
  return [code(name).slice(1), fallback ? { ...variable, default: JSON.parse(code(fallback)) } : variable];
});
const scope: RuleScope = {
  variables: new Map(declared),
  lists: new Set(
    [...(/The lists are (.*)\./.exec(page)?.[1] ?? '').matchAll(/@([a-z0-9_-]+)/g)].map(([, name]) => name!),
  ),
};

/** Reads `$amount = 5, $country = "US"`. */
const valuesOf = (given: string): Record<string, RuleValue> =>
  Object.fromEntries(
    [...given.matchAll(/\$(\w+) = ("[^"]*"|[^,\s]+)/g)].map(([, name, value]) => [name, JSON.parse(value!)]),
  );

test('the page declares names and lists', () => {
  expect(scope.variables.size).toBe(16);
  expect([...scope.lists]).toEqual(['blocked_customers', 'disposable-emails', 'high_risk_countries']);
});

describe('examples of rules', () => {
  const examples = examplesOf('rule');

  test('there are some', () => expect(examples.length).toBeGreaterThan(8));

  test.each(examples)('%s', (source) => {
    expect(compileCondition(source, scope).source).toBe(source);
  });
});

describe('examples of other expressions', () => {
  const examples = examplesOf('expression');

  test('there are some', () => expect(examples.length).toBeGreaterThan(3));

  test.each(examples)('%s', (source) => {
    expect(compileExpression(source, scope).type).not.toBe('boolean');
  });
});

describe('tables of answers', () => {
  const rows = rowsOf('| expression | given | answer |');

  test('there are some', () => expect(rows.length).toBeGreaterThan(50));

  test.each(rows)('%s, given %s, answers %s', (expression, given, answer) => {
    const { value, faults } = compileExpression(code(expression), scope).evaluate(contextOf(valuesOf(code(given))));

    if (answer?.startsWith('no value: ')) {
      expect(value).toBeNull();
      expect(faults).toEqual(answer.slice('no value: '.length).split(', ').map(code));
    } else {
      expect(value).toEqual(JSON.parse(code(answer)));
    }
  });
});

describe('table of refusals', () => {
  const rows = rowsOf('| written | answer |');

  test('there are some', () => expect(rows.length).toBeGreaterThan(10));

  test.each(rows)('%s', (written, answer) => {
    expect(() => compileCondition(code(written), scope)).toThrow(RuleError);
    expect(() => compileCondition(code(written), scope)).toThrow(answer);
  });
});

test('the page explains every fault of the closed list, in its order', () => {
  expect(rowsOf('| fault | when |').map(([fault]) => code(fault))).toEqual([...RULE_FAULTS]);
});

test('the page explains every function', () => {
  const explained = rowsOf('| function | gives | |').flatMap(([cell = '']) =>
    [...cell.matchAll(/`(\w+)\(/g)].map(([, name]) => name),
  );

  expect(explained.toSorted()).toEqual([...FUNCTIONS.keys()].toSorted());
});

test('the record reads as the page says', () => {
  const { evaluate } = compileCondition('$amount > 100 and $country == "US"', scope);

  const shown = evaluate(contextOf({ amount: 120 })).withValues();

  expect(shown).toBe('120 > 100 and null == "US"');
  expect(page).toContain(`\`${shown}\``);
});
