import type { BadRow } from '#domain/row-problem.ts';
import type { RandomAccess } from '#ports/object-store.ts';
import { openRows, type ReadOptions, type ReadRow } from '../../../functions/ingestion/read-rows.ts';

/** Bytes as a stream of pieces of these sizes, taken in turn. */
export async function* streamOf(bytes: Buffer, sizes: readonly number[] = [64 * 1024]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length]!);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** All that a stream yields. */
export const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** Bytes that can be read in any order. */
export const partsOf = (bytes: Buffer): RandomAccess => ({
  size: bytes.length,
  read: async (from, length) => bytes.subarray(from, from + length),
});

export interface Reading {
  readonly header?: readonly string[];
  /** Reason of a file of which nothing can be read. */
  readonly refused?: string;
  readonly rows: readonly (ReadRow | BadRow)[];
}

/** Reads a whole file. */
export const readAll = async (
  content: Buffer | string,
  options: Partial<ReadOptions> = {},
  sizes?: readonly number[],
): Promise<Reading> => {
  const bytes = Buffer.from(content);
  const opened = await openRows(streamOf(bytes, sizes), { key: 'events/x/file', parts: partsOf(bytes), ...options });
  if (!opened.ok) return { refused: opened.reason, rows: [] };
  return { ...(opened.header && { header: opened.header }), rows: await collect(opened.rows) };
};

/** Each row as its content, or as the reason that it is bad. */
export const outline = ({ refused, rows }: Reading): readonly unknown[] | string =>
  refused ?? rows.map((row) => ('raw' in row ? row.raw : row.problems[0]!.reason));
