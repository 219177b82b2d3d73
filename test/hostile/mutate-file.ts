import { gzipSync } from 'node:zlib';

import { Random } from '../../bin/simulation/random.ts';
import { parquetOfCsv } from '../support/parquet.ts';
import { MARK } from './doors.ts';

/** A file as it is dropped. */
export interface DroppedFile {
  readonly key: string;
  readonly content: Buffer;
}

const HEADER = 'event_id,occurred_at,customer,terminal,amount,currency,note';

/** Rows of a valid file; a few repeat an event, some with other content. */
const validLines = (random: Random): string[] =>
  Array.from({ length: random.whole(5, 40) }, (_, index) => {
    const id = random.chance(0.1) ? 1 : index;
    return `e-${id},2026-11-19T10:00:00Z,c-${random.whole(1, 9)},t-1,${random.whole(0, 99)}.5,EUR,${MARK} note ${index}`;
  });

const jsonOf = (line: string): string => {
  const cells = line.split(',');
  return JSON.stringify(Object.fromEntries(HEADER.split(',').map((name, index) => [name, cells[index]])));
};

const CSV_CELLS: readonly string[] = [
  '',
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '\0',
  '\t',
  '1e400',
  '\ufeff',
  'NaN',
  '=1+1',
  '4539148803436467',
  '2024-02-30T00:00:00Z',
  '__proto__',
  'é',
  '"a\nb"',
  'x'.repeat(9_000),
];

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.whole(0, items.length - 1)]!;

/** Changes of what a file says, before it is compressed or columned. */
const changedLines = (lines: readonly string[], random: Random): string[] => {
  const at = random.whole(0, lines.length - 1);
  const line = lines[at]!;
  const cells = line.split(',');
  const cell = random.whole(0, cells.length - 1);
  switch (random.whole(0, 5)) {
    case 0:
      return lines.toSpliced(at, 1);
    case 1:
      return lines.toSpliced(at, 0, line, line);
    case 2:
      return lines.with(at, cells.with(cell, pick(random, CSV_CELLS)).join(','));
    case 3:
      return lines.with(at, cells.toSpliced(cell, 1).join(','));
    case 4:
      return lines.with(at, line.slice(0, random.whole(0, line.length)));
    default:
      return lines.with(at, cells.with(cell, `${cells[cell]}x`).join(','));
  }
};

/** Changes of a file's bytes. */
const BYTE_CHANGES: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes) => bytes,
  (bytes) => bytes,
  (bytes, random) =>
    Buffer.from(bytes)
      .fill(random.whole(0, 255), random.whole(0, bytes.length - 1))
      .subarray(0),
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let flips = random.whole(1, 4); flips > 0; flips--)
      copy[random.whole(0, copy.length - 1)]! ^= 1 << random.whole(0, 7);
    return copy;
  },
  (bytes, random) => bytes.subarray(0, random.whole(0, bytes.length)),
  (bytes, random) => bytes.subarray(random.whole(0, Math.min(16, bytes.length))),
  (bytes, random) => {
    const at = random.whole(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.whole(0, 255)]), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const [at, to] = [random.whole(0, bytes.length), random.whole(0, bytes.length)];
    return Buffer.concat([
      bytes.subarray(0, at),
      bytes.subarray(Math.min(at, to), Math.max(at, to)),
      bytes.subarray(at),
    ]);
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes) => Buffer.concat([bytes, Buffer.from('\n\0garbage')]),
];

const FORMATS = ['csv', 'jsonl', 'csv.gz', 'jsonl.gz', 'parquet'] as const;
type Format = (typeof FORMATS)[number];

const contentOf = (format: Format, lines: readonly string[], random: Random): Buffer => {
  if (format === 'parquet') {
    const codec = pick(random, ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'] as const);
    return parquetOfCsv(HEADER, lines, {
      codec,
      rowGroupSize: pick(random, [7, 1_000]),
      pageSize: pick(random, [200, 1_000_000]),
    });
  }
  const end = pick(random, ['\n', '\n', '\r\n']);
  const text = format.startsWith('csv') ? [HEADER, ...lines] : lines.map(jsonOf);
  const bytes = Buffer.from(text.map((line) => line + end).join(''));
  return format.endsWith('.gz') ? gzipSync(bytes, { level: 1 }) : bytes;
};

/** File number `index` of a seed: valid rows in one of the formats, changed in what they say, in their bytes, or in neither. */
export const fileOf = (seed: number, index: number): DroppedFile => {
  const random = new Random(seed, 'file', index);
  const format = FORMATS[index % FORMATS.length]!;
  let lines = validLines(random);
  for (let changes = random.whole(0, 2); changes > 0; changes--) lines = changedLines(lines, random);
  const whole = contentOf(format, lines, random);
  const content = random.chance(0.6) ? pick(random, BYTE_CHANGES)(whole, random) : whole;
  // The name does not always say what the file is.
  const named = random.chance(0.9) ? `.${format}` : pick(random, ['', '.csv', '.jsonl', '.parquet', '.gz', '.txt']);
  return { key: `events/payment/file-${index}${named}`, content };
};
