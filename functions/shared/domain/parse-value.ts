import type { AdmissionReason } from './admission-reasons.ts';
import { holdsCardNumber } from './card-numbers.ts';
import type { Variable } from './catalog/event-type.ts';
import type { VariableValue } from './event.ts';
import { normaliseText } from './normalise-text.ts';
import { parseTime } from './times.ts';

/** A variable's value as it travels inside Assay, or why there is none. */
export type ParsedValue =
  | { readonly ok: true; readonly value: VariableValue }
  | { readonly ok: false; readonly reason: AdmissionReason; readonly problem: string };

type TextVariable = Extract<Variable, { maxLength: number }>;
type NumberVariable = Extract<Variable, { min?: number | undefined }>;

const refuse = (reason: AdmissionReason, problem: string): ParsedValue => ({ ok: false, reason, problem });
const give = (value: VariableValue): ParsedValue => ({ ok: true, value });

/**
 * Reads a value as its variable declares it. Files and Amazon Fraud Detector's clients send everything as text, so
 * numbers and booleans may be text too; a text may not be a number, since long ids lose digits as numbers.
 */
export const parseValue = (value: unknown, variable: Variable): ParsedValue => {
  if (variable.type === 'boolean') return parseBoolean(value);
  if (variable.type === 'datetime') return parseDatetime(value);
  if ('maxLength' in variable) return parseText(value, variable);
  return parseNumber(value, variable);
};

const parseText = (value: unknown, { type, maxLength, cardNumbers }: TextVariable): ParsedValue => {
  if (typeof value !== 'string') return refuse('wrong_type', 'send it as text');
  if (!value.isWellFormed()) return refuse('bad_text', 'send well-formed Unicode');
  if (cardNumbers === 'refuse' && holdsCardNumber(value)) {
    return refuse('card_number', 'leave out card numbers; declare the variable exempt if it holds none');
  }
  const text = normaliseText(type, value);
  return text.length > maxLength ? refuse('too_long', `send at most ${maxLength} characters`) : give(text);
};

/** JSON's own notation: no spaces, signs, leading zeros, hexadecimal or thousands separators. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

const parseNumber = (value: unknown, { type, min, max }: NumberVariable): ParsedValue => {
  const number = numberIn(value);
  if (number === undefined) return refuse('wrong_type', 'send a number, such as 12.5');
  if (!Number.isFinite(number)) return refuse('out_of_range', 'send a number that fits 64 bits');
  if (type === 'integer' && !Number.isSafeInteger(number)) return refuse('wrong_type', 'send a whole number');
  if (min !== undefined && number < min) return refuse('out_of_range', `send ${min} or more`);
  if (max !== undefined && number > max) return refuse('out_of_range', `send ${max} or less`);
  // Of a fraction the whole part: its digits behind the point are too many to be told from a card's.
  if (holdsCardNumber(String(Math.trunc(number)))) {
    return refuse('card_number', 'leave out card numbers; send other long numbers as text');
  }
  // There is one zero: minus zero would be other content.
  return give(number === 0 ? 0 : number);
};

const numberIn = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.length <= 400 && NUMBER.test(value) ? Number(value) : undefined;
};

const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['1', true],
  [1, true],
  [false, false],
  ['false', false],
  ['0', false],
  [0, false],
]);

const parseBoolean = (value: unknown): ParsedValue => {
  const boolean = BOOLEANS.get(typeof value === 'string' ? value.toLowerCase() : value);
  return boolean === undefined ? refuse('wrong_type', 'send true or false') : give(boolean);
};

const parseDatetime = (value: unknown): ParsedValue => {
  const time = parseTime(value);
  return time === undefined
    ? refuse('bad_time', 'send a date that exists, with time and offset, such as 2026-03-01T12:00:00Z')
    : give(time);
};
