import { gzipSync, zstdCompressSync } from 'node:zlib';

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

/** A file that is made to cost whoever reads it far more than it cost to make. */
export interface Bomb {
  readonly name: string;
  readonly key: string;
  /** Made when it is needed: some take a second. */
  readonly make: () => Buffer;
  /** Reasons that may be given: of the whole file, or of its rows and at last of where it breaks off. None: no row. */
  readonly reasons: readonly string[];
}

const KEY = 'events/payment/bomb';
const HEADER = 'event_id,occurred_at,customer,amount\n';
const MB = 1024 ** 2;

/** Gzip data of the same again and again: a member of so many bytes, so many times. */
const gzipOf = (line: string, bytes: number, members = 1): Buffer => {
  const member = gzipSync(Buffer.alloc(bytes, line), { level: 9 });
  return Buffer.concat(Array<Buffer>(members).fill(member));
};

const compressed = (name: string, make: () => Buffer, ...reasons: string[]): Bomb => ({
  name,
  key: KEY,
  make,
  reasons,
});

const GZIP_BOMBS: readonly Bomb[] = [
  compressed('one gibibyte of zeros in a megabyte of gzip', () => gzipOf('\0', 16 * MB, 64), 'not_text'),
  compressed(
    'one gibibyte of rows in a megabyte of gzip',
    () => Buffer.concat([gzipSync(HEADER), gzipOf('e-1,2026-11-20T10:00:00Z,c,1\n', 16 * MB, 64)]),
    'compression_bomb',
  ),
  compressed(
    'one gibibyte of ragged rows of two bytes',
    () => Buffer.concat([gzipSync(HEADER), gzipOf(',\n', 16 * MB, 64)]),
    'ragged_row',
    'compression_bomb',
  ),
  compressed(
    'one gibibyte without a line end',
    () => Buffer.concat([gzipSync(HEADER), gzipOf('x', 16 * MB, 64)]),
    'record_too_large',
    'compression_bomb',
  ),
  compressed(
    'one gibibyte in a quoted field',
    () => Buffer.concat([gzipSync(`${HEADER}"`), gzipOf('x\n', 16 * MB, 64)]),
    'ragged_row',
    'broken_quotes',
    'record_too_large',
    'compression_bomb',
  ),
  compressed('gzip in gzip in gzip', () => gzipSync(gzipSync(gzipOf('x', MB))), 'unsupported_compression'),
  compressed('ten thousand empty members', () => Buffer.concat(Array<Buffer>(10_000).fill(gzipSync('')))),
];

const TEXT_BOMBS: readonly Bomb[] = [
  {
    name: 'a million columns',
    key: `${KEY}.csv`,
    make: () =>
      Buffer.from(`${Array.from({ length: 1_000_000 }, (_, index) => index % 10).join(',')}\n`.slice(0, MB - 10)),
    reasons: ['too_many_columns'],
  },
  {
    name: 'a hundred rows of half a million fields',
    key: `${KEY}.csv`,
    make: () => Buffer.from(HEADER + `${','.repeat(500_000)}\n`.repeat(100)),
    reasons: ['ragged_row'],
  },
  {
    name: 'a hundred lines a hundred thousand levels deep',
    key: `${KEY}.jsonl`,
    make: () => Buffer.from(`{"a":${'['.repeat(100_000)}\n`.repeat(100)),
    reasons: ['too_deep'],
  },
  {
    name: 'twenty lines of ninety thousand keys',
    key: `${KEY}.jsonl`,
    make: () => Buffer.from(`{${Array.from({ length: 90_000 }, (_, n) => `"k${n}":1`).join(',')}}\n`.repeat(20)),
    reasons: ['too_many_fields'],
  },
  {
    name: 'quotes that open and never close, each a line further',
    key: `${KEY}.csv`,
    make: () => Buffer.from(HEADER + '"a\n'.repeat(300_000)),
    reasons: ['broken_quotes', 'ragged_row', 'record_too_large'],
  },
  {
    name: 'digits and separators that might be cards, for a megabyte',
    key: `${KEY}.jsonl`,
    make: () => Buffer.from(`{"event_id":"e-1","note":"${'4 1-'.repeat(250_000)}"}\n`.repeat(8)),
    reasons: ['missing_field', 'card_number'],
  },
];

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

const PARQUET_BOMBS: readonly Bomb[] = [
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

/** Every bomb that RELIABILITY's traps name, and those that Parquet adds. */
export const BOMBS: readonly Bomb[] = [...GZIP_BOMBS, ...TEXT_BOMBS, ...PARQUET_BOMBS];
