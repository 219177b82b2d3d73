import { createGunzip } from 'node:zlib';

import { inBlocks } from './blocks.ts';
import { BrokenFileError } from './broken-file.ts';

/** How much a file may unfold to. */
export interface OutputLimits {
  /** Most bytes of text. */
  readonly maxBytes: number;
  /** Most bytes out for each byte in, once `ratioFromBytes` are out: small files may compress well. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
}

export const OUTPUT_LIMITS: OutputLimits = {
  maxBytes: 32 * 1024 ** 3,
  maxRatio: 100,
  ratioFromBytes: 1.125 * 1024 ** 2,
};

/** Small, because deflate makes up to 1,032 bytes of one, and what a block unfolds to is held at once. */
const BLOCK_BYTES = 8 * 1024;

/** True for the first two bytes of gzip data. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/**
 * Unfolds gzip data of one or several members, within limits, holding at most 8 MB.
 *
 * Fed in blocks of a fixed size and drained after each, so damaged data yields the same bytes before it fails,
 * however it arrived.
 *
 * @throws {BrokenFileError} `truncated`, `corrupt_gzip`, `compression_bomb` or `too_large`.
 */
export async function* inflate(source: AsyncIterable<Uint8Array>, limits = OUTPUT_LIMITS): AsyncGenerator<Buffer> {
  const gunzip = openGunzip();
  let read = 0;
  let made = 0;
  try {
    for await (const block of inBlocks(source, BLOCK_BYTES)) {
      read += block.length;
      for (const piece of await gunzip.push(block)) {
        made += piece.length;
        checkLimits(read, made, limits);
        yield piece;
      }
    }
    yield* await gunzip.end();
  } finally {
    gunzip.close();
  }
}

/** Counts what passes. @throws {BrokenFileError} `too_large` */
export async function* upTo(source: AsyncIterable<Buffer>, { maxBytes } = OUTPUT_LIMITS): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    checkLimits(bytes, bytes, { maxBytes, maxRatio: 1, ratioFromBytes: 0 });
    yield piece;
  }
}

/** @throws {BrokenFileError} `too_large` or `compression_bomb`, for what was read and what was made of it, in bytes. */
export const checkLimits = (read: number, made: number, { maxBytes, maxRatio, ratioFromBytes }: OutputLimits): void => {
  if (made > maxBytes) throw new BrokenFileError('too_large', 'the file is too large; split it');
  if (made > ratioFromBytes && made > read * maxRatio) {
    throw new BrokenFileError(
      'compression_bomb',
      `the file unfolds to more than ${maxRatio} times its size; send it without compression`,
    );
  }
};

const openGunzip = () => {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let pieces: Buffer[] = [];
  gunzip.on('data', (piece: Buffer) => pieces.push(piece));
  // Damaged data is told by this event alone; the callback of the write is then never called.
  const failed = new Promise<never>((_, reject) => {
    gunzip.once('error', (error) => reject(brokenBy(error)));
  });
  failed.catch(() => {});
  const drain = (): Buffer[] => {
    // Reading emits `data` for whatever the stream still holds.
    while (gunzip.read() !== null);
    const drained = pieces;
    pieces = [];
    return drained;
  };
  const after = async (step: (done: () => void) => void): Promise<Buffer[]> => {
    await Promise.race([new Promise<void>(step), failed]);
    return drain();
  };
  return {
    push: (block: Buffer) => after((done) => gunzip.write(block, () => done())),
    end: () => after((done) => gunzip.once('end', done).end()),
    close: () => gunzip.destroy(),
  };
};

const brokenBy = (error: Error): BrokenFileError =>
  (error as { code?: unknown }).code === 'Z_BUF_ERROR'
    ? new BrokenFileError('truncated', 'the gzip data ends too early; send the whole file again', { cause: error })
    : new BrokenFileError('corrupt_gzip', 'the gzip data is damaged; send the file again', { cause: error });
