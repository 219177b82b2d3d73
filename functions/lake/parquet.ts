import { gzipSync } from 'node:zlib';

import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';

import type { Column, Row } from './tables.ts';

/** A column of a Parquet file: of the lake's tables, or of other files, which have truths, too. */
export type ParquetColumn = Omit<Column, 'type'> & { readonly type: Column['type'] | 'boolean' };
/** A row of such columns, by their names. */
export type ParquetRow = Readonly<Record<string, Row[string] | boolean>>;

const TYPES: Readonly<Record<ParquetColumn['type'], BasicType>> = {
  boolean: 'BOOLEAN',
  string: 'STRING',
  int: 'INT32',
  double: 'DOUBLE',
  timestamp: 'TIMESTAMP',
};

/** Rows of one group: what a reader has to hold at once. */
const GROUP_ROWS = 10_000;

/** How every Parquet file here is written: compressed by gzip, which every reader of Parquet knows. */
export const PARQUET_CODEC = {
  codec: 'GZIP',
  compressors: { GZIP: (bytes: Uint8Array): Uint8Array => gzipSync(bytes) },
} as const;

/** Columns as the writer takes them. */
export const columnDataOf = (columns: readonly ParquetColumn[], rows: readonly ParquetRow[]) =>
  columns.map(({ name, type, optional }) => ({
    name,
    type: TYPES[type],
    nullable: optional,
    data: rows.map((row) => row[name] ?? null),
  }));

/** A Parquet file of some rows. The same rows are the same bytes. */
export const parquetOf = (columns: readonly ParquetColumn[], rows: readonly ParquetRow[]): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: columnDataOf(columns, rows),
      rowGroupSize: GROUP_ROWS,
      createdBy: 'assay',
      ...PARQUET_CODEC,
    }),
  );
