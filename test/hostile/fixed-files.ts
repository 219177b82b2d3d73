import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { parquetOf, parquetOfCsv } from '../support/parquet.ts';
import { dataPage, dictionaryPage, plainTexts, rawParquet, run, withLength } from '../support/raw-parquet.ts';
import { CARD } from './doors.ts';
import type { FileEnd, RowEnd } from './file-ends.ts';

/** A file that is wrong in one way, and how it must end. */
export interface FixedFile {
  /** The trap, as RELIABILITY.md has it, or what is wrong. */
  readonly name: string;
  readonly key: string;
  readonly content: () => Buffer;
  /** Reason of the whole file, or the end of each row. */
  readonly ends: string | readonly RowEnd[];
}

const HEADER = 'event_id,occurred_at,customer,terminal,amount,note';
const row = (id: string, note = '', amount: string = '5', time = '2026-11-19T10:00:00Z'): string =>
  `${id},${time},c-1,t-1,${amount},${note}`;
const GOOD = [row('a'), row('b')];
const lines = (...given: readonly string[]): string => given.map((line) => `${line}\n`).join('');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const file = (name: string, content: string | Buffer, ends: FixedFile['ends'], key = 'x.csv'): FixedFile => ({
  name,
  key: `events/payment/${key}`,
  content: () => Buffer.from(content),
  ends,
});
/** A CSV file of these rows behind the usual header. */
const csv = (name: string, ends: FixedFile['ends'], ...rows: readonly string[]): FixedFile =>
  file(name, lines(HEADER, ...rows), ends);
const object = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    event_id: 'a',
    occurred_at: '2026-11-19T10:00:00Z',
    customer: 'c-1',
    terminal: 't-1',
    amount: 5,
    ...changes,
  });
const jsonl = (name: string, ends: FixedFile['ends'], ...rows: readonly string[]): FixedFile =>
  file(name, lines(...rows), ends, 'x.jsonl');
const parquet = (name: string, content: Buffer, ends: FixedFile['ends'], key = 'x.parquet'): FixedFile =>
  file(name, content, ends, key);

const [OK, AGAIN, OTHER] = ['decided', 'duplicate', 'conflict'] as const;
const other = object({ event_id: 'b' });

const HEADERS: readonly FixedFile[] = [
  file('nothing at all', '', []),
  file('blank lines alone', '\n\r\n\n', []),
  csv('a header alone', []),
  file('a byte order mark', `\ufeff${lines(HEADER, ...GOOD)}`, [OK, OK]),
  file('duplicate headers', lines(`${HEADER},amount`, `${row('a')},5`), 'duplicate_headers'),
  file('duplicate headers but for case', lines(`${HEADER},Amount`, `${row('a')},5`), 'duplicate_headers'),
  file('duplicate headers but for spaces', lines(`${HEADER}, amount `, `${row('a')},5`), 'duplicate_headers'),
  file(
    'duplicate headers but for composition',
    lines(`${HEADER},caf\u00e9,cafe\u0301`, `${row('a')},1,2`),
    'duplicate_headers',
  ),
  file('one thing under two names', lines(`${HEADER},EVENT_TIMESTAMP`, `${row('a')},x`), 'duplicate_headers'),
  file('unnamed columns at the end', lines(`${HEADER},,`, `${row('a')},,`), [OK]),
  file(
    'a column that is missing',
    lines('event_id,occurred_at,customer,terminal,note', 'a,2026-11-19T10:00:00Z,c,t,'),
    'missing_column',
  ),
  file('a header in Latin-1', latin1(`caf\xe9,${HEADER}\n`), 'invalid_utf8'),
  file('a header that never closes its quote', `"${lines(HEADER, ...GOOD)}`, 'broken_quotes'),
  file('a header of 1.2 MB', `${'x'.repeat(1_200_000)}\n${row('a')}\n`, 'record_too_large'),
  file('1,001 columns', lines(Array.from({ length: 1_001 }, (_, n) => `c${n}`).join(',')), 'too_many_columns'),
  file('`__proto__` as a column', lines(`${HEADER},__proto__,constructor`, `${row('a')},1,2`), [OK]),
  file('a security code as a column', lines(`${HEADER},card_cvv`, `${row('a')},737`, `${row('b')},`), [
    'secret_field',
    OK,
  ]),
];

const TEXTS: readonly FixedFile[] = [
  file('UTF-16 with a mark', Buffer.from(`\ufeff${lines(HEADER, ...GOOD)}`, 'utf16le'), 'utf_16'),
  file('UTF-16 without a mark', Buffer.from(lines(HEADER, ...GOOD), 'utf16le'), 'utf_16'),
  file('UTF-16 the other way round', Buffer.from(`\ufeff${lines(HEADER, ...GOOD)}`, 'utf16le').swap16(), 'utf_16'),
  file('zeros', Buffer.alloc(5_000), 'not_text'),
  file('lone carriage returns', lines(HEADER, ...GOOD).replaceAll('\n', '\r'), 'line_endings'),
  file('CRLF', lines(HEADER, ...GOOD).replaceAll('\n', '\r\n'), [OK, OK]),
  file('no line end behind the last row', lines(HEADER, ...GOOD).trimEnd(), [OK, OK]),
  file('a row in Latin-1', Buffer.concat([Buffer.from(lines(HEADER, row('a'))), latin1(`${row('b', '\xe9')}\n`)]), [
    OK,
    'invalid_utf8',
  ]),
  file(
    'half of a letter at the end',
    Buffer.concat([Buffer.from(lines(HEADER, row('a')) + row('b')), Buffer.from([0xc3])]),
    [OK, 'invalid_utf8'],
  ),
  csv('a zero byte among the first rows', 'not_text', row('a', 'x\0y'), row('b')),
];

const ROWS: readonly FixedFile[] = [
  csv('a ragged row is one bad row', [OK, 'ragged_row', 'ragged_row', OK], row('a'), 'b', `${row('c')},more`, row('d')),
  csv('a quote never closed', ['broken_quotes', OK], row('a', '"open'), row('b')),
  csv('text behind a closing quote', ['broken_quotes', OK], row('a', '"x"y'), row('b')),
  csv('a quoted line end', [OK, OK], row('a', '"x\ny, z"'), row('b')),
  csv('a quote inside a field', [OK], row('a', '5" pipe')),
  csv(
    'record size: a row of 1.2 MB',
    [OK, 'record_too_large', OK],
    row('a'),
    row('x', 'x'.repeat(1_200_000)),
    row('b'),
  ),
  csv('a row that is its header again', ['bad_time', OK], HEADER, row('b')),
  csv('the same row twice', [OK, AGAIN], row('a'), row('a')),
  csv('the same id with other content', [OK, OTHER], row('a'), row('a', '', '6')),
  csv('no id', ['missing_field', OK], row(''), row('b')),
  csv('an id with a space', ['bad_event_id'], row('"a b"')),
  csv(
    'ids are strings: nineteen digits stay nineteen',
    [OK, OK],
    row('4111111111111111119'),
    row('4111111111111111118'),
  ),
  csv('ids are strings: leading zeros stay', [OK, OK], row('007'), row('7')),
  csv('a formula is text', [OK], row('a', '=1+1')),
  csv('a text of 201 characters where 200 are allowed', ['too_long'], row('a', 'x'.repeat(201))),
];

const NUMBERS_AND_DATES: readonly FixedFile[] = [
  csv('1e400 is Infinity', ['out_of_range'], row('a', '', '1e400')),
  csv('NaN and Infinity', ['wrong_type', 'wrong_type'], row('a', '', 'NaN'), row('b', '', 'Infinity')),
  csv(
    'numbers in other notations',
    ['wrong_type', 'wrong_type', 'wrong_type', 'wrong_type'],
    row('a', '', '"1,5"'),
    row('b', '', '0x10'),
    row('c', '', '+5'),
    row('d', '', ' 5'),
  ),
  csv('an amount below the least', ['out_of_range'], row('a', '', '-1')),
  csv('30 February is not 1 March', ['bad_time'], row('a', '', '5', '2024-02-30T10:00:00Z')),
  csv('29 February of a leap year', ['too_old'], row('a', '', '5', '2024-02-29T10:00:00Z')),
  csv(
    'dates without a time or an offset',
    ['bad_time', 'bad_time'],
    row('a', '', '5', '2026-11-19'),
    row('b', '', '5', '2026-11-19T10:00:00'),
  ),
  csv(
    'times more than five minutes ahead',
    ['in_future', OK],
    row('a', '', '5', '2026-11-20T12:06:00Z'),
    row('b', '', '5', '2026-11-20T12:04:00Z'),
  ),
  csv('events older than their retention', ['too_old'], row('a', '', '5', '2025-11-19T00:00:00Z')),
  csv('a year of five digits', ['bad_time'], row('a', '', '5', '+12026-11-19T10:00:00Z')),
];

const CARDS: readonly FixedFile[] = [
  csv('a card number', ['card_number', 'card_number'], row(CARD), row('b', CARD)),
  csv('a card number in groups', ['card_number'], row('a', '4539-1488-0343-6467')),
  csv('Luhn alone refuses nothing: sixteen digits of no issuer', [OK], row('a', '1000000000000008')),
  csv('Luhn alone refuses nothing: milliseconds since 1970', [OK], row('a', '1763632800008')),
  csv('a UUID', [OK], row('a', '4e539148-8034-4364-8674-539148803436')),
];

const JSON_LINES: readonly FixedFile[] = [
  jsonl('a line that is no JSON', [OK, 'not_json', OK], object(), '{"event_id":', other),
  jsonl('JSON depth: a line of 33 levels', [OK, 'too_deep', OK], object(), `${'['.repeat(33)}${']'.repeat(33)}`, other),
  jsonl(
    'JSON depth: a line of 5,000 levels',
    [OK, 'too_deep'],
    object(),
    `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  ),
  jsonl(
    'lines that are no objects',
    ['not_an_object', 'not_an_object', 'not_an_object', OK],
    '5',
    '"a"',
    'null',
    object(),
  ),
  file('an array of objects', `[${object()}]`, 'json_array', 'x.jsonl'),
  jsonl('`__proto__` keys', [OK], object().replace('{', '{"__proto__":{"amount":9},')),
  jsonl('lone surrogates', ['bad_text'], object().replace('"c-1"', '"\\ud800"')),
  jsonl('a number of nineteen digits as an id', ['bad_event_id'], object().replace('"a"', '4111111111111111119')),
  jsonl('1e400', ['out_of_range'], object().replace(':5', ':1e400')),
  jsonl(
    '1,001 keys',
    ['too_many_fields', OK],
    JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, n]))),
    object(),
  ),
  jsonl('a line of 1.2 MB', [OK, 'record_too_large'], object(), object({ note: 'x'.repeat(1_200_000) })),
  jsonl('an event of another type', ['wrong_event_type', OK], object({ event_type: 'login' }), other),
  jsonl(
    'lists and objects for values',
    ['wrong_type', 'bad_entity'],
    object({ note: ['x'] }),
    object({ event_id: 'b', customer: {} }),
  ),
];

const packed = gzipSync(lines(HEADER, ...GOOD));
const COMPRESSED: readonly FixedFile[] = [
  file('gzip', packed, [OK, OK], 'x.csv.gz'),
  file('gzip without its checksum', packed.subarray(0, -8), [OK, OK, 'truncated']),
  file('gzip of two bytes', packed.subarray(0, 2), 'truncated'),
  file('gzip with text behind', Buffer.concat([packed, Buffer.from('behind')]), 'corrupt_gzip'),
  file('gzip that is damaged', Buffer.from(packed).fill(0xff, 12, 30), 'corrupt_gzip'),
  file('gzip in gzip', gzipSync(packed), 'unsupported_compression'),
  file('a spreadsheet', latin1('PK\x03\x04\x14\x00\x06\x00'), 'unsupported_compression', 'x.xlsx'),
  file('bzip2', latin1('BZh91AY&SY'), 'unsupported_compression'),
  file('zstandard', zstdCompressSync(Buffer.from(lines(HEADER, ...GOOD))), 'unsupported_compression', 'x.csv.zst'),
  file('xz', latin1('\xfd7zXZ\x00'), 'unsupported_compression'),
  file('brotli, which says nothing of itself', brotliCompressSync(Buffer.from('x'.repeat(1_000))), 'invalid_utf8'),
  file(
    'zlib without gzip',
    Buffer.concat([deflateSync(Buffer.from(lines(HEADER, ...GOOD))), Buffer.alloc(9)]),
    'not_text',
  ),
];

const columned = parquetOfCsv(HEADER, GOOD);
const nested = parquetOf([{ name: 'amount', data: [[1]] }], {
  schema: [
    { name: 'root', num_children: 1 },
    { name: 'amount', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', type: 'INT32' },
  ],
});
const unknownCodec = rawParquet({ rows: 1, columns: [{ codec: 3, pages: [dataPage(1, 0, plainTexts(['a']))] }] });
const PARQUET: readonly FixedFile[] = [
  parquet('Parquet', columned, [OK, OK]),
  parquet('Parquet under another name', columned, [OK, OK], 'x.csv'),
  parquet('Parquet in gzip', gzipSync(columned), 'unsupported_compression', 'x.parquet.gz'),
  parquet('Parquet in name alone', Buffer.from(lines(HEADER, ...GOOD)), 'corrupt_parquet'),
  parquet('an empty file that is called Parquet', Buffer.alloc(0), 'corrupt_parquet'),
  parquet('Parquet without its end', columned.subarray(0, -9), 'corrupt_parquet'),
  parquet(
    'Parquet without its middle',
    Buffer.concat([columned.subarray(0, 40), columned.subarray(-40)]),
    'corrupt_parquet',
  ),
  parquet(
    'Parquet with a damaged footer',
    Buffer.from(columned).fill(0xff, columned.length - 60, columned.length - 30),
    'corrupt_parquet',
  ),
  parquet('Parquet with a damaged page', Buffer.from(columned).fill(0xff, 30, 60), ['corrupt_parquet']),
  parquet('Parquet that is encrypted', Buffer.from('PARE....PARE'), 'unsupported_parquet'),
  parquet('Parquet with a nested column that is wanted', nested, 'unsupported_column'),
  parquet('Parquet that lacks a column', parquetOfCsv('event_id', ['a']), 'missing_column'),
  parquet('Parquet in an unknown compression, of a column that nobody wants', unknownCodec, 'missing_column'),
  parquet(
    'Parquet with a run beyond its page',
    rawParquet({
      rows: 2,
      columns: [
        { pages: [dictionaryPage(1, plainTexts(['a'])), dataPage(2, 8, Buffer.concat([Buffer.from([1]), run(9, 0)]))] },
      ],
    }),
    'missing_column',
  ),
  parquet('Parquet without rows', parquetOfCsv(HEADER, []), []),
  parquet(
    'Parquet of rows without values',
    parquetOf(HEADER.split(',').map((name) => ({ name, type: 'STRING', data: [null, null] }))),
    ['missing_field', 'missing_field'],
  ),
  parquet(
    'Parquet levels that lie',
    rawParquet({ rows: 1, columns: [{ optional: true, pages: [dataPage(1, 0, withLength(run(5, 1)))] }] }),
    'missing_column',
  ),
];

/** Bad files, with exactly how they end. */
export const FIXED_FILES: readonly FixedFile[] = [
  ...HEADERS,
  ...TEXTS,
  ...ROWS,
  ...NUMBERS_AND_DATES,
  ...CARDS,
  ...JSON_LINES,
  ...COMPRESSED,
  ...PARQUET,
];

/** How a file ends otherwise than it must; undefined when it does not. */
export const differenceOfFile = ({ ends }: FixedFile, { record, rows }: FileEnd): string | undefined => {
  const ended =
    record.status === 'quarantined'
      ? record.reason
      : [...rows].sort(([one], [another]) => one - another).map(([, all]) => all.join(' and '));
  const [got, wanted] = [JSON.stringify(ended), JSON.stringify(ends)];
  return got === wanted ? undefined : `${got} instead of ${wanted}`;
};
