import { open } from 'node:fs/promises';

import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';

import { columnDataOf, PARQUET_CODEC, type ParquetColumn, type ParquetRow } from '../../functions/lake/parquet.ts';
import { type Column, LAKE_TABLES, type LakeTable } from '../../functions/lake/tables.ts';
import { csvLine } from '../simulation/records.ts';

/** Formats of an export, by the end of the file's name. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The format that a file's name asks for. @throws {Error} that names those there are. */
export const formatOf = (file: string): ExportFormat => {
  const format = EXPORT_FORMATS.find((each) => file.toLowerCase().endsWith(`.${each}`));
  if (!format) throw new Error(`--out must end in ${EXPORT_FORMATS.map((each) => `.${each}`).join(', ')}`);
  return format;
};

/** Columns of an export: the table's, behind the event type. */
export const columnsOf = (table: LakeTable): readonly Column[] => [
  { name: 'event_type', type: 'string', optional: false },
  ...LAKE_TABLES[table],
];

/** Takes rows into a file. */
export interface RowWriter {
  write(rows: readonly ParquetRow[]): Promise<void>;
  /** Completes the file. */
  close(): Promise<void>;
  /** Lets go of the file as it is. */
  abandon(): Promise<void>;
}

/** Opens a file of a format. What it held before is lost. */
export const openWriter = async (
  file: string,
  format: ExportFormat,
  columns: readonly ParquetColumn[],
): Promise<RowWriter> =>
  format === 'parquet' ? parquetWriter(file, columns) : lineWriter(file, LINES[format], columns);

/** Rows of one group of a Parquet file. */
const GROUP_ROWS = 10_000;

const parquetWriter = (file: string, columns: readonly ParquetColumn[]): RowWriter => {
  const schema = schemaFromColumnData({ columnData: columnDataOf(columns, []) });
  const writer = new ParquetWriter({ writer: fileWriter(file), schema, createdBy: 'assay', ...PARQUET_CODEC });
  let gathered: ParquetRow[] = [];
  const flush = async (): Promise<void> => {
    if (gathered.length > 0)
      await writer.write({ columnData: columnDataOf(columns, gathered), rowGroupSize: GROUP_ROWS });
    gathered = [];
  };
  return {
    async write(rows) {
      gathered = gathered.concat(rows);
      if (gathered.length >= GROUP_ROWS) await flush();
    },
    async close() {
      await flush();
      await writer.finish();
    },
    // It is open only while it is written to.
    async abandon() {},
  };
};

interface Lines {
  readonly header: (columns: readonly ParquetColumn[]) => string;
  readonly line: (row: ParquetRow, columns: readonly ParquetColumn[]) => string;
}

const LINES: Readonly<Record<Exclude<ExportFormat, 'parquet'>, Lines>> = {
  csv: {
    header: (columns) => `${csvLine(columns.map(({ name }) => name))}\n`,
    line: (row, columns) => `${csvLine(columns.map(({ name }) => cellOf(row[name])))}\n`,
  },
  jsonl: {
    header: () => '',
    line: (row, columns) =>
      `${JSON.stringify(Object.fromEntries(columns.flatMap((column) => memberOf(row, column))))}\n`,
  },
};

const cellOf = (value: ParquetRow[string] | undefined): string | number | boolean | null =>
  value instanceof Date ? value.toISOString() : (value ?? null);

/** JSON columns become what they hold, under their name without its end; what has no value is left out. */
const memberOf = (row: ParquetRow, { name }: ParquetColumn): [string, unknown][] => {
  const value = cellOf(row[name]);
  if (value === null) return [];
  return name.endsWith('_json') ? [[name.slice(0, -'_json'.length), JSON.parse(String(value))]] : [[name, value]];
};

const lineWriter = async (
  file: string,
  { header, line }: Lines,
  columns: readonly ParquetColumn[],
): Promise<RowWriter> => {
  const handle = await open(file, 'w');
  await handle.appendFile(header(columns));
  return {
    write: (rows) => handle.appendFile(rows.map((row) => line(row, columns)).join('')),
    close: () => handle.close(),
    abandon: () => handle.close(),
  };
};
