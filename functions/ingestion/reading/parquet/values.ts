import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit, readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';

import { corruptParquet, unsupportedParquet } from './compact-end.ts';
import type { ColumnShape } from './footer.ts';
import { checkDelta, checkRuns } from './runs.ts';
import type { Cell, Stored } from './texts.ts';

/** Gives the values of a page one after the other. */
export type NextValue = () => Cell;

/** Numbers of parquet.thrift. */
const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;

/** Encodings of bytes that are unpacked at once. */
export const DELTA_BYTES: readonly number[] = [DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY];

/** What the values of a page are read with. */
export interface ValueReading {
  readonly shape: ColumnShape;
  readonly text: (value: Stored) => Cell;
  /** Of the row group's column, when it has one. */
  readonly dictionary: Dictionary | undefined;
}

/** Values that pages refer to by number. They stay as they are stored until somebody asks: as texts they take ten times that. */
export interface Dictionary {
  readonly size: number;
  /** @param index - below {@link size}. */
  readonly at: (index: number) => Cell;
}

/**
 * Opens the values of a page. All lengths are checked here, so that taking the values afterwards cannot fail.
 *
 * @param data - the page's values alone, in a buffer of their own.
 * @param count - how many there are, not counting rows without one.
 * @throws {BrokenFileError} `corrupt_parquet` or `unsupported_parquet`; anything else for data that are damaged.
 */
export const openValues = (data: Buffer, count: number, encoding: number, reading: ValueReading): NextValue => {
  const { shape, text, dictionary } = reading;
  if (count === 0) return () => '';
  if (encoding === PLAIN) return inTurn(plainValues(data, count, shape), text);
  if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY) return dictionaryValues(data, count, dictionary);
  return inTurn(decoded(data, count, encoding, shape), text);
};

/** Gives a value by its number from 0. All are there. */
type ValueAt = (index: number) => Stored;

const inTurn = (valueAt: ValueAt, text: (value: Stored) => Cell): NextValue => {
  let index = 0;
  return () => text(valueAt(index++));
};

/** Values as they are, one behind the other. */
export const plainValues = (data: Buffer, count: number, { type, length }: ColumnShape): ValueAt => {
  const each = (bytes: number, read: ValueAt): ValueAt => {
    if (count * bytes > data.length) throw corruptParquet('a page ends too early');
    return (index) => read(index * bytes);
  };
  switch (type) {
    case 'BOOLEAN':
      return each(1 / 8, (from) => ((data[Math.floor(from)]! >> ((from % 1) * 8)) & 1) === 1);
    case 'INT32':
      return each(4, (from) => data.readInt32LE(from));
    case 'INT64':
      return each(8, (from) => data.readBigInt64LE(from));
    case 'FLOAT':
      return each(4, (from) => data.readFloatLE(from));
    case 'DOUBLE':
      return each(8, (from) => data.readDoubleLE(from));
    case 'INT96':
      return each(12, (from) => data.subarray(from, from + 12));
    case 'FIXED_LEN_BYTE_ARRAY':
      return each(length, (from) => data.subarray(from, from + length));
    case 'BYTE_ARRAY':
      return byteArrays(data, count);
  }
};

const byteArrays = (data: Buffer, count: number): ValueAt => {
  if (count * 4 > data.length) throw corruptParquet('a page ends too early');
  const starts = new Uint32Array(count);
  let end = 0;
  for (let index = 0; index < count; index++) {
    if (end + 4 > data.length) throw corruptParquet('a page ends too early');
    starts[index] = end + 4;
    end += 4 + data.readUInt32LE(end);
  }
  if (end > data.length) throw corruptParquet('a page ends too early');
  return (index) => {
    const from = starts[index]!;
    return data.subarray(from, from + data.readUInt32LE(from - 4));
  };
};

/** Values told by their numbers in the dictionary. */
const dictionaryValues = (data: Buffer, count: number, dictionary: Dictionary | undefined): NextValue => {
  if (!dictionary) throw corruptParquet('a dictionary is missing');
  const width = data[0]!;
  if (width > 32) throw corruptParquet('the numbers of a dictionary are too wide');
  const indices = hybrid(data.subarray(1), count, width);
  if (indices.some((index) => index >= dictionary.size)) throw corruptParquet('a value is not in its dictionary');
  let at = 0;
  return () => dictionary.at(indices[at++]!);
};

/** Numbers of so many bits in runs: of the same, or packed. @param width - 0 to 32; 0 is all zeros. */
export const hybrid = (data: Buffer, count: number, width: number): Uint32Array => {
  const numbers = new Uint32Array(count);
  if (width === 0) return numbers;
  checkRuns(data, count, width);
  readRleBitPackedHybrid(readerOf(data), width, numbers, data.length);
  return numbers;
};

const readerOf = (data: Buffer) => ({ view: new DataView(data.buffer, data.byteOffset, data.byteLength), offset: 0 });

const decoded = (data: Buffer, count: number, encoding: number, shape: ColumnShape): ValueAt => {
  const { type, length } = shape;
  if (encoding === RLE && type === 'BOOLEAN') {
    const bits = hybrid(data.subarray(4, 4 + data.readUInt32LE(0)), count, 1);
    return (index) => bits[index] === 1;
  }
  if (encoding === BYTE_STREAM_SPLIT && type !== 'BYTE_ARRAY' && type !== 'BOOLEAN' && type !== 'INT96') {
    return splitValues(data, count, type, length);
  }
  if (encoding === DELTA_BINARY_PACKED && (type === 'INT32' || type === 'INT64')) {
    checkDelta(data, count);
    const numbers = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
    deltaBinaryUnpack(readerOf(data), count, numbers);
    return (index) => numbers[index]!;
  }
  const isBytes = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';
  if (encoding === DELTA_LENGTH_BYTE_ARRAY && isBytes) return bytesOf(lengthsFirst(data, count));
  if (encoding === DELTA_BYTE_ARRAY && isBytes) return bytesOf(prefixesFirst(data, count));
  throw unsupportedParquet(`uses encoding ${encoding} for ${type}, which is unknown here; write it with the defaults`);
};

/** The first bytes of all values, then the second ones, and so on. */
const splitValues = (data: Buffer, count: number, type: SplitType, length: number): ValueAt => {
  const width = type === 'FIXED_LEN_BYTE_ARRAY' ? length : type === 'INT32' || type === 'FLOAT' ? 4 : 8;
  if (count * width > data.length) throw corruptParquet('a page ends too early');
  if (type === 'FIXED_LEN_BYTE_ARRAY') {
    // Put together one by one: all at once, each byte would cost a hundred.
    return (index) => Buffer.from(Array.from({ length }, (_, byte) => data[byte * count + index]!));
  }
  const values: ArrayLike<number | bigint> = byteStreamSplit(readerOf(data), count, type, undefined);
  return (index) => values[index]!;
};
type SplitType = Exclude<ColumnShape['type'], 'BYTE_ARRAY' | 'BOOLEAN' | 'INT96'>;

const bytesOf =
  (values: readonly Uint8Array[]): ValueAt =>
  (index) => {
    const { buffer, byteOffset, byteLength } = values[index]!;
    return Buffer.from(buffer, byteOffset, byteLength);
  };

const lengthsFirst = (data: Buffer, count: number): readonly Uint8Array[] => {
  const valuesAt = checkDelta(data, count);
  const lengths = numbersOf(data, count);
  if (lengths.some((length) => length < 0) || sumOf(lengths) > data.length - valuesAt) {
    throw corruptParquet('a page ends too early');
  }
  const values = new Array<Uint8Array>(count);
  deltaLengthByteArray(readerOf(data), count, values);
  return values;
};

/** Most bytes that the values of one page may become: each may repeat what is before it. */
const MOST_REPEATED_BYTES = 32 * 1024 ** 2;

const prefixesFirst = (data: Buffer, count: number): readonly Uint8Array[] => {
  const suffixesAt = checkDelta(data, count);
  const rest = data.subarray(suffixesAt);
  const valuesAt = suffixesAt + checkDelta(rest, count);
  const prefixes = numbersOf(data, count);
  const suffixes = numbersOf(rest, count);
  let before = 0;
  let made = 0;
  for (const [index, prefix] of prefixes.entries()) {
    const suffix = suffixes[index]!;
    if (prefix < 0 || suffix < 0 || prefix > before) throw corruptParquet('a value repeats what is not there');
    before = prefix + suffix;
    made += before;
  }
  if (sumOf(suffixes) > data.length - valuesAt || made > MOST_REPEATED_BYTES) {
    throw corruptParquet('a page is not as long as it says');
  }
  const values = new Array<Uint8Array>(count);
  deltaByteArray(readerOf(data), count, values);
  return values;
};

const numbersOf = (data: Buffer, count: number): Int32Array => {
  const numbers = new Int32Array(count);
  deltaBinaryUnpack(readerOf(data), count, numbers);
  return numbers;
};

const sumOf = (numbers: Int32Array): number => numbers.reduce((sum, number) => sum + number, 0);
