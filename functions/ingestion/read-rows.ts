import { isUtf8 } from 'node:buffer';

import { parseJson } from '#domain/parse-json.ts';
import { type BadRow, type ReadReason, type RowProblem, WHOLE_ROW } from '#domain/row-problem.ts';
import type { RandomAccess } from '#ports/object-store.ts';
import { inBlocks, peek } from './reading/blocks.ts';
import { BrokenFileError } from './reading/broken-file.ts';
import { cellsOf } from './reading/csv-cells.ts';
import { type Frame, fieldCountOf, framesOf } from './reading/frames.ts';
import { readHeader } from './reading/header.ts';
import { inflate, isGzip, OUTPUT_LIMITS, upTo } from './reading/inflate.ts';
import { isParquet } from './reading/parquet/footer.ts';
import { type OpenedParquet, openParquet } from './reading/parquet/rows.ts';
import { sniff, type TextFormat } from './reading/sniff.ts';

/**
 * A row as it stands in the file: the fields of a CSV row in the header's order, a line's JSON value, or the values of
 * a Parquet row as a CSV row would have them. There a row's line is its number.
 */
export interface ReadRow {
  readonly row: number;
  readonly line: number;
  readonly raw: unknown;
}

/** A file that can be read, or why nothing of it can. */
export type OpenedFile =
  | {
      readonly ok: true;
      readonly format: TextFormat | 'parquet';
      /** Names of the columns, as they stand in the file; absent for JSON Lines and for an empty file. */
      readonly header?: readonly string[];
      /** Closing it early closes the stream. */
      readonly rows: AsyncGenerator<ReadRow | BadRow>;
    }
  | { readonly ok: false; readonly reason: ReadReason; readonly problem: string };

export interface ReadOptions {
  /** The same bytes in any order, without which Parquet cannot be read. */
  readonly parts?: RandomAccess;
  /** Whether the values of a column are wanted; those of others may come empty. @default all are */
  readonly needed?: (column: string) => boolean;
  /** The object's key, whose ending helps to tell the format. */
  readonly key: string;
  /** Rows that an earlier reading has dealt with: counted, and not looked into. @default 0 */
  readonly skipRows?: number;
  /** @default {@link OUTPUT_LIMITS} */
  readonly limits?: typeof OUTPUT_LIMITS;
  /** Most rows. @default 20,000,000 */
  readonly maxRows?: number;
}

/** Small, because all records of a block are at hand at once, and each may be two bytes. */
const BLOCK_BYTES = 64 * 1024;
const MAX_ROWS = 20_000_000;

/**
 * Reads CSV or JSON Lines, plain or gzip, from a stream of bytes, or Parquet from its parts, in constant memory.
 *
 * What is wrong with one row is said of that row, and reading goes on. When the file breaks off (gzip data that ends
 * early or is damaged, a damaged page, a bomb, too many rows), the rows before stand and one last bad row says so. Rows, their
 * numbers and their problems depend on the bytes alone, not on how these arrive.
 *
 * @throws what the stream throws.
 */
export const openRows = async (source: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<OpenedFile> => {
  const { limits = OUTPUT_LIMITS } = options;
  const plain = await peek(inBlocks(source, BLOCK_BYTES));
  try {
    if (isParquet(plain.head)) {
      await plain.all.return(undefined);
      return await openParquetRows(options, limits);
    }
    const text = isGzip(plain.head) ? inflate(plain.all, limits) : upTo(plain.all, limits);
    const { head, all } = await peek(inBlocks(text, BLOCK_BYTES));
    const sniffed = sniff(head, options.key);
    if (sniffed.ok) return await openFrames(sniffed.format, withoutBom(all, sniffed.bomBytes), options);
    await all.return(undefined);
    return sniffed;
  } catch (error) {
    if (error instanceof BrokenFileError) return { ok: false, reason: error.reason, problem: error.message };
    throw error;
  }
};

const openParquetRows = async (options: ReadOptions, limits: typeof OUTPUT_LIMITS): Promise<OpenedFile> => {
  const { parts, needed = () => true, maxRows = MAX_ROWS } = options;
  if (!parts) throw new BrokenFileError('unsupported_parquet', 'a Parquet file cannot be read from a stream');
  const parquet = await openParquet(parts, limits, needed);
  if (parquet.rows > maxRows) throw tooManyRows(maxRows);
  const { header } = parquet;
  return { ok: true, format: 'parquet', header, rows: parquetRowsOf(parquet, options.skipRows ?? 0) };
};

async function* parquetRowsOf(parquet: OpenedParquet, skipRows: number): AsyncGenerator<ReadRow | BadRow> {
  for await (const read of parquet.read(skipRows)) {
    const { row } = read;
    yield 'cells' in read ? { row, line: row, raw: read.cells } : badRow({ row, line: row }, read.reason, read.problem);
  }
}

const tooManyRows = (maxRows: number): BrokenFileError =>
  new BrokenFileError('too_many_rows', `send at most ${maxRows} rows; split the file`);

async function* withoutBom(blocks: AsyncGenerator<Buffer>, bomBytes: number): AsyncGenerator<Buffer> {
  let first = true;
  for await (const block of blocks) {
    yield first ? block.subarray(bomBytes) : block;
    first = false;
  }
}

const openFrames = async (
  format: TextFormat,
  blocks: AsyncIterable<Buffer>,
  options: ReadOptions,
): Promise<OpenedFile> => {
  const frames = framesOf(blocks, { quoted: format === 'csv' });
  if (format === 'jsonl') return { ok: true, format, rows: rowsOf(frames, jsonRowsOf, options) };
  for (let next = await frames.next(); !next.done; next = await frames.next()) {
    const [first, ...rest] = next.value;
    if (!first) continue;
    const read = readHeader(first);
    if (!read.ok) await frames.return(undefined);
    if (!read.ok) return read;
    const { header } = read;
    const rows = rowsOf(framesFrom(rest, frames), (batch) => csvRowsOf(batch, header.length), options);
    return { ok: true, format, header, rows };
  }
  return { ok: true, format, rows: rowsOf(frames, jsonRowsOf, options) };
};

async function* framesFrom(
  first: readonly Frame[],
  rest: AsyncGenerator<readonly Frame[]>,
): AsyncGenerator<readonly Frame[]> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** A frame with its row's number, and what became of it. */
type NumberedFrame = Frame & { readonly row: number };
type Content = { readonly raw: unknown } | { readonly reason: ReadReason; readonly problem: string };

async function* rowsOf(
  frames: AsyncGenerator<readonly Frame[]>,
  contentsOf: (frames: readonly NumberedFrame[]) => readonly Content[],
  { skipRows = 0, maxRows = MAX_ROWS }: ReadOptions,
): AsyncGenerator<ReadRow | BadRow> {
  let row = 0;
  let line = 1;
  try {
    for await (const batch of frames) {
      const numbered = batch.map((frame, index) => ({ ...frame, row: row + index + 1 }));
      row += batch.length;
      line = batch.at(-1)?.line ?? line;
      const wanted = numbered.filter((frame) => frame.row > skipRows && frame.row <= maxRows);
      const contents = contentsOf(wanted);
      for (const [index, frame] of wanted.entries()) yield rowOf(frame, contents[index]!);
      if (row > maxRows) throw tooManyRows(maxRows);
    }
  } catch (error) {
    if (!(error instanceof BrokenFileError)) throw error;
    const last = Math.min(row, maxRows) + 1;
    if (last > skipRows) yield badRow({ row: last, line: line + 1 }, error.reason, error.message);
  }
}

const rowOf = (frame: NumberedFrame, content: Content): ReadRow | BadRow =>
  'reason' in content
    ? badRow(frame, content.reason, content.problem)
    : { row: frame.row, line: frame.line, raw: content.raw };

const badRow = (
  { row, line }: { readonly row: number; readonly line: number },
  reason: ReadReason,
  problem: string,
): BadRow => ({ row, line, problems: [{ field: WHOLE_ROW, reason, problem } satisfies RowProblem] });

const flawOf = (frame: Frame): Content | undefined => {
  if (frame.flaw === 'record_too_large') return { reason: frame.flaw, problem: 'keep rows under 1 MB' };
  if (frame.flaw === 'broken_quotes') {
    return { reason: frame.flaw, problem: 'close each quoted field, and double the quotes inside it' };
  }
  return isUtf8(frame.bytes) ? undefined : { reason: 'invalid_utf8', problem: 'save the file as UTF-8' };
};

const jsonRowsOf = (frames: readonly NumberedFrame[]): readonly Content[] =>
  frames.map((frame) => {
    const flaw = flawOf(frame);
    if (flaw) return flaw;
    const parsed = parseJson(frame.bytes.toString('utf8'));
    return parsed.ok ? { raw: parsed.value } : { reason: parsed.reason, problem: parsed.problem };
  });

/** Longer records are counted first: a million fields would cost seconds and hundreds of megabytes to build. */
const LONG_RECORD_BYTES = 4_096;

const csvRowsOf = (frames: readonly NumberedFrame[], columns: number): readonly Content[] => {
  const flaws = frames.map(
    (frame) =>
      flawOf(frame) ??
      (frame.bytes.length > LONG_RECORD_BYTES ? raggedBy(fieldCountOf(frame.bytes), columns) : undefined),
  );
  const sound = frames.filter((_, index) => flaws[index] === undefined);
  const cells = cellsOf(sound.map(({ bytes }) => bytes.toString('utf8')))[Symbol.iterator]();
  return flaws.map((flaw) => flaw ?? csvContent(cells.next().value, columns));
};

const csvContent = (cells: readonly string[] | undefined, columns: number): Content =>
  cells
    ? (raggedBy(cells.length, columns) ?? { raw: cells })
    : { reason: 'malformed_csv', problem: 'send CSV as RFC 4180 describes it' };

const raggedBy = (fields: number, columns: number): Content | undefined =>
  fields === columns
    ? undefined
    : { reason: 'ragged_row', problem: `the row has ${fields} fields and the header ${columns}; give each column one` };
