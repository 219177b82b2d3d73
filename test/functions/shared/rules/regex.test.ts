import { expect, test } from '@jest/globals';

import { compileCondition } from '#rules/compile.ts';
import { contextOf, scope } from './scope.ts';

const matches = (pattern: string, country: string) =>
  compileCondition(`regex_match("${pattern}", $country)`, scope).evaluate(contextOf({ country })).value;

// Each of these takes a backtracking engine longer than the age of the universe.
test.each([
  ['(a+)+$', 'a'.repeat(50_000), true],
  ['(a+)+$', `${'a'.repeat(50_000)}!`, false],
  ['(a|a)*b', 'a'.repeat(50_000), false],
  ['(.*)(.*)(.*)(.*)x', 'a'.repeat(50_000), false],
  ['(?:a?){200}a{200}', 'a'.repeat(200), true],
])('%s takes linear time', (pattern, text, expected) => {
  const started = performance.now();

  expect(matches(pattern, text)).toBe(expected);

  // Linear time takes milliseconds here; the bound leaves room for a busy machine.
  expect(performance.now() - started).toBeLessThan(2_000);
});
