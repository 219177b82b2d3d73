import { readFileSync } from 'node:fs';

import * as z from 'zod';

import type { List } from '#domain/catalog/documents.ts';
import { ListValuesSchema } from '../../functions/administration/requests.ts';

const ENDS = 'an instant with an offset, such as 2026-12-31T00:00:00Z';

/**
 * The values in a file: a JSON array (`.json`), as the API takes it, or text of one value a line.
 *
 * @param until - instant until which all of them count that name none themselves.
 * @throws {Error} that says what is wrong with the file, and where.
 */
export const readListFile = (path: string, until: string | undefined): List['values'] => {
  if (until !== undefined && !z.iso.datetime({ offset: true }).safeParse(until).success) {
    throw new Error(`--until must be ${ENDS}`);
  }
  const text = readFileSync(path, 'utf8');
  const values = path.endsWith('.json') ? jsonIn(path, text) : linesIn(text);
  const parsed = ListValuesSchema.safeParse(values);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`'${path}' holds no list: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data.map((value) => (typeof value === 'string' && until !== undefined ? { value, until } : value));
};

const linesIn = (text: string): readonly string[] =>
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const jsonIn = (path: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`'${path}' is no JSON; write an array of values, or one value a line into a .txt`, { cause });
  }
};
