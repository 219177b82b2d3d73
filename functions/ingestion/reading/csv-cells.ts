import { parse } from 'csv-parse/sync';

/**
 * The fields of records, each framed already. A record that is no CSV after all is undefined, and takes none of the
 * others with it.
 */
export const cellsOf = (records: readonly string[]): readonly (readonly string[] | undefined)[] => {
  const all = parsed(records.join('\n'));
  return all?.length === records.length ? all : records.map(cellsOfOne);
};

const cellsOfOne = (record: string): readonly string[] | undefined => {
  const rows = parsed(record);
  return rows?.length === 1 ? rows[0] : undefined;
};

const parsed = (text: string): string[][] | undefined => {
  try {
    // Quotes within unquoted fields are text; the number of fields is judged by the reader, row by row.
    return parse(text, { relax_quotes: true, relax_column_count: true, record_delimiter: '\n' });
  } catch {
    return undefined;
  }
};
