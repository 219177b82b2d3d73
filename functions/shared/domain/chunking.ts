import type { BadRow } from './row-problem.ts';

/** Most rows of one chunk: what one transaction of the store can take. */
export const MAX_CHUNK_ROWS = 100;
/** Most bytes of a chunk's rows as JSON; a queue's message may have 256 KB. */
export const MAX_CHUNK_BYTES = 200_000;
/** Rows read after which a slice ends, however few of them were admitted: bounds what bad rows hold in memory. */
export const MAX_SLICE_ROWS = 1_000;

/** A row that goes into a chunk, and its size in the message. */
export interface ChunkRow<Content> {
  readonly row: number;
  readonly content: Content;
  readonly bytes: number;
}

/** A run of rows: those that make one chunk, none if all are bad, and the bad rows among them. */
export interface Slice<Content> {
  readonly rows: readonly ChunkRow<Content>[];
  readonly bad: readonly BadRow[];
  /** Number of its last row. */
  readonly through: number;
}

/**
 * Cuts rows into slices, each the content of at most one chunk.
 *
 * Where a slice ends depends on its rows alone, so reading a file again, from its start or from the end of any slice,
 * gives the same chunks. No row may be larger than {@link MAX_CHUNK_BYTES}.
 */
export async function* slicesOf<Content>(
  rows: AsyncIterable<ChunkRow<Content> | BadRow>,
): AsyncGenerator<Slice<Content>> {
  let slice = emptySlice<Content>();
  for await (const row of rows) {
    if ('content' in row && slice.bytes + row.bytes > MAX_CHUNK_BYTES) {
      yield slice;
      slice = emptySlice();
    }
    add(slice, row);
    if (slice.rows.length === MAX_CHUNK_ROWS || slice.read === MAX_SLICE_ROWS) {
      yield slice;
      slice = emptySlice();
    }
  }
  if (slice.read > 0) yield slice;
}

interface OpenSlice<Content> extends Slice<Content> {
  readonly rows: ChunkRow<Content>[];
  readonly bad: BadRow[];
  through: number;
  read: number;
  bytes: number;
}

const emptySlice = <Content>(): OpenSlice<Content> => ({ rows: [], bad: [], through: 0, read: 0, bytes: 0 });

const add = <Content>(slice: OpenSlice<Content>, row: ChunkRow<Content> | BadRow): void => {
  if ('content' in row) {
    slice.rows.push(row);
    slice.bytes += row.bytes;
  } else slice.bad.push(row);
  slice.through = row.row;
  slice.read++;
};
