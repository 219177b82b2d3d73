import type { Decision, Disposition } from './decision.ts';
import { sequenceKey } from './file-record.ts';
import type { BadRow } from './row-problem.ts';

/** Columns of `results.csv`: one line for each row and detector, one for a row without decisions. */
export const RESULT_COLUMNS = [
  'row',
  'event_id',
  'disposition',
  'detector',
  'score',
  'probability',
  'outcomes',
  'reasons',
  'rung',
  'degraded',
] as const;

/** Columns of `rejects.csv`: one line for each problem of each row. Values are never among them. */
export const REJECT_COLUMNS = ['row', 'line', 'field', 'reason', 'problem'] as const;

/** How one row ended. */
export interface ResultRow {
  readonly row: number;
  readonly eventId: string;
  readonly disposition: Disposition;
  readonly decisions: readonly Decision[];
}

type Cell = string | number | undefined;

/** The header's line of a CSV file. */
export const headerLine = (columns: readonly string[]): string => lineOf(columns);

/** Lines of `results.csv`. Several outcomes, reasons or degradations are joined by `|`. */
export const resultLines = (rows: readonly ResultRow[]): string => rows.map(linesOfRow).join('');

const linesOfRow = ({ row, eventId, disposition, decisions }: ResultRow): string =>
  decisions.length === 0
    ? lineOf([row, eventId, disposition, ...RESULT_COLUMNS.slice(3).map(() => undefined)])
    : decisions.map((decision) => lineOf([row, eventId, disposition, ...cellsOf(decision)])).join('');

const cellsOf = ({ detector, score, probability, outcomes, rules, rung, degraded }: Decision): readonly Cell[] => [
  detector,
  score,
  probability,
  outcomes.join('|'),
  rules
    .filter(({ matched }) => matched)
    .map(({ id }) => id)
    .join('|'),
  rung,
  degraded.map(({ what, why }) => `${what}=${why}`).join('|'),
];

/** Lines of `rejects.csv`. */
export const rejectLines = (rows: readonly BadRow[]): string =>
  rows
    .flatMap(({ row, line, problems }) =>
      problems.map(({ field, reason, problem }) => lineOf([row, line, field, reason, problem])),
    )
    .join('');

const lineOf = (cells: readonly Cell[]): string => `${cells.map(cellText).join(',')}\n`;

const cellText = (cell: Cell): string => {
  const text = cell === undefined ? '' : typeof cell === 'number' ? String(cell) : unformula(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * Spreadsheets run a cell that begins like a formula; an apostrophe before it makes it text. Ids are chosen by
 * whoever sends events, so they may be meant to be run.
 */
const unformula = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Key of a chunk's results in the results bucket. */
export const chunkResultsKey = (fileId: string, sequence: number): string =>
  `chunks/${fileId}/${sequenceKey(sequence)}.csv`;

/** Where the bad rows of a file lie in the quarantine bucket. */
export const rejectsPrefix = (fileId: string): string => `rows/${fileId}/`;

/** Key of a part of a file's bad rows, by its first one: nine digits, so that text order is row order. */
export const rejectsPartKey = (fileId: string, firstRow: number): string =>
  `${rejectsPrefix(fileId)}${String(firstRow).padStart(9, '0')}.csv`;

/** Key of one of a complete file's objects in the results bucket. */
export const joinedKey = (
  { eventType, fileId }: { readonly eventType: string; readonly fileId: string },
  name: 'results.csv' | 'rejects.csv' | 'summary.json',
): string => `results/${eventType}/${fileId}/${name}`;
