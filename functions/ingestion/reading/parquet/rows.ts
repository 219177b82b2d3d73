import { showableName } from '#domain/field-problems.ts';
import type { ReadReason } from '#domain/row-problem.ts';
import type { RandomAccess } from '#ports/object-store.ts';
import { BrokenFileError } from '../broken-file.ts';
import { MAX_RECORD_BYTES } from '../frames.ts';
import { hasDuplicates } from '../header.ts';
import { checkLimits, type OutputLimits } from '../inflate.ts';
import { ColumnCursor, HeldBytes } from './column-cursor.ts';
import { type ColumnShape, type FileColumn, type ParquetFile, type RowGroup, readFooter } from './footer.ts';
import { type Cell, textOf } from './texts.ts';

/** Bytes of pages that all columns hold at a time. */
const HELD_BYTES = 96 * 1024 ** 2;
/** Bytes read ahead, shared by the columns. */
const AHEAD_BYTES = 48 * 1024 ** 2;
const MOST_WINDOW_BYTES = 4 * 1024 ** 2;
const LEAST_WINDOW_BYTES = 64 * 1024;
/** A row group up to this size is read at once. */
const SMALL_GROUP_BYTES = 8 * 1024 ** 2;

/** A row of cells in the order of the columns, or the reason that it has none. Numbered from 1. */
export type ParquetRow =
  | { readonly row: number; readonly cells: readonly string[] }
  | { readonly row: number; readonly reason: ReadReason; readonly problem: string };

/** A Parquet file that can be read. */
export interface OpenedParquet {
  readonly header: readonly string[];
  readonly rows: number;
  /** @param skipRows - rows that are passed over; whole row groups of them are not read. */
  readonly read: (skipRows: number) => AsyncGenerator<ParquetRow>;
}

/**
 * Opens a Parquet file: the footer is read and checked, no row yet.
 *
 * Rows are read through all columns side by side, one page of each at a time, so that memory is bounded by pages and
 * not by row groups. Only columns that are `needed` are read; the cells of others are empty.
 *
 * @throws {BrokenFileError} also for a column that is needed and has no plain text, and for more than `limits` allow.
 */
export const openParquet = async (
  parts: RandomAccess,
  limits: OutputLimits,
  needed: (column: string) => boolean,
): Promise<OpenedParquet> => {
  const file = await readFooter(parts);
  const header = file.columns.map(({ name }) => name);
  if (hasDuplicates(header)) {
    throw new BrokenFileError('duplicate_headers', 'two columns have the same name; rename or remove one');
  }
  const shapes = file.columns.map((column) => (needed(column.name) ? plainShapeOf(column) : undefined));
  checkDeclared(file, shapes.filter((shape) => shape !== undefined).length, parts.size, limits);
  return { header, rows: file.rows, read: (skipRows) => readRows(parts, file, shapes, { limits, skipRows }) };
};

const plainShapeOf = ({ name, shape }: FileColumn): ColumnShape => {
  if (shape && textOf(shape)) return shape;
  const problem = `column ${showableName(name)} is nested, or of a type that has no plain text; write it as plain values`;
  throw new BrokenFileError('unsupported_column', problem);
};

/** Refuses at once what says of itself that it unfolds to too much: a cell is a byte at least, as in CSV. */
const checkDeclared = ({ rows, groups }: ParquetFile, columns: number, size: number, limits: OutputLimits): void => {
  checkLimits(
    size,
    Math.max(
      rows * columns,
      groups.reduce((sum, group) => sum + group.unfolded, 0),
    ),
    limits,
  );
};

async function* readRows(
  parts: RandomAccess,
  file: ParquetFile,
  shapes: readonly (ColumnShape | undefined)[],
  { limits, skipRows }: { readonly limits: OutputLimits; readonly skipRows: number },
): AsyncGenerator<ParquetRow> {
  let row = 0;
  try {
    for (const group of file.groups) {
      // The last row dealt with may be the one that says where the file breaks off: its group is read again.
      if (row + group.rows < skipRows) {
        row += group.rows;
        continue;
      }
      const allowed = allowedFor(group, file, limits);
      let made = 0;
      for await (const cells of readGroup(parts, group, shapes)) {
        const size = sizeOf(cells);
        made += size;
        checkLimits(bytesOf(group), made, allowed);
        if (++row > skipRows) yield rowOf(row, cells, size);
      }
    }
  } catch (error) {
    if (!(error instanceof BrokenFileError)) throw error;
    if (++row > skipRows) yield { row, reason: error.reason, problem: error.message };
  }
}

/**
 * What one row group may unfold to: its share of what the file may. Each is judged by itself, from its first row, so
 * that where reading breaks off does not depend on where it began.
 */
const allowedFor = ({ rows }: RowGroup, file: ParquetFile, limits: OutputLimits): OutputLimits => ({
  ...limits,
  ratioFromBytes: (limits.ratioFromBytes * rows) / file.rows,
});

const bytesOf = ({ chunks }: RowGroup): number => chunks.reduce((sum, { start, end }) => sum + end - start, 0);

const sizeOf = (cells: readonly Cell[]): number => cells.reduce((sum, cell = '') => sum + cell.length + 1, 0);

const rowOf = (row: number, cells: readonly Cell[], size: number): ParquetRow => {
  if (size > MAX_RECORD_BYTES) return { row, reason: 'record_too_large', problem: 'keep rows under 1 MB' };
  if (cells.includes(undefined)) return { row, reason: 'invalid_utf8', problem: 'write texts as UTF-8' };
  return { row, cells: cells as readonly string[] };
};

/** Cells of a row group's rows. */
async function* readGroup(
  parts: RandomAccess,
  { rows, chunks }: RowGroup,
  shapes: readonly (ColumnShape | undefined)[],
): AsyncGenerator<readonly Cell[]> {
  const wanted = shapes.filter((shape) => shape !== undefined);
  const near = await nearest(
    parts,
    wanted.map(({ leaf }) => chunks[leaf]!),
  );
  const share = Math.floor(AHEAD_BYTES / wanted.length);
  const windowBytes = Math.max(LEAST_WINDOW_BYTES, Math.min(MOST_WINDOW_BYTES, share));
  const held = new HeldBytes(HELD_BYTES);
  const cursors = shapes.map(
    (shape) => shape && new ColumnCursor(near, chunks[shape.leaf]!, shape, { held, windowBytes }),
  );
  const open = cursors.filter((cursor) => cursor !== undefined);
  for (let done = 0; done < rows; ) {
    for (const cursor of open) await cursor.load(rows - done);
    const count = Math.min(rows - done, ...open.map(({ left }) => left));
    for (let index = 0; index < count; index++) yield cursors.map((cursor) => (cursor ? cursor.next() : ''));
    done += count;
  }
}

/** A small row group in memory, so that a hundred columns of it are one request and not a hundred. */
const nearest = async (
  parts: RandomAccess,
  chunks: readonly { readonly start: number; readonly end: number }[],
): Promise<RandomAccess> => {
  const start = Math.min(...chunks.map((chunk) => chunk.start));
  const end = Math.max(...chunks.map((chunk) => chunk.end));
  if (end - start > SMALL_GROUP_BYTES || end <= start) return parts;
  const bytes = await parts.read(start, end - start);
  const read = async (from: number, length: number) => bytes.subarray(from - start, from - start + length);
  return { size: parts.size, read };
};
