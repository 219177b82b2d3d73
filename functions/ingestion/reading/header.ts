import { isUtf8 } from 'node:buffer';

import { MAX_FIELDS } from '#domain/admission-reasons.ts';
import type { ReadReason } from '#domain/row-problem.ts';
import { cellsOf } from './csv-cells.ts';
import { type Frame, fieldCountOf } from './frames.ts';

/** Most columns of a file. */
export const MAX_COLUMNS = MAX_FIELDS;

export type HeaderRead =
  | { readonly ok: true; readonly header: readonly string[] }
  | { readonly ok: false; readonly reason: ReadReason; readonly problem: string };

/**
 * Reads the names of the columns.
 *
 * Names that differ by case, by spaces around them or by how an accented letter is composed are one name: two such
 * columns would leave it open which one counts.
 */
export const readHeader = ({ bytes, flaw }: Frame): HeaderRead => {
  if (flaw !== undefined) return refuse(flaw, 'the first line must name the columns, in UTF-8 and under 1 MB');
  if (!isUtf8(bytes)) return refuse('invalid_utf8', 'the first line is not UTF-8; save the file as UTF-8');
  if (fieldCountOf(bytes) > MAX_COLUMNS) {
    return refuse('too_many_columns', `the file has more than ${MAX_COLUMNS} columns; leave out what is not needed`);
  }
  const text = bytes.toString('utf8');
  if (text.includes('\r')) return refuse('line_endings', 'end lines with LF or CRLF');
  const header = cellsOf([text])[0]?.map((name) => name.trim());
  if (!header) return refuse('bad_header', 'the first line must name the columns, as CSV');
  return hasDuplicates(header)
    ? refuse('duplicate_headers', 'two columns have the same name; rename or remove one')
    : { ok: true, header };
};

const refuse = (reason: ReadReason, problem: string): HeaderRead => ({ ok: false, reason, problem });

/** Whether two columns have one name. Unnamed ones, as spreadsheets leave them at the end, are not compared. */
export const hasDuplicates = (header: readonly string[]): boolean => {
  const names = header.filter((name) => name !== '').map((name) => name.normalize('NFC').toLowerCase());
  return new Set(names).size < names.length;
};
