import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type ColumnSource, parquetWriteBuffer, type SchemaElement } from 'hyparquet-writer';

export interface ParquetOptions {
  readonly codec?: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP' | 'ZSTD' | 'BROTLI';
  /** Rows of each group. */
  readonly rowGroupSize?: number;
  /** Bytes of each page. */
  readonly pageSize?: number;
  readonly schema?: readonly SchemaElement[];
}

/** A Parquet file of these columns. */
export const parquetOf = (columnData: readonly ColumnSource[], options: ParquetOptions = {}): Buffer => {
  const { schema, ...rest } = options;
  return Buffer.from(
    parquetWriteBuffer({
      columnData: [...columnData],
      compressors: {
        GZIP: (bytes) => new Uint8Array(gzipSync(bytes)),
        ZSTD: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
        BROTLI: (bytes) => new Uint8Array(brotliCompressSync(bytes)),
      },
      ...rest,
      ...(schema && { schema: [...schema] }),
    }),
  );
};

/** The events of a CSV text as a Parquet file of texts. */
export const parquetOfCsv = (header: string, lines: readonly string[], options: ParquetOptions = {}): Buffer => {
  const cells = lines.map((line) => line.split(','));
  const columns = header
    .split(',')
    .map((name, index): ColumnSource => ({ name, type: 'STRING', data: cells.map((row) => row[index] ?? null) }));
  return parquetOf(columns, options);
};
