import { brotliDecompressSync, unzipSync, zstdDecompressSync } from 'node:zlib';

import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors/src/lz4.js';

import { corruptParquet, unsupportedParquet } from './compact-end.ts';

type Unfold = (packed: Uint8Array, length: number) => Uint8Array;

const snappy: Unfold = (packed, length) => {
  const unfolded = new Uint8Array(length);
  snappyUncompress(packed, unfolded);
  return unfolded;
};

/** By the numbers of parquet.thrift. LZO, which nothing writes any more, is left out. */
const CODECS: ReadonlyMap<number, Unfold> = new Map<number, Unfold>([
  [0, (packed) => packed],
  [1, snappy],
  [2, (packed, length) => unzipSync(packed, { maxOutputLength: length })],
  [4, (packed, length) => brotliDecompressSync(packed, { maxOutputLength: length })],
  [5, decompressLz4],
  [6, (packed, length) => zstdDecompressSync(packed, { maxOutputLength: length })],
  [7, decompressLz4Raw],
]);

/**
 * Unfolds the content of a page to as many bytes as its header says, never to more.
 *
 * @returns bytes with a buffer of their own: a length that lies must not reach into anything else.
 * @throws {BrokenFileError} `corrupt_parquet` or `unsupported_parquet`.
 */
export const unfold = (packed: Uint8Array, codec: number, length: number): Buffer => {
  const unfoldWith = CODECS.get(codec);
  if (!unfoldWith) throw unsupportedParquet(`uses the unknown compression ${codec}; use snappy, gzip or zstd`);
  const unfolded = length === 0 ? new Uint8Array() : unfolding(packed, length, unfoldWith);
  if (unfolded.length !== length) throw corruptParquet('a page is not as long as it says');
  return Buffer.from(new Uint8Array(unfolded).buffer);
};

const unfolding = (packed: Uint8Array, length: number, unfoldWith: Unfold): Uint8Array => {
  try {
    return unfoldWith(packed, length);
  } catch (cause) {
    throw corruptParquet('a page cannot be decompressed', { cause });
  }
};
