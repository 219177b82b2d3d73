import * as z from 'zod';

import { BrokenFileError } from '../broken-file.ts';
import { unfold } from './codecs.ts';
import { corruptParquet } from './compact-end.ts';
import {
  DELTA_BYTES,
  type Dictionary,
  hybrid,
  type NextValue,
  openValues,
  plainValues,
  type ValueReading,
} from './values.ts';

const count = z.int().min(0);

/** `PageHeader` of parquet.thrift, by the numbers of its fields. */
export const PageHeaderSchema = z.object({
  /** 0: data, 1: index, 2: dictionary, 3: data of the second version. */
  field_1: count,
  /** Bytes of the content after and before it is unfolded. */
  field_2: count,
  field_3: count,
  /** Values and encoding. */
  field_5: z.object({ field_1: count, field_2: count }).optional(),
  field_7: z.object({ field_1: count }).optional(),
  /** Values, encoding, bytes of both kinds of levels, whether the values are compressed. */
  field_8: z
    .object({ field_1: count, field_4: count, field_5: count, field_6: count, field_7: z.boolean().optional() })
    .optional(),
});
export type PageHeader = z.infer<typeof PageHeaderSchema>;

export const DICTIONARY_PAGE = 2;

/** Rows of one column that are at hand. */
export interface Page {
  readonly rows: number;
  /** Gives the rows' cells one after the other. */
  readonly next: NextValue;
}

/** What a page is read with: besides what its values need, how the column is compressed. */
export interface PageReading extends ValueReading {
  readonly codec: number;
}

/** Rows that a page of data has, before it is unfolded. Columns here have one value, or none, in each row. */
export const rowsOfPage = ({ field_5: first, field_8: second }: PageHeader): number => (first ?? second)?.field_1 ?? 0;

/** Whether all values of a page are made at once, instead of one after the other. */
export const isUnpackedAtOnce = ({ field_5: first, field_8: second }: PageHeader): boolean =>
  DELTA_BYTES.includes(first?.field_2 ?? second?.field_4 ?? 0);

/** @throws {BrokenFileError} */
export const readPage = (header: PageHeader, packed: Uint8Array, reading: PageReading): Page =>
  orCorrupt(() => {
    const { field_5: first, field_8: second } = header;
    if (second) return readSecond(header, second, packed, reading);
    if (first) return readFirst(unfold(packed, reading.codec, header.field_2), first, reading);
    throw corruptParquet('a page is of no kind');
  });

/** @throws {BrokenFileError} */
export const readDictionary = (
  header: PageHeader,
  packed: Uint8Array,
  { codec, shape, text }: Omit<PageReading, 'dictionary'>,
): Dictionary =>
  orCorrupt(() => {
    const size = header.field_7?.field_1 ?? 0;
    const valueAt = plainValues(unfold(packed, codec, header.field_2), size, shape);
    return { size, at: (index) => text(valueAt(index)) };
  });

const readFirst = (
  page: Buffer,
  { field_1: rows, field_2: encoding }: NonNullable<PageHeader['field_5']>,
  reading: PageReading,
): Page => {
  if (!reading.shape.optional) return { rows, next: openValues(page, rows, encoding, reading) };
  const levelsEnd = 4 + page.readUInt32LE(0);
  const levels = hybrid(within(page, 4, levelsEnd), rows, 1);
  return withGaps(levels, (count) => openValues(within(page, levelsEnd, page.length), count, encoding, reading));
};

const readSecond = (
  { field_2: length }: PageHeader,
  second: NonNullable<PageHeader['field_8']>,
  packed: Uint8Array,
  reading: PageReading,
): Page => {
  const { field_1: rows, field_4: encoding, field_5: levelBytes, field_6: repetitionBytes } = second;
  const valuesAt = levelBytes + repetitionBytes;
  const content = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const codec = second.field_7 === false ? 0 : reading.codec;
  const values = unfold(within(content, valuesAt, content.length), codec, Math.max(0, length - valuesAt));
  if (!reading.shape.optional) return { rows, next: openValues(values, rows, encoding, reading) };
  const levels = hybrid(within(content, repetitionBytes, valuesAt), rows, 1);
  return withGaps(levels, (count) => openValues(values, count, encoding, reading));
};

const within = (bytes: Buffer, from: number, to: number): Buffer => {
  if (from > to || to > bytes.length) throw corruptParquet('a page ends too early');
  return bytes.subarray(from, to);
};

/** Rows of which some have no value. @param levels - 1 for each that has one. */
const withGaps = (levels: Uint32Array, open: (count: number) => NextValue): Page => {
  const value = open(levels.reduce((sum, level) => sum + level, 0));
  let at = 0;
  return { rows: levels.length, next: () => (levels[at++] === 1 ? value() : '') };
};

/** Whatever a damaged page makes the decoders throw. */
const orCorrupt = <Result>(read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    throw error instanceof BrokenFileError ? error : corruptParquet('a page cannot be decoded', { cause: error });
  }
};
