import { refuserOf } from './errors.ts';
import { tokenise } from './lexer.ts';
import { printLiteral } from './print.ts';
import type { RuleContext, RuleScope, RuleValue, RuleVariable } from './types.ts';

/** Longest text of one value that is shown, in UTF-16 code units. */
const SHOWN_TEXT = 64;

/** Longest expression with values: decisions are stored, and long texts repeated many times would swell them. */
export const MAX_SHOWN_LENGTH = 8_192;

/** A stretch of the source, and the variable behind it. */
interface Segment {
  readonly text: string;
  readonly variable?: { readonly name: string } & RuleVariable;
}

/** Shows a source with the values of one event in place of its variables. Never throws. */
export type ShowWithValues = (context: RuleContext) => string;

/**
 * Prepares a source for its record: each `$variable` gives way to the value that the expression saw, in the
 * language's own notation. Missing values read `null`, datetimes are instants in quotes. At most 8,192 characters.
 *
 * @param source - an expression that compiles in the scope.
 */
export const showWithValuesOf = (source: string, scope: RuleScope): ShowWithValues => {
  const segments = segmentsOf(source, scope);
  return (context) => {
    const shown = segments
      .map(({ text, variable }) => (variable ? text + shownValue(variable, context) : text))
      .join('');
    return shown.length <= MAX_SHOWN_LENGTH ? shown : `${shown.slice(0, MAX_SHOWN_LENGTH - 1)}…`;
  };
};

const segmentsOf = (source: string, scope: RuleScope): readonly Segment[] => {
  const segments: Segment[] = [];
  let from = 0;
  for (const { kind, text: name, at, end } of tokenise(source, refuserOf(source))) {
    const variable = kind === 'variable' ? scope.variables.get(name) : undefined;
    if (variable === undefined) continue;
    segments.push({ text: source.slice(from, at), variable: { name, ...variable } });
    from = end;
  }
  return [...segments, { text: source.slice(from) }];
};

const shownValue = (
  { name, type, default: fallback = null }: { name: string } & RuleVariable,
  context: RuleContext,
): string => {
  try {
    const value = context.value(name) ?? fallback;
    if (value !== null && context.show) return context.show(name, value);
    return type === 'datetime' && typeof value === 'number' ? shownInstant(value) : shownLiteral(value);
  } catch {
    // A context that throws has made the evaluation fail already, and its record must still be written.
    return '?';
  }
};

const shownInstant = (epochMs: number): string => {
  const instant = new Date(epochMs);
  return Number.isNaN(instant.getTime()) ? String(epochMs) : printLiteral(instant.toISOString());
};

const shownLiteral = (value: RuleValue): string => {
  if (value === null) return 'null';
  if (typeof value !== 'string' || value.length <= SHOWN_TEXT) return printLiteral(value);
  return printLiteral(`${value.slice(0, SHOWN_TEXT)}…`);
};
