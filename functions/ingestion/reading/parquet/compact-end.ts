import { BrokenFileError } from '../broken-file.ts';

/** Deepest nesting, and most values, of one structure: Parquet's own need 8, and a thousand columns a few thousand. */
const MAX_DEPTH = 16;
const MAX_VALUES = 1_000_000;
/** Bytes of the longest number: 64 bits in groups of 7. */
const MAX_VARINT_BYTES = 10;

/** Kinds of values of Thrift's compact protocol that Parquet uses. */
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/**
 * Where a structure in Thrift's compact protocol ends, found without building it.
 *
 * A decoder believes the lengths that it reads: a few bytes can ask it for lists of millions, for numbers of megabytes
 * or for a thousand levels. What has been walked over here costs a decoder time and memory in proportion to its bytes.
 *
 * @throws {BrokenFileError} `corrupt_parquet` when it goes on beyond the bytes, or beyond any honest size.
 */
export const compactEnd = (bytes: Uint8Array): number => {
  const walker = new Walker(bytes);
  walker.struct(0);
  return walker.at;
};

class Walker {
  readonly #bytes: Uint8Array;
  #values = 0;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number): void {
    if (depth > MAX_DEPTH) throw corrupt();
    for (;;) {
      const head = this.#byte();
      if ((head & 0x0f) === 0) return;
      if (head >> 4 === 0) this.#varint();
      this.#value(head & 0x0f, depth);
    }
  }

  #value(kind: number, depth: number): void {
    if (++this.#values > MAX_VALUES) throw corrupt();
    // 1 and 2 are true and false, told by the kind alone.
    if (kind < BYTE) return;
    if (kind === BYTE) this.#skip(1);
    else if (kind < DOUBLE) this.#varint();
    else if (kind === DOUBLE) this.#skip(8);
    else if (kind === BINARY) this.#skip(this.#varint());
    else if (kind === LIST) this.#list(depth + 1);
    else if (kind === STRUCT) this.struct(depth + 1);
    else throw corrupt();
  }

  #list(depth: number): void {
    if (depth > MAX_DEPTH) throw corrupt();
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    const kind = head & 0x0f;
    if (size > this.#bytes.length - this.at) throw corrupt();
    // In a list even true and false take a byte.
    for (let index = 0; index < size; index++) this.#value(Math.max(kind, BYTE), depth);
  }

  #varint(): number {
    let value = 0;
    for (let length = 0; length < MAX_VARINT_BYTES; length++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * length);
      if (byte < 0x80) return value;
    }
    throw corrupt();
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw corrupt();
    return byte;
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.at) throw corrupt();
    this.at += length;
  }
}

const corrupt = (): BrokenFileError => corruptParquet('its metadata cannot be read');

/** The file is damaged. @param what - completes "the Parquet file is damaged: …". */
export const corruptParquet = (what: string, options?: ErrorOptions): BrokenFileError =>
  new BrokenFileError('corrupt_parquet', `the Parquet file is damaged: ${what}; write it again`, options);

/** What it takes to read the file is not here. @param what - completes "the Parquet file …". */
export const unsupportedParquet = (what: string): BrokenFileError =>
  new BrokenFileError('unsupported_parquet', `the Parquet file ${what}`);
