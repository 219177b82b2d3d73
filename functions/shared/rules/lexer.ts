import type { Refuse } from './errors.ts';

export type TokenKind = 'number' | 'string' | 'variable' | 'list' | 'word' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; without the sign for variables and lists, decoded for strings. */
  readonly text: string;
  /** Offset of the first character in the source, in UTF-16 code units. */
  readonly at: number;
  /** Offset behind the last character. */
  readonly end: number;
}

const SPACE = /(?:\s|#[^\n]*)+/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/y;
const VARIABLE = /\$[A-Za-z_][A-Za-z0-9_]*/y;
const LIST = /@[a-z0-9_-]+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const SYMBOL = /==|!=|<=|>=|[<>!+\-*/%()[\],]/y;

/** What people write out of habit from other languages, longest first, and what is meant here. */
const HABITS: readonly (readonly [written: string, suggestion: string])[] = [
  ['===', 'use == to compare'],
  ['!==', 'use != to compare'],
  ['<>', 'use != to compare'],
  ['=>', 'use >='],
  ['=<', 'use <='],
  ['&&', 'use and'],
  ['||', 'use or'],
  ['//', 'start a comment with #'],
  ['/*', 'start a comment with #'],
  ['**', 'there is no power operator; multiply'],
];
const HABITS_OF_ONE: Readonly<Record<string, string>> = {
  '=': 'use == to compare',
  '&': 'use and',
  '|': 'use or',
  '~': 'use !',
  '¬': 'use !',
  '^': 'there is no power operator; multiply',
  '≠': 'use !=',
  '≤': 'use <=',
  '≥': 'use >=',
  ';': 'a rule is one expression and needs no end mark',
  '?': 'there is no if-else; write one rule for each answer',
  ':': 'there is no if-else; write one rule for each answer',
  '{': 'write variables as $name, without braces',
  '}': 'write variables as $name, without braces',
  '.': 'write a digit before the point, such as 0.5',
  '“': 'use plain quotes "',
  '”': 'use plain quotes "',
  '„': 'use plain quotes "',
  '‘': "use plain quotes '",
  '’': "use plain quotes '",
  '`': 'use plain quotes "',
};

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\' };

/**
 * Splits a source into tokens, the last of kind `end`. Spaces and `#` comments are dropped. Linear in the length.
 *
 * @throws {RuleError} at a character or literal that the language does not have.
 */
export const tokenise = (source: string, refuse: Refuse): readonly Token[] => {
  const tokens: Token[] = [];
  let at = skipSpace(source, 0);
  while (at < source.length) {
    const token = tokenAt(source, at, refuse);
    tokens.push(token);
    at = skipSpace(source, token.end);
  }
  tokens.push({ kind: 'end', text: '', at, end: at });
  return tokens;
};

/** What the pattern finds exactly here, or undefined. */
const matchAt = (pattern: RegExp, source: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
};

const skipSpace = (source: string, at: number): number => at + (matchAt(SPACE, source, at)?.length ?? 0);

const tokenAt = (source: string, at: number, refuse: Refuse): Token => {
  switch (source[at]) {
    case '$':
      return nameToken('variable', VARIABLE, source, at, refuse);
    case '@':
      return nameToken('list', LIST, source, at, refuse);
    case '"':
    case "'":
      return stringToken(source, at, refuse);
    default:
      return numberToken(source, at, refuse) ?? wordToken(source, at) ?? symbolToken(source, at, refuse);
  }
};

const nameToken = (kind: 'variable' | 'list', pattern: RegExp, source: string, at: number, refuse: Refuse): Token => {
  const found = matchAt(pattern, source, at) ?? '';
  const end = at + found.length;
  const capitals = kind === 'list' && /[A-Za-z]/.test(source[Math.max(end, at + 1)] ?? '');
  if (found === '' || capitals) throw refuse(at, badName(kind, capitals), nameRemedy(kind, source.slice(at + 1)));
  return { kind, text: found.slice(1), at, end };
};

const badName = (kind: 'variable' | 'list', capitals: boolean): string => {
  if (kind === 'variable')
    return 'a variable needs a name after $, of letters, digits and _, not starting with a digit';
  return capitals ? 'the name of a list has no capitals' : 'a list needs a name after @, of a-z, 0-9, _ and -';
};

/** Reads the name that was meant: `${amount}` and `@Blocked`. */
const nameRemedy = (kind: 'variable' | 'list', rest: string): string | undefined => {
  const meant = kind === 'variable' ? /^\{?\s*\$?([A-Za-z_]\w*)/.exec(rest)?.[1] : /^[A-Za-z0-9_-]+/.exec(rest)?.[0];
  if (meant === undefined) return undefined;
  return kind === 'variable' ? `did you mean $${meant}?` : `did you mean @${meant.toLowerCase()}?`;
};

const stringToken = (source: string, at: number, refuse: Refuse): Token => {
  const found = matchAt(STRING, source, at);
  if (found === undefined) {
    throw refuse(
      at,
      'the text has no closing quote on its line',
      `close it with ${source[at]}; write a line break as \\n`,
    );
  }
  return { kind: 'string', text: unescapeText(found.slice(1, -1)), at, end: at + found.length };
};

// A backslash before any other character stays: patterns are written "\." and "\d", as Amazon's documentation does.
const unescapeText = (text: string): string =>
  text.replace(/\\([^\n])/g, (whole, escaped: string) => ESCAPES[escaped] ?? whole);

const numberToken = (source: string, at: number, refuse: Refuse): Token | undefined => {
  const text = matchAt(NUMBER, source, at);
  if (text === undefined) return undefined;
  const end = at + text.length;
  if (/[A-Za-z_]/.test(source[end] ?? '')) {
    throw refuse(at, 'a number cannot run into letters', 'put text in quotes, or a space behind the number');
  }
  if (source[end] === '.') throw refuse(end, 'a number cannot end in a point', `write ${text} or ${text}.0`);
  if (!Number.isFinite(Number(text))) throw refuse(at, 'the number is too large', 'the largest is about 1.8e308');
  if (/^\d+$/.test(text) && !Number.isSafeInteger(Number(text))) {
    throw refuse(at, 'an integer this large would lose digits', 'put it in quotes if it is an identifier');
  }
  return { kind: 'number', text, at, end };
};

const wordToken = (source: string, at: number): Token | undefined => {
  const text = matchAt(WORD, source, at);
  return text === undefined ? undefined : { kind: 'word', text, at, end: at + text.length };
};

const symbolToken = (source: string, at: number, refuse: Refuse): Token => {
  const habit = HABITS.find(([written]) => source.startsWith(written, at));
  if (habit) throw refuse(at, `the language has no ${habit[0]}`, habit[1]);
  const text = matchAt(SYMBOL, source, at);
  if (text !== undefined) return { kind: 'symbol', text, at, end: at + text.length };
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  throw refuse(at, `unexpected ${nameOf(character)}`, HABITS_OF_ONE[character]);
};

/** A character as a reader can recognise it: itself, or its code point when it cannot be seen. */
const nameOf = (character: string): string =>
  /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character)
    ? character
    : `character U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
