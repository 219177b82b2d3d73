import { corruptParquet } from './compact-end.ts';

/**
 * Checks numbers in runs before they are decoded: a decoder believes a run's length, which may be two thousand
 * million in five bytes.
 *
 * @throws {BrokenFileError} `corrupt_parquet` when the runs are longer than the values that are wanted, or end early.
 */
export const checkRuns = (data: Buffer, count: number, width: number): void => {
  const reader = new Varints(data);
  for (let seen = 0; seen < count; ) {
    const head = reader.next();
    const length = Math.floor(head / 2);
    if (head % 2 === 0) {
      if (length > count - seen) throw corruptParquet('a run of values is too long');
      reader.skip(Math.ceil(width / 8));
      seen += length;
    } else {
      // The last run is filled up to a multiple of eight, and some writers leave the bytes of the filling out.
      const values = Math.min(length * 8, count - seen);
      reader.skip(Math.ceil((values * width) / 8));
      reader.skipUpTo(length * width - Math.ceil((values * width) / 8));
      seen += length * 8;
    }
  }
};

const MOST_BLOCK_VALUES = 65_536;

/**
 * Checks delta-packed numbers before they are decoded.
 *
 * @returns where they end.
 * @throws {BrokenFileError} `corrupt_parquet`.
 */
export const checkDelta = (data: Buffer, count: number): number => {
  const reader = new Varints(data);
  const [blockValues, parts, total] = [reader.next(), reader.next(), reader.next()];
  reader.next();
  const partValues = blockValues / parts;
  if (total !== count || blockValues > MOST_BLOCK_VALUES || !Number.isInteger(partValues) || partValues % 8 !== 0) {
    throw corruptParquet('packed numbers contradict the format');
  }
  for (let seen = 1; seen < count; ) {
    reader.next();
    const widths = reader.take(parts);
    for (const width of widths) {
      if (width > 64) throw corruptParquet('packed numbers are too wide');
      if (seen < count) reader.skip((partValues * width) / 8);
      seen += partValues;
    }
  }
  return reader.at;
};

/** Unsigned numbers of 7 bits a byte. */
class Varints {
  readonly #data: Buffer;
  at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  next(): number {
    let value = 0;
    for (let length = 0; length < 10; length++) {
      const byte = this.take(1)[0]!;
      value += (byte & 0x7f) * 2 ** (7 * length);
      if (byte < 0x80) return value;
    }
    throw corruptParquet('a number is too long');
  }

  take(length: number): Buffer {
    this.skip(length);
    return this.#data.subarray(this.at - length, this.at);
  }

  skip(length: number): void {
    if (length > this.#data.length - this.at) throw corruptParquet('a page ends too early');
    this.at += length;
  }

  skipUpTo(length: number): void {
    this.at = Math.min(this.at + length, this.#data.length);
  }
}
