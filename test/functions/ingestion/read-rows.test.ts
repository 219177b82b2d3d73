import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openRows } from '../../../functions/ingestion/read-rows.ts';
import { collect, outline, readAll } from './reading.ts';

const MB = 1024 ** 2;
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const gzipOf = (text: string): Buffer => gzipSync(Buffer.from(text));

describe('a CSV file', () => {
  test.each([
    {
      name: 'plain rows',
      file: 'a,b\n1,2\n3,4\n',
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
    },
    { name: 'no line end behind the last row', file: 'a,b\n1,2', rows: [['1', '2']] },
    {
      name: 'CRLF',
      file: 'a,b\r\n1,2\r\n3,4\r\n',
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
    },
    { name: 'a byte order mark', file: '\ufeffa,b\n1,2\n', rows: [['1', '2']] },
    { name: 'a quoted header behind a byte order mark', file: '\ufeff"a","b"\n1,2\n', rows: [['1', '2']] },
    {
      name: 'blank lines anywhere',
      file: '\n\na,b\n\n1,2\n\r\n3,4\n\n',
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
    },
    {
      name: 'a quoted line end and comma',
      file: 'a,b\n"x\ny","1,5"\n3,4\n',
      rows: [
        ['x\ny', '1,5'],
        ['3', '4'],
      ],
    },
    { name: 'doubled quotes', file: 'a,b\n"say ""hi""",""\n', rows: [['say "hi"', '']] },
    {
      name: 'a quote inside a field',
      file: 'a,b\n5" pipe,2\n3,4\n',
      rows: [
        ['5" pipe', '2'],
        ['3', '4'],
      ],
    },
    { name: 'ragged rows', file: 'a,b\n1\n1,2,3\n3,4\n', rows: ['ragged_row', 'ragged_row', ['3', '4']] },
    { name: 'a quote never closed', file: 'a,b\n"1,2\n3,4\n5,6\n', rows: ['broken_quotes', ['3', '4'], ['5', '6']] },
    { name: 'a quote never closed at the end', file: 'a,b\n3,4\n5,"6', rows: [['3', '4'], 'broken_quotes'] },
    {
      name: 'a quote never closed before another quoted field',
      file: 'a,b\n"1,2\n3,"4"\n5,6\n',
      rows: ['broken_quotes', ['3', '4'], ['5', '6']],
    },
    { name: 'text behind a closing quote', file: 'a,b\n"1"x,2\n3,4\n', rows: ['broken_quotes', ['3', '4']] },
    { name: 'no rows', file: 'a,b\n', rows: [] },
    { name: 'nothing at all', file: '', rows: [] },
    { name: 'nothing but blank lines', file: '\n\r\n', rows: [] },
    { name: 'unnamed columns at the end', file: 'a,b,,\n1,2,,\n', rows: [['1', '2', '', '']] },
    { name: 'a header of __proto__', file: '__proto__,b\n1,2\n', rows: [['1', '2']] },
    { name: 'headers twice', file: 'a,b,a\n1,2,3\n', rows: 'duplicate_headers' },
    { name: 'headers twice but for case and space', file: 'amount, Amount \n1,2\n', rows: 'duplicate_headers' },
    { name: 'headers twice but for composition', file: 'caf\u00e9,cafe\u0301\n1,2\n', rows: 'duplicate_headers' },
    {
      name: '1,001 columns',
      file: `${Array.from({ length: 1_001 }, (_, n) => `c${n}`).join(',')}\n`,
      rows: 'too_many_columns',
    },
    { name: 'lone carriage returns', file: 'a,b\r1,2\r', rows: 'line_endings' },
    { name: 'UTF-16 with a mark', file: Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), rows: 'utf_16' },
    { name: 'UTF-16 without a mark', file: Buffer.from('a,b\n1,2\n', 'utf16le'), rows: 'utf_16' },
    { name: 'a spreadsheet', file: latin1('PK\x03\x04\x14\x00\x06\x00'), rows: 'unsupported_compression' },
    { name: 'gzip inside gzip', file: gzipSync(gzipOf('a,b\n1,2\n')), rows: 'unsupported_compression' },
    { name: 'zeros', file: Buffer.alloc(100), rows: 'not_text' },
    { name: 'a header in Latin-1', file: latin1('caf\xe9,b\n1,2\n'), rows: 'invalid_utf8' },
    { name: 'a row in Latin-1', file: latin1('a,b\ncaf\xe9,2\n3,4\n'), rows: ['invalid_utf8', ['3', '4']] },
    { name: 'gzip', file: gzipOf('a,b\n1,2\n'), rows: [['1', '2']] },
    {
      name: 'gzip of two members',
      file: Buffer.concat([gzipOf('a,b\n1,2\n3'), gzipOf(',4\n')]),
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
    },
    {
      name: 'gzip without its checksum',
      file: gzipOf('a,b\n1,2\n').subarray(0, -8),
      rows: [['1', '2'], 'truncated'],
    },
    {
      name: 'gzip with text behind',
      file: Buffer.concat([gzipOf('a,b\n1,2\n'), latin1('text behind')]),
      rows: 'corrupt_gzip',
    },
    { name: 'gzip of two bytes', file: Buffer.from([0x1f, 0x8b]), rows: 'truncated' },
  ])('with $name', async ({ file, rows }) => {
    const reading = await readAll(file, { key: 'events/x/file.csv' });

    expect(outline(reading)).toEqual(rows);
  });

  test('numbers rows from 1 and lines as an editor does', async () => {
    const { rows } = await readAll('a,b\n\n"x\ny",2\n"open,3\n5,6\n');

    expect(rows.map(({ row, line }) => [row, line])).toEqual([
      [1, 3],
      [2, 5],
      [3, 6],
    ]);
  });

  test('a record over 1 MB is one bad row', async () => {
    const reading = await readAll(`a,b\n1,${'x'.repeat(1.2 * MB)}\n3,4\n`);

    expect(outline(reading)).toEqual(['record_too_large', ['3', '4']]);
  });

  test('a quoted field over 1 MB is given up line by line and hides nothing behind it', async () => {
    const reading = await readAll(`a,b\n1,"${`${'x'.repeat(19)}\n`.repeat(60_000)}",\n3,4\n`);

    expect(reading.rows.at(-1)).toMatchObject({ raw: ['3', '4'] });
    expect(reading.rows).toHaveLength(60_002);
  });

  test('a row of a million fields is refused without building them', async () => {
    const started = performance.now();

    const reading = await readAll(`a,b\n${','.repeat(MB - 1)}\n3,4\n`);

    expect(outline(reading)).toEqual(['ragged_row', ['3', '4']]);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('a JSON Lines file', () => {
  test.each([
    { name: 'objects', file: '{"a":1}\n{"a":2}', rows: [{ a: 1 }, { a: 2 }] },
    { name: 'CRLF, blank lines and a mark', file: '\ufeff{"a":1}\r\n\r\n{"a":2}\r\n', rows: [{ a: 1 }, { a: 2 }] },
    { name: 'a line that is no JSON', file: '{"a":1}\n{"a":\n{"a":3}\n', rows: [{ a: 1 }, 'not_json', { a: 3 }] },
    {
      name: 'a line of 33 levels',
      file: `{"a":1}\n${'['.repeat(33)}${']'.repeat(33)}\n`,
      rows: [{ a: 1 }, 'too_deep'],
    },
    { name: 'a line of 32 levels', file: `{"a":${'['.repeat(31)}${']'.repeat(31)}}\n`, rows: [expect.anything()] },
    { name: 'a quote that CSV would mind', file: '{"a":"x \\" y"}\n{"a":2}\n', rows: [{ a: 'x " y' }, { a: 2 }] },
    { name: 'bytes that are not UTF-8', file: latin1('{"a":1}\n{"a":"\xe9"}\n'), rows: [{ a: 1 }, 'invalid_utf8'] },
    { name: 'an array of objects', file: '[{"a":1}]', rows: 'json_array' },
    { name: 'a first line that is no object', key: 'x.jsonl', file: 'hello\n{"a":1}\n', rows: ['not_json', { a: 1 }] },
    { name: 'the name of a CSV file', key: 'x.csv', file: '{"a":1}\n', rows: [{ a: 1 }] },
    { name: 'gzip', key: 'x.ndjson.gz', file: gzipOf('{"a":1}\n'), rows: [{ a: 1 }] },
    {
      name: 'a line over 1 MB',
      file: `{"a":1}\n{"a":"${'x'.repeat(MB)}"}\n{"a":3}\n`,
      rows: [{ a: 1 }, 'record_too_large', { a: 3 }],
    },
  ])('with $name', async ({ file, rows, key = 'events/x/file' }) => {
    expect(outline(await readAll(file, { key }))).toEqual(rows);
  });
});

const csvWithDefects = fc
  .array(
    fc.oneof(
      fc.constant('1,2'),
      fc.constant('"x,\n""y",2'),
      fc.constant('1'),
      fc.constant('"open,2'),
      fc.constant('1,"2"z'),
      fc.constant(''),
      fc.constant('é,😀'),
      fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r') }),
    ),
    { maxLength: 40 },
  )
  .map((lines) => `a,b\n${lines.join('\n')}`);
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

test('rows do not depend on how the bytes arrive', async () => {
  await fc.assert(
    fc.asyncProperty(csvWithDefects, sizes, fc.boolean(), async (text, pieces, packed) => {
      const file = packed ? gzipOf(text) : Buffer.from(text);

      const [whole, pieced] = [await readAll(file), await readAll(file, {}, pieces)];

      expect(pieced).toEqual(whole);
      expect(whole.rows.map(({ row }) => row)).toEqual(whole.rows.map((_, index) => index + 1));
    }),
    { numRuns: 150 },
  );
});

test('gzip data cut off or damaged anywhere yields the same rows however it arrives, and then says so', async () => {
  // Random fields, so that the data spans several blocks of the inflater.
  const random = fc.sample(
    fc.string({ minLength: 20, maxLength: 20, unit: fc.constantFrom(...'abcdefghijklmnop') }),
    3_000,
  );
  const whole = gzipOf(`a,b\n${random.map((text) => `${text},2`).join('\n')}\n`);

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 30, max: whole.length - 1 }), sizes, fc.boolean(), async (at, pieces, cut) => {
      const file = cut ? whole.subarray(0, at) : Buffer.from(whole).fill(0xff, at, Math.min(at + 40, whole.length));

      const [one, other] = [
        await readAll(file),
        await readAll(
          file,
          {},
          pieces.map((size) => size * 97),
        ),
      ];

      expect(other).toEqual(one);
      const reason = one.refused ?? outline(one).at(-1);
      expect(['truncated', 'corrupt_gzip']).toContain(reason);
    }),
    { numRuns: 25 },
  );
});

test('reading goes on behind any row as if it had not stopped', async () => {
  await fc.assert(
    fc.asyncProperty(csvWithDefects, fc.nat(50), async (text, skipRows) => {
      const whole = await readAll(text);

      const rest = await readAll(text, { skipRows });

      expect(rest.rows).toEqual(whole.rows.slice(skipRows));
    }),
    { numRuns: 100 },
  );
});

test('a bomb is stopped at 16 MB, within a heap of 48 MB', async () => {
  const line = `{"a":"${'x'.repeat(500)}"}\n`;
  const bomb = gzipSync(Buffer.alloc(128 * MB, line), { level: 9 });
  const worker = new Worker(new URL('./read-in-worker.ts', import.meta.url), {
    workerData: { file: bomb },
    resourceLimits: { maxOldGenerationSizeMb: 48 },
  });

  const [{ rows, last, buffersMb }] = await once(worker, 'message');

  expect(last).toMatchObject({ problems: [{ reason: 'compression_bomb' }] });
  expect(rows * line.length).toBeLessThan(26 * MB);
  expect(buffersMb).toBeLessThan(64);
});

test('a bomb of a single line never becomes a row', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * MB, ' '), { level: 9 });

  expect(outline(await readAll(bomb, { key: 'x.jsonl' }))).toEqual(['record_too_large', 'compression_bomb']);
});

test('too many rows end the file, loudly', async () => {
  const reading = await readAll('a\n1\n2\n3\n4\n', { maxRows: 2 });

  expect(outline(reading)).toEqual([['1'], ['2'], 'too_many_rows']);
});

test('what goes wrong with the stream itself is thrown, not taken for the end of the file', async () => {
  const broken = async function* () {
    yield Buffer.from('a,b\n1,2\n');
    throw new Error('connection lost');
  };
  const opened = await openRows(broken(), { key: 'x.csv' });

  await expect(opened.ok && collect(opened.rows)).rejects.toThrow('connection lost');
});

test('stopping early closes the stream', async () => {
  let closed = false;
  const source = async function* () {
    try {
      for (;;) yield Buffer.from('a,b\n'.repeat(100_000));
    } finally {
      closed = true;
    }
  };
  const opened = await openRows(source(), { key: 'x.csv' });

  if (opened.ok) for await (const _ of opened.rows) break;

  expect(closed).toBe(true);
});
