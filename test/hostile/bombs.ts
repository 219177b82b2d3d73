import { gzipSync } from 'node:zlib';

import { type Bomb, gzipOf, KEY, MB } from './bomb.ts';
import { PARQUET_BOMBS } from './parquet-bombs.ts';

const HEADER = 'event_id,occurred_at,customer,amount\n';

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

/** Every bomb that RELIABILITY's traps name, and those that Parquet adds. */
export const BOMBS: readonly Bomb[] = [...GZIP_BOMBS, ...TEXT_BOMBS, ...PARQUET_BOMBS];
