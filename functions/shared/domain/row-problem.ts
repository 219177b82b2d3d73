import type { FieldProblem } from './errors.ts';

/** Why reading refuses a row, or a file: codes that tallies count. What validation refuses has codes of its own. */
export const READ_REASONS = [
  /** The row has more or fewer fields than the header. */
  'ragged_row',
  /** A quote opens a field and nothing closes it, or text follows the quote that closes one. */
  'broken_quotes',
  'malformed_csv',
  'not_json',
  'too_deep',
  'invalid_utf8',
  'record_too_large',
  /** The admitted event does not fit a chunk. */
  'event_too_large',
  /** The file ends before it should: gzip data is cut off or damaged. */
  'truncated',
  'corrupt_gzip',
  'compression_bomb',
  'too_large',
  'too_many_rows',
  'utf_16',
  'not_text',
  'unsupported_compression',
  'json_array',
  'line_endings',
  'duplicate_headers',
  'too_many_columns',
  'bad_header',
  /** The metadata or a page of a Parquet file contradict the format, or are not all there. */
  'corrupt_parquet',
  /** A Parquet file that is encrypted, or uses a compression or an encoding that is not known here. */
  'unsupported_parquet',
  /** A column that is wanted is nested, or of a type that has no plain text. */
  'unsupported_column',
] as const;
export type ReadReason = (typeof READ_REASONS)[number];

/** One thing wrong with a row: the field, what to do about it, and a code to count by. Never the value. */
export interface RowProblem extends FieldProblem {
  readonly reason: string;
}

/** A row that does not become an event, and why. */
export interface BadRow {
  /** 1 for the first row after the header. */
  readonly row: number;
  /** Line of the file that the row starts on; 1 is the first, the header's. */
  readonly line: number;
  readonly problems: readonly RowProblem[];
}

/** The field of problems that concern the row as a whole. */
export const WHOLE_ROW = '(row)';
