/** Where an error is, and what would put it right. */
export interface RuleErrorDetails {
  readonly source: string;
  /** Offset into the source, in UTF-16 code units. */
  readonly at: number;
  readonly suggestion?: string;
}

/** Widest part of a source line that is shown, so that a rule written on one long line stays readable. */
const SHOWN_COLUMNS = 100;

/** The expression cannot be used: where it fails, why, and what would put it right. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  /** The fault alone, without its place and remedy. */
  readonly reason: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units, as editors count. */
  readonly column: number;
  /** What to write instead, such as `did you mean $amount?`. */
  readonly suggestion?: string;
  /** The message with the line at fault and a caret under the place. */
  readonly pretty: string;

  constructor(reason: string, { source, at, suggestion }: RuleErrorDetails) {
    const lineStart = source.lastIndexOf('\n', at - 1) + 1;
    const line = source.slice(0, lineStart).split('\n').length;
    const column = at - lineStart + 1;
    super(`line ${line}, column ${column}: ${reason}${suggestion === undefined ? '' : `; ${suggestion}`}`);
    this.reason = reason;
    this.line = line;
    this.column = column;
    if (suggestion !== undefined) this.suggestion = suggestion;
    const text = source.slice(lineStart).split('\n', 1)[0] ?? '';
    this.pretty = [`line ${line}, column ${column}: ${reason}`, ...pointAt(text, column), ...asLine(suggestion)].join(
      '\n',
    );
  }
}

const asLine = (suggestion: string | undefined): string[] => (suggestion === undefined ? [] : [`  ${suggestion}`]);

/** The line and a caret below its column; a line too wide is cut around the column. */
const pointAt = (text: string, column: number): string[] => {
  const from = column <= SHOWN_COLUMNS ? 0 : column - 1 - SHOWN_COLUMNS / 2;
  const shown = text.slice(from, from + SHOWN_COLUMNS);
  const before = from === 0 ? '' : '…';
  const after = from + SHOWN_COLUMNS < text.length ? '…' : '';
  // Tabs are kept in the caret's line, so that it stands below its character however wide a tab is.
  const indent = (before + text.slice(from, column - 1)).replace(/[^\t]/g, ' ');
  return [`  ${before}${shown.replace(/\r$/, '')}${after}`, `  ${indent}^`];
};

/** Makes the errors of one source. */
export type Refuse = (at: number, reason: string, suggestion?: string) => RuleError;

/** Gives the maker of errors for one source, so that lexer, parser and checker need not carry the text around. */
export const refuserOf =
  (source: string): Refuse =>
  (at, reason, suggestion) =>
    new RuleError(reason, suggestion === undefined ? { source, at } : { source, at, suggestion });
