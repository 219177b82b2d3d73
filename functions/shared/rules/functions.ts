import { RE2JS, RE2JSException } from 're2js';

import type { LiteralValue } from './ast.ts';
import { clockIn } from './time-zones.ts';
import type { RuleType, RuleValue } from './types.ts';

/** One argument of a function. */
export interface Parameter {
  readonly name: string;
  readonly type: RuleType;
  /** The argument must be written in the expression, so that work on it is done once. */
  readonly literal?: true;
}

/** Refuses a literal argument, by its position from 0, while the expression is compiled. */
export type RefuseArgument = (position: number, reason: string, suggestion?: string) => Error;

/** A function of the language: arguments in, none of them missing; a number that is not finite becomes a fault. */
export type BoundFunction = (args: readonly RuleValue[], nowMs: number) => RuleValue;

/** An entry of {@link FUNCTIONS}. Functions are pure, never throw and take time linear in their arguments. */
export interface RuleFunction {
  readonly parameters: readonly Parameter[];
  readonly returns: RuleType;
  /** Called once for each call in a compiled expression, with the literal arguments in their places. */
  bind(literals: readonly (LiteralValue | undefined)[], refuse: RefuseArgument): BoundFunction;
}

/** How a value of each type is held. */
interface Held {
  readonly number: number;
  readonly string: string;
  readonly boolean: boolean;
  readonly datetime: number;
}
type Arguments<P extends readonly Parameter[]> = { readonly [I in keyof P]: Held[P[I]['type']] };

interface Definition<P extends readonly Parameter[], R extends RuleType> {
  readonly parameters: P;
  readonly returns: R;
  readonly bind: (
    literals: Partial<Arguments<P>>,
    refuse: RefuseArgument,
  ) => (args: Arguments<P>, nowMs: number) => Held[R];
}

/** Checks a definition against its own signature. The checker guarantees that calls are made with those types. */
const define = <const P extends readonly Parameter[], R extends RuleType>(definition: Definition<P, R>): RuleFunction =>
  definition as unknown as RuleFunction;

/** A function that compares two instants. */
const comparison = (holds: (a: number, b: number) => boolean): RuleFunction =>
  define({
    parameters: [
      { name: 'a', type: 'datetime' },
      { name: 'b', type: 'datetime' },
    ],
    returns: 'boolean',
    bind:
      () =>
      ([a, b]) =>
        holds(a, b),
  });

/** A function of one number. */
const ofNumber = (value: (x: number) => number): RuleFunction =>
  define({
    parameters: [{ name: 'x', type: 'number' }],
    returns: 'number',
    bind:
      () =>
      ([x]) =>
        value(x),
  });

/** A function of two numbers. */
const ofNumbers = (value: (a: number, b: number) => number): RuleFunction =>
  define({
    parameters: [
      { name: 'a', type: 'number' },
      { name: 'b', type: 'number' },
    ],
    returns: 'number',
    bind:
      () =>
      ([a, b]) =>
        value(a, b),
  });

/** A function of what clocks and calendars of a time zone show. */
const inZone = (value: (shown: { readonly hour: number; readonly weekday: number }) => number): RuleFunction =>
  define({
    parameters: [
      { name: 'instant', type: 'datetime' },
      { name: 'zone', type: 'string', literal: true },
    ],
    returns: 'number',
    bind: ([, zone = ''], refuse) => {
      const shownAt = clockIn(zone);
      if (!shownAt) throw refuse(1, `there is no time zone "${zone}"`, 'name one as "Europe/Berlin", or "UTC"');
      return ([instant]) => value(shownAt(instant));
    },
  });

/**
 * Largest regular expression, as RE2 counts its instructions. Matching takes up to instructions × characters steps,
 * so this and the limit on a variable's length bound it.
 */
export const MAX_PATTERN_SIZE = 1_000;

const compilePattern = (pattern: string, refuse: RefuseArgument): RE2JS => {
  const compiled = readPattern(pattern, refuse);
  if (compiled.programSize() <= MAX_PATTERN_SIZE) return compiled;
  throw refuse(0, 'the regular expression is too large', 'use smaller repeat counts, or a list instead of many words');
};

const readPattern = (pattern: string, refuse: RefuseArgument): RE2JS => {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const fault = error.message.replace(/^error parsing regexp: /, '');
    throw refuse(
      0,
      `the regular expression cannot be read: ${fault}`,
      'use RE2 syntax, without lookaround and backreferences',
    );
  }
};

/**
 * Every function of the language by name: a new one needs its line here, a row in docs/rule-language.md and a test.
 *
 * Those up to `getepochmilliseconds` are Amazon Fraud Detector's. Its `regex_match` is Java's `matches()`: the whole
 * text must match. The others derive features: what has no value, as the logarithm of zero has none, is not finite.
 */
export const FUNCTIONS: ReadonlyMap<string, RuleFunction> = new Map([
  [
    'regex_match',
    define({
      parameters: [
        { name: 'pattern', type: 'string', literal: true },
        { name: 'text', type: 'string' },
      ],
      returns: 'boolean',
      bind: ([pattern = ''], refuse) => {
        const compiled = compilePattern(pattern, refuse);
        return ([, text]) => compiled.testExact(text);
      },
    }),
  ],
  [
    'lowercase',
    define({
      parameters: [{ name: 'text', type: 'string' }],
      returns: 'string',
      bind:
        () =>
        ([text]) =>
          text.toLowerCase(),
    }),
  ],
  [
    'uppercase',
    define({
      parameters: [{ name: 'text', type: 'string' }],
      returns: 'string',
      bind:
        () =>
        ([text]) =>
          text.toUpperCase(),
    }),
  ],
  ['getcurrentdatetime', define({ parameters: [], returns: 'datetime', bind: () => (_, nowMs) => nowMs })],
  ['isbefore', comparison((a, b) => a < b)],
  ['isafter', comparison((a, b) => a > b)],
  [
    'getepochmilliseconds',
    define({
      parameters: [{ name: 'instant', type: 'datetime' }],
      returns: 'number',
      bind:
        () =>
        ([instant]) =>
          instant,
    }),
  ],
  ['abs', ofNumber(Math.abs)],
  ['sqrt', ofNumber(Math.sqrt)],
  ['ln', ofNumber(Math.log)],
  ['log10', ofNumber(Math.log10)],
  ['least', ofNumbers(Math.min)],
  ['greatest', ofNumbers(Math.max)],
  [
    'zscore',
    define({
      parameters: [
        { name: 'value', type: 'number' },
        { name: 'mean', type: 'number' },
        { name: 'stddev', type: 'number' },
      ],
      returns: 'number',
      bind:
        () =>
        ([value, mean, stddev]) =>
          stddev > 0 ? (value - mean) / stddev : Number.NaN,
    }),
  ],
  ['hour_of_day', inZone(({ hour }) => hour)],
  ['day_of_week', inZone(({ weekday }) => weekday)],
]);

/** A function as a message shows it: `regex_match("pattern", text)`. */
export const signatureOf = (name: string, { parameters }: RuleFunction): string =>
  `${name}(${parameters.map((parameter) => (parameter.literal ? `"${parameter.name}"` : parameter.name)).join(', ')})`;
