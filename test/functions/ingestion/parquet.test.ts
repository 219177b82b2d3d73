import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import { openValues } from '../../../functions/ingestion/reading/parquet/values.ts';
import { type ParquetOptions, parquetOf, parquetOfCsv } from '../../support/parquet.ts';
import { dataPage, dictionaryPage, plainTexts, rawParquet, run, withLength } from '../../support/raw-parquet.ts';
import { outline, readAll } from './reading.ts';

const read = (file: Buffer, options: Parameters<typeof readAll>[1] = {}) => readAll(file, options);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('values of a Parquet file', () => {
  const instant = 1_772_366_400_123_456_789n;
  test.each<{ name: string; schema: Record<string, unknown>; data: unknown[]; cells: (string | null)[] }>([
    { name: 'text', schema: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, data: ['é😀', ''], cells: ['é😀', ''] },
    { name: 'bytes as UTF-8', schema: { type: 'BYTE_ARRAY' }, data: [Buffer.from('é')], cells: ['é'] },
    { name: 'whole numbers', schema: { type: 'INT32' }, data: [0, -2_147_483_648], cells: ['0', '-2147483648'] },
    {
      name: 'ids beyond 2^53',
      schema: { type: 'INT64' },
      data: [4_111_111_111_111_111_119n, -9_007_199_254_740_993n],
      cells: ['4111111111111111119', '-9007199254740993'],
    },
    {
      name: 'unsigned numbers',
      schema: { type: 'INT64', converted_type: 'UINT_64' },
      data: [18_446_744_073_709_551_615n],
      cells: ['18446744073709551615'],
    },
    {
      name: 'unsigned small numbers',
      schema: { type: 'INT32', converted_type: 'UINT_32' },
      data: [4_294_967_295],
      cells: ['4294967295'],
    },
    { name: 'floats', schema: { type: 'DOUBLE' }, data: [0.1, 1e21, Number.NaN], cells: ['0.1', '1e+21', 'NaN'] },
    { name: 'short floats', schema: { type: 'FLOAT' }, data: [0.1, 16_777_216], cells: ['0.1', '16777216'] },
    { name: 'booleans', schema: { type: 'BOOLEAN' }, data: [true, false], cells: ['true', 'false'] },
    {
      name: 'dates',
      schema: { type: 'INT32', converted_type: 'DATE' },
      data: [20_513, -1],
      cells: ['2026-03-01', '1969-12-31'],
    },
    {
      name: 'milliseconds',
      schema: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
      data: [new Date(1_772_366_400_123), new Date(-1)],
      cells: ['2026-03-01T12:00:00.123Z', '1969-12-31T23:59:59.999Z'],
    },
    {
      name: 'microseconds',
      schema: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
      data: [instant / 1_000n],
      cells: ['2026-03-01T12:00:00.123456Z'],
    },
    {
      name: 'nanoseconds',
      schema: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } },
      data: [instant],
      cells: ['2026-03-01T12:00:00.123456789Z'],
    },
    {
      name: 'instants without an offset',
      schema: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' } },
      data: [1_772_366_400_123n],
      cells: ['2026-03-01T12:00:00.123'],
    },
    {
      name: 'times of day',
      schema: { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: true, unit: 'MICROS' } },
      data: [43_200_000_001n],
      cells: ['12:00:00.000001'],
    },
    {
      name: 'decimals',
      schema: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3, converted_type: 'DECIMAL', scale: 2, precision: 5 },
      data: [19.99, -0.05],
      cells: ['19.99', '-0.05'],
    },
    {
      name: 'UUIDs',
      schema: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } },
      data: ['123e4567-e89b-12d3-a456-426614174000'],
      cells: ['123e4567-e89b-12d3-a456-426614174000'],
    },
  ])('$name', async ({ schema, data, cells }) => {
    const element = { name: 'x', repetition_type: 'OPTIONAL', ...schema } as never;
    const root = { name: 'root', num_children: 1 } as never;
    const file = parquetOf([{ name: 'x', data: [...data, null] }], { schema: [root, element] });

    expect(outline(await read(file))).toEqual([...cells, ''].map((cell) => [cell]));
  });

  test('that are no UTF-8 make one bad row', async () => {
    const file = parquetOf([{ name: 'x', type: 'BYTE_ARRAY', data: [Buffer.from([0xff, 0xfe]), Buffer.from('b')] }]);

    expect(outline(await read(file))).toEqual(['invalid_utf8', ['b']]);
  });
});

const mixed = (rows: number): ColumnSource[] => [
  { name: 'id', type: 'STRING', data: numbers(rows).map((n) => `event-${n}`) },
  { name: 'country', type: 'STRING', data: numbers(rows).map((n) => (n % 7 === 0 ? null : `land-${n % 5}`)) },
  { name: 'amount', type: 'DOUBLE', data: numbers(rows).map((n) => n / 4) },
  { name: 'count', type: 'INT64', data: numbers(rows).map((n) => BigInt(n) ** 3n), encoding: 'DELTA_BINARY_PACKED' },
  { name: 'small', type: 'INT32', data: numbers(rows).map((n) => n - 50), encoding: 'DELTA_BINARY_PACKED' },
  { name: 'path', type: 'STRING', data: numbers(rows).map((n) => `a/b/${n}`), encoding: 'DELTA_BYTE_ARRAY' },
  {
    name: 'word',
    type: 'STRING',
    data: numbers(rows).map((n) => 'x'.repeat(n % 9)),
    encoding: 'DELTA_LENGTH_BYTE_ARRAY',
  },
  { name: 'split', type: 'DOUBLE', data: numbers(rows).map((n) => n * 1.5), encoding: 'BYTE_STREAM_SPLIT' },
  { name: 'flag', type: 'BOOLEAN', data: numbers(rows).map((n) => n % 3 === 0) },
];
const cellsOf = (rows: number): string[][] =>
  numbers(rows).map((n) => [
    `event-${n}`,
    n % 7 === 0 ? '' : `land-${n % 5}`,
    String(n / 4),
    String(n ** 3),
    String(n - 50),
    `a/b/${n}`,
    'x'.repeat(n % 9),
    String(n * 1.5),
    String(n % 3 === 0),
  ]);

describe('a Parquet file', () => {
  test.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI'] as const)(
    'compressed with %s has all its rows, whatever the encodings, groups and pages',
    async (codec) => {
      const file = parquetOf(mixed(700), { codec, rowGroupSize: 300, pageSize: 512 });

      const reading = await read(file);

      expect(reading.header).toEqual(['id', 'country', 'amount', 'count', 'small', 'path', 'word', 'split', 'flag']);
      expect(outline(reading)).toEqual(cellsOf(700));
      expect(reading.rows.map(({ row }) => row)).toEqual(numbers(700).map((n) => n + 1));
    },
  );

  test('is read as the library it comes from reads it', async () => {
    const file = parquetOf(mixed(257), { pageSize: 300 });
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;

    const known = await parquetReadObjects({ file: bytes });

    const texts = known.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value))));
    expect(outline(await read(file))).toEqual(texts);
  });

  test('goes on behind any row as if reading had not stopped', async () => {
    const file = parquetOf(mixed(230), { rowGroupSize: 100, pageSize: 256 });
    const whole = await read(file);

    await fc.assert(
      fc.asyncProperty(fc.nat(240), async (skipRows) => {
        expect((await read(file, { skipRows })).rows).toEqual(whole.rows.slice(skipRows));
      }),
      { numRuns: 30 },
    );
  });

  test('is the same as the CSV file with the same texts', async () => {
    const lines = ['e-1,5,x', 'e-2,,y'];
    const parquet = await read(parquetOfCsv('a,b,c', lines));

    expect(outline(parquet)).toEqual(outline(await readAll(`a,b,c\n${lines.join('\n')}\n`)));
  });

  test('has only the columns read that are needed', async () => {
    const file = parquetOf(mixed(20), { codec: 'UNCOMPRESSED' });
    const reads: number[] = [];
    const parts = {
      size: file.length,
      read: async (from: number, length: number) => {
        reads.push(length);
        return file.subarray(from, from + length);
      },
    };

    const reading = await read(file, { parts, needed: (column) => column === 'flag' });

    expect(outline(reading)[3]).toEqual(['', '', '', '', '', '', '', '', 'true']);
    expect(reads.slice(2).reduce((sum, length) => sum + length, 0)).toBeLessThan(100);
  });

  test.each<{ name: string; file: Buffer; rows: unknown; key?: string; options?: ParquetOptions }>([
    { name: 'without rows', file: parquetOf([{ name: 'a', type: 'STRING', data: [] }]), rows: [] },
    {
      name: 'with a column twice but for case',
      file: parquetOf([
        { name: 'amount', type: 'STRING', data: ['1'] },
        { name: 'Amount', type: 'STRING', data: ['2'] },
      ]),
      rows: 'duplicate_headers',
    },
    {
      name: 'with 1,001 columns',
      file: parquetOf(numbers(1_001).map((n) => ({ name: `c${n}`, type: 'INT32', data: [n] }))),
      rows: 'too_many_columns',
    },
    {
      name: 'with a nested column',
      file: parquetOf([{ name: 'list', data: [[1, 2]] }], {
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'list', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          { name: 'element', repetition_type: 'OPTIONAL', type: 'INT32' },
        ],
      }),
      rows: 'unsupported_column',
    },
    {
      name: 'in gzip',
      file: gzipSync(parquetOf([{ name: 'a', type: 'STRING', data: ['1'] }])),
      rows: 'unsupported_compression',
    },
    { name: 'in name alone', file: Buffer.from('a,b\n1,2\n'), key: 'x.parquet', rows: 'corrupt_parquet' },
    { name: 'that is encrypted', file: Buffer.from('PARE12345678PARE'), rows: 'unsupported_parquet' },
    { name: 'of its first bytes alone', file: Buffer.from('PAR1'), rows: 'corrupt_parquet' },
    { name: 'without its end', file: parquetOf(mixed(10)).subarray(0, -20), rows: 'corrupt_parquet' },
  ])('$name', async ({ file, rows, key = 'x.parquet' }) => {
    expect(outline(await read(file, { key }))).toEqual(rows);
  });

  test('with a nested column that nobody needs is read without it', async () => {
    const schema = [
      { name: 'root', num_children: 2 },
      { name: 'list', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'OPTIONAL', type: 'INT32' },
      { name: 'id', repetition_type: 'OPTIONAL', type: 'INT32' },
    ] as const;
    const columns = [
      { name: 'list', data: [[1, 2], [3]] },
      { name: 'id', data: [7, 8] },
    ];

    const reading = await read(parquetOf(columns, { schema }), { needed: (column) => column === 'id' });

    expect(outline(reading)).toEqual([
      ['', '7'],
      ['', '8'],
    ]);
  });

  test('that breaks off in a page keeps the rows before, and says so', async () => {
    const whole = parquetOf([{ name: 'a', type: 'STRING', data: numbers(3_000).map((n) => `value-${n}`) }], {
      codec: 'GZIP',
      rowGroupSize: 1_000,
    });
    const damaged = Buffer.from(whole).fill(0xff, Math.floor(whole.length / 2), Math.floor(whole.length / 2) + 50);

    const rows = outline(await read(damaged));

    expect(rows.slice(0, 1_000)).toEqual(numbers(1_000).map((n) => [`value-${n}`]));
    expect(rows.at(-1)).toBe('corrupt_parquet');
  });

  test('of more than the most rows is refused before the first', async () => {
    expect(outline(await read(parquetOf(mixed(5)), { maxRows: 4 }))).toBe('too_many_rows');
  });
});

/** A block of LZ4 that is all literals; of fewer than 15 bytes. */
const lz4 = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length << 4]), bytes]);
const framed = (length: number, block: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(length, 0);
  head.writeUInt32BE(block.length, 4);
  return Buffer.concat([head, block]);
};
const packedAs = (content: Buffer, pack: (bytes: Buffer) => Buffer) =>
  dataPage(1, 0, pack(content), { field_2: content.length });

describe('pages of the first version', () => {
  const PLAIN = 0;
  const RLE = 3;
  const RLE_DICTIONARY = 8;
  const int32s = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);
  const dictionary = dictionaryPage(2, plainTexts(['yes', 'no']));

  test.each([
    { name: 'plain texts', column: { pages: [dataPage(2, PLAIN, plainTexts(['a', 'é']))] }, cells: ['a', 'é'] },
    {
      name: 'numbers in two pages',
      column: { type: 1, pages: [dataPage(1, PLAIN, int32s(7)), dataPage(1, PLAIN, int32s(-8))] },
      cells: ['7', '-8'],
    },
    {
      name: 'rows without a value',
      column: {
        optional: true,
        pages: [
          dataPage(
            3,
            PLAIN,
            Buffer.concat([withLength(Buffer.concat([run(1, 1), run(1, 0), run(1, 1)])), plainTexts(['a', 'b'])]),
          ),
        ],
      },
      cells: ['a', '', 'b'],
    },
    {
      name: 'a dictionary',
      column: {
        pages: [dictionary, dataPage(3, RLE_DICTIONARY, Buffer.concat([Buffer.from([1]), run(2, 1), run(1, 0)]))],
      },
      cells: ['no', 'no', 'yes'],
    },
    {
      name: 'a dictionary of one, in numbers of no bits',
      column: { pages: [dictionaryPage(1, plainTexts(['x'])), dataPage(2, RLE_DICTIONARY, Buffer.from([0]))] },
      cells: ['x', 'x'],
    },
    {
      name: 'booleans in runs',
      column: { type: 0, pages: [dataPage(3, RLE, withLength(Buffer.concat([run(2, 1), run(1, 0)])))] },
      cells: ['true', 'true', 'false'],
    },
    {
      name: 'packed bits, filled up to eight',
      column: { pages: [dictionary, dataPage(3, RLE_DICTIONARY, Buffer.from([1, 3, 0b010]))] },
      cells: ['yes', 'no', 'yes'],
    },
    {
      name: 'what LZ4 packs',
      column: { codec: 7, pages: [packedAs(plainTexts(['abc']), (bytes) => lz4(bytes))] },
      cells: ['abc'],
    },
    {
      name: 'what LZ4 packs as Hadoop frames it',
      column: { codec: 5, pages: [packedAs(plainTexts(['abc']), (bytes) => framed(bytes.length, lz4(bytes)))] },
      cells: ['abc'],
    },
  ])('hold $name', async ({ column, cells }) => {
    const file = rawParquet({ rows: cells.length, columns: [column] });

    expect(outline(await read(file))).toEqual(cells.map((cell) => [cell]));
  });
});

describe('bytes of one length, split by their places', () => {
  const shape = {
    name: 'c0',
    type: 'FIXED_LEN_BYTE_ARRAY',
    length: 2,
    optional: false,
    converted: undefined,
    logical: undefined,
    scale: 0,
    leaf: 0,
  } as const;
  const open = (data: Buffer, count: number) =>
    openValues(data, count, 9, { shape, text: (value) => (value as Buffer).toString('utf8'), dictionary: undefined });

  test('are put together again', () => {
    const next = open(Buffer.from('adbecf'), 3);

    expect([next(), next(), next()]).toEqual(['ae', 'dc', 'bf']);
  });

  test('take no memory of their own for values that nobody has asked for', () => {
    const count = 2_000_000;
    const data = Buffer.alloc(2 * count, 'x');
    const before = process.memoryUsage().heapUsed;

    const next = open(data, count);

    expect(process.memoryUsage().heapUsed - before).toBeLessThan(count * 8);
    expect(next()).toBe('xx');
  });

  test('that are not all there are refused', () => {
    expect(() => open(Buffer.from('abc'), 2)).toThrow('ends too early');
  });
});
