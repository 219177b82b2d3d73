import { statSync } from 'node:fs';

import { type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { RecordShape } from './records.ts';

/** Rows of each row group, held until they are written. */
const GROUP_ROWS = 20_000;

type Value = string | number | boolean | null;

/** Whether a file's name says that it is to be written as Parquet. */
export const isParquetName = (path: string): boolean => path.endsWith('.parquet');

/**
 * A Parquet file of records of one shape, row group by row group. What its columns hold is told by the first group:
 * numbers, booleans or, of what is mixed or missing, texts.
 */
export class ParquetFile<T> {
  readonly #path: string;
  readonly #shape: RecordShape<T>;
  readonly #out: ReturnType<typeof fileWriter>;
  #writer: ParquetWriter | undefined;
  #types: readonly ColumnSource['type'][] = [];
  #rows: (readonly Value[])[] = [];

  constructor(path: string, shape: RecordShape<T>) {
    this.#path = path;
    this.#shape = shape;
    this.#out = fileWriter(path);
  }

  /** Adds a record. */
  write(record: T): undefined {
    this.#rows.push(this.#shape.fieldsOf(record));
    if (this.#rows.length === GROUP_ROWS) this.#flush();
  }

  /** Writes what is left. @returns the size of the file in bytes. */
  async close(): Promise<number> {
    if (this.#rows.length > 0 || !this.#writer) this.#flush();
    this.#writer?.finish();
    return statSync(this.#path).size;
  }

  /** Lets go of the file as it is. */
  abort(): void {
    this.#rows = [];
  }

  #flush(): void {
    if (!this.#writer)
      this.#types = this.#shape.columns.map((_, column) => typeOf(this.#rows.map((row) => row[column])));
    const columnData = this.#shape.columns.map((name, column): ColumnSource => {
      const type = this.#types[column];
      const data = this.#rows.map((row) => valueAs(type, row[column]));
      return { name, data, ...(type !== undefined && { type }) };
    });
    this.#writer ??= new ParquetWriter({ writer: this.#out, schema: schemaFromColumnData({ columnData }) });
    this.#writer.write({ columnData, rowGroupSize: GROUP_ROWS });
    this.#rows = [];
  }
}

const typeOf = (values: readonly (Value | undefined)[]): ColumnSource['type'] => {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (kinds.size !== 1) return 'STRING';
  if (kinds.has('number')) return 'DOUBLE';
  return kinds.has('boolean') ? 'BOOLEAN' : 'STRING';
};

const valueAs = (type: ColumnSource['type'], value: Value | undefined): Value => {
  if (value === null || value === undefined) return null;
  return type === 'STRING' ? String(value) : value;
};
