import { zstdCompressSync } from 'node:zlib';

import { parquetOf } from '../support/parquet.ts';
import {
  compact,
  dataPage,
  dictionaryPage,
  plainTexts,
  rawParquet,
  run,
  sealed,
  varint,
  withLength,
} from '../support/raw-parquet.ts';
import { type Bomb, gzipOf, KEY, MB } from './bomb.ts';

const PLAIN = 0;
const RLE_DICTIONARY = 8;
const DELTA_BINARY_PACKED = 5;
const DELTA_BYTE_ARRAY = 7;
const GZIP = 2;
const ZSTD = 6;
/** Kinds of values. */
const BOOLEAN = 0;
const INT32 = 1;

const parquet = (name: string, make: () => Buffer, ...reasons: string[]): Bomb => ({
  name: `Parquet: ${name}`,
  key: `${KEY}.parquet`,
  make,
  reasons,
});

const LARGEST = 2 ** 31 - 1;

/** A file whose footer is these bytes. */
const withFooter = (footer: Buffer): Buffer => sealed([Buffer.from('PAR1'), footer], footer.length);

const rows = 1_000;

/** Parquet files that say, or hold, far more than they are. */
export const PARQUET_BOMBS: readonly Bomb[] = [
  parquet(
    'twenty million rows without a value in two hundred bytes',
    () =>
      rawParquet({
        rows: 20_000_000,
        columns: [{ optional: true, pages: [dataPage(20_000_000, PLAIN, withLength(run(20_000_000, 0)))] }],
      }),
    'compression_bomb',
  ),
  parquet(
    'a million times one text of a megabyte',
    () =>
      rawParquet({
        rows: 1_000_000,
        columns: [
          {
            codec: ZSTD,
            pages: [
              packed(dictionaryPage(1, plainTexts(['x'.repeat(900_000)])), zstdCompressSync),
              packed(dataPage(1_000_000, RLE_DICTIONARY, Buffer.from([0])), zstdCompressSync),
            ],
          },
        ],
      }),
    'missing_field',
    'unknown_field',
    'compression_bomb',
  ),
  parquet(
    'a dictionary of thirty-two million values of one bit',
    () =>
      rawParquet({
        rows,
        columns: [
          {
            type: BOOLEAN,
            pages: [
              dictionaryPage(32_000_000, Buffer.alloc(32_000_000 / 8, 0x55)),
              dataPage(rows, RLE_DICTIONARY, Buffer.concat([Buffer.from([1]), run(rows, 0)])),
            ],
          },
        ],
      }),
    'missing_field',
    'unknown_field',
  ),
  parquet(
    'a dictionary of four million numbers',
    () => {
      const numbers = Int32Array.from({ length: 4_000_000 }, (_, index) => -2_000_000_000 + index);
      return rawParquet({
        rows,
        columns: [
          {
            type: INT32,
            pages: [
              dictionaryPage(numbers.length, Buffer.from(numbers.buffer)),
              dataPage(rows, RLE_DICTIONARY, Buffer.concat([Buffer.from([1]), run(rows, 0)])),
            ],
          },
        ],
      });
    },
    'missing_field',
    'unknown_field',
  ),
  parquet(
    'a run of two thousand million in a page of a thousand',
    () =>
      rawParquet({
        rows,
        columns: [
          {
            pages: [
              dictionaryPage(1, plainTexts(['x'])),
              dataPage(rows, RLE_DICTIONARY, Buffer.concat([Buffer.from([1]), run(LARGEST, 0)])),
            ],
          },
        ],
      }),
    'corrupt_parquet',
  ),
  parquet(
    'levels of two thousand million rows in a page of a thousand',
    () =>
      rawParquet({ rows, columns: [{ optional: true, pages: [dataPage(rows, PLAIN, withLength(run(LARGEST, 1)))] }] }),
    'corrupt_parquet',
  ),
  parquet(
    'a page that says it has two thousand million values',
    () => rawParquet({ rows, columns: [{ pages: [dataPage(LARGEST, PLAIN, plainTexts(['x']))] }] }),
    'corrupt_parquet',
  ),
  parquet(
    'a dictionary that says it has two thousand million values',
    () =>
      rawParquet({
        rows,
        columns: [
          { pages: [dictionaryPage(LARGEST, plainTexts(['x'])), dataPage(rows, RLE_DICTIONARY, Buffer.from([0]))] },
        ],
      }),
    'corrupt_parquet',
  ),
  parquet(
    'a page that says it unfolds to two gibibytes',
    () =>
      rawParquet({
        rows,
        columns: [{ codec: GZIP, pages: [dataPage(rows, PLAIN, gzipOf('x', 16 * MB), { field_2: LARGEST })] }],
      }),
    'too_large',
  ),
  parquet(
    'a page that unfolds to far more than it says',
    () =>
      rawParquet({
        rows,
        columns: [{ codec: GZIP, pages: [dataPage(rows, PLAIN, gzipOf('x', 16 * MB, 32), { field_2: 1_000 })] }],
      }),
    'corrupt_parquet',
  ),
  parquet(
    'values that each repeat all before them',
    () => {
      const count = 4_000;
      const prefixes = delta(count, (index) => index * 1_000);
      const suffixes = delta(count, () => 1_000);
      const content = Buffer.concat([prefixes, suffixes, Buffer.alloc(count * 1_000, 'x')]);
      return rawParquet({ rows: count, columns: [{ pages: [dataPage(count, DELTA_BYTE_ARRAY, content)] }] });
    },
    'corrupt_parquet',
  ),
  parquet(
    'a number of a megabyte in packed numbers',
    () =>
      rawParquet({
        rows,
        columns: [
          {
            type: 2,
            pages: [
              dataPage(
                rows,
                DELTA_BINARY_PACKED,
                Buffer.concat([varint(128), varint(4), varint(rows), Buffer.alloc(MB, 0x80)]),
              ),
            ],
          },
        ],
      }),
    'corrupt_parquet',
  ),
  parquet(
    'a number of four megabytes in the footer',
    () => withFooter(Buffer.concat([Buffer.from([0x36]), Buffer.alloc(4 * MB, 0x80), Buffer.from([1, 0])])),
    'corrupt_parquet',
  ),
  parquet(
    'lists of two thousand million in lists, a hundred levels deep',
    () =>
      withFooter(
        Buffer.concat([
          Buffer.from([0x29]),
          Buffer.concat(Array<Buffer>(100).fill(Buffer.concat([Buffer.from([0xf9]), varint(LARGEST)]))),
        ]),
      ),
    'corrupt_parquet',
  ),
  parquet(
    'lists of eight million in lists, where the bytes are there',
    () =>
      withFooter(
        Buffer.concat([
          Buffer.from([0x29]),
          Buffer.concat(Array<Buffer>(14).fill(Buffer.concat([Buffer.from([0xf9]), varint(7_000_000)]))),
          Buffer.alloc(8 * MB - 100, 0x00),
        ]),
      ),
    'corrupt_parquet',
  ),
  parquet('structures a million levels deep', () => withFooter(Buffer.alloc(MB, 0x1c)), 'corrupt_parquet'),
  parquet(
    'eight megabytes of empty structures in the footer',
    () => withFooter(Buffer.concat([Buffer.from([0x29, 0xfc]), varint(8 * MB - 100), Buffer.alloc(8 * MB - 99)])),
    'corrupt_parquet',
  ),
  parquet(
    'a hundred megabytes of metadata',
    () => sealed([Buffer.from('PAR1'), Buffer.alloc(100 * MB)], 100 * MB),
    'unsupported_parquet',
  ),
  parquet(
    'a schema that says it has two thousand million children',
    () =>
      rawParquet({
        rows: 1,
        columns: [],
        said: {
          field_2: [
            { field_4: 'root', field_5: LARGEST },
            { field_1: 6, field_3: 0, field_4: 'a', field_5: LARGEST },
          ],
        },
      }),
    'corrupt_parquet',
  ),
  parquet(
    'a header of a page that never ends',
    () => rawParquet({ rows, columns: [{ pages: [{ header: Buffer.alloc(16 * MB, 0x15) }] }] }),
    'corrupt_parquet',
  ),
  parquet(
    'a million pages without a row',
    () =>
      rawParquet({
        rows,
        columns: [
          {
            pages: [
              {
                header: Buffer.concat(
                  Array<Buffer>(200_000).fill(
                    compact(dataPage(0, PLAIN, Buffer.alloc(0)).header as Record<`field_${number}`, unknown>),
                  ),
                ),
              },
            ],
          },
        ],
      }),
    'corrupt_parquet',
  ),
  parquet(
    '1,001 columns',
    () => parquetOf(Array.from({ length: 1_001 }, (_, n) => ({ name: `c${n}`, type: 'INT32', data: [n] }))),
    'too_many_columns',
  ),
];

function packed<Page extends ReturnType<typeof dataPage>>(
  page: Page,
  compress: (bytes: Uint8Array) => Uint8Array,
): Page {
  const content = compress(page.content ?? Buffer.alloc(0));
  return { ...page, content, header: { ...(page.header as object), field_3: content.length } };
}

/** Numbers packed by their differences, in blocks of 128 in four parts, at 32 bits each. */
function delta(count: number, at: (index: number) => number): Buffer {
  const zigzag = (value: number): Buffer => varint(value >= 0 ? value * 2 : -value * 2 - 1);
  const pieces = [varint(128), varint(4), varint(count), zigzag(at(0))];
  for (let start = 1; start < count; start += 128) {
    const block = Buffer.alloc(128 * 4);
    for (let index = 0; index < 128; index++) {
      const difference = start + index < count ? at(start + index) - at(start + index - 1) : 0;
      block.writeUInt32LE(difference, index * 4);
    }
    const parts = Math.min(4, Math.ceil((count - start) / 32));
    pieces.push(zigzag(0), Buffer.alloc(4, 32), block.subarray(0, parts * 128));
  }
  return Buffer.concat(pieces);
}
