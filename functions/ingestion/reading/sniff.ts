import type { ReadReason } from '#domain/row-problem.ts';

/** What a file's rows look like, where it is text. */
export type TextFormat = 'csv' | 'jsonl';

export type Sniffed =
  | { readonly ok: true; readonly format: TextFormat; readonly bomBytes: number }
  | { readonly ok: false; readonly reason: ReadReason; readonly problem: string };

/** Bytes looked at: enough for a few lines of any file. */
const SNIFF_BYTES = 4_096;

/** How files begin that are neither text nor gzip, and what they are. */
const MAGICS: readonly { readonly bytes: readonly number[]; readonly reason: ReadReason; readonly what: string }[] = [
  { bytes: [0x50, 0x4b, 0x03, 0x04], reason: 'unsupported_compression', what: 'a zip archive or a spreadsheet' },
  { bytes: [0x42, 0x5a, 0x68], reason: 'unsupported_compression', what: 'bzip2 data' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], reason: 'unsupported_compression', what: 'xz data' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], reason: 'unsupported_compression', what: 'zstandard data' },
  { bytes: [0x1f, 0x8b], reason: 'unsupported_compression', what: 'gzip data inside gzip data' },
  { bytes: [0x50, 0x41, 0x52, 0x31], reason: 'unsupported_compression', what: 'a Parquet file inside gzip data' },
  { bytes: [0xff, 0xfe], reason: 'utf_16', what: 'UTF-16 text' },
  { bytes: [0xfe, 0xff], reason: 'utf_16', what: 'UTF-16 text' },
];

const REMEDY = 'send CSV or JSON Lines in UTF-8, plain or gzip, or plain Parquet';

/**
 * Tells a file's format by its first bytes, and by its name where those leave it open.
 *
 * A brace opens JSON Lines whatever the name says: no header of a CSV file starts with one.
 *
 * @param head - the first bytes after decompression, as many as there are up to 4 KB.
 * @param key - the object's key; `.gz` at its end is looked past.
 */
export const sniff = (head: Buffer, key: string): Sniffed => {
  const magic = MAGICS.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  if (magic) return refuse(magic.reason, `the file is ${magic.what}; ${REMEDY}`);
  if (/\.parquet$/i.test(key))
    return refuse('corrupt_parquet', `the file does not begin as Parquet files do; ${REMEDY}`);
  const seen = head.subarray(0, SNIFF_BYTES);
  if (seen.includes(0)) {
    return isUtf16(seen)
      ? refuse('utf_16', `the file is UTF-16 text; ${REMEDY}`)
      : refuse('not_text', `the file is not text; ${REMEDY}`);
  }
  const bomBytes = seen[0] === 0xef && seen[1] === 0xbb && seen[2] === 0xbf ? 3 : 0;
  const start = seen.toString('latin1', bomBytes).trimStart()[0];
  const named = formatNamedBy(key);
  if (start === '[' && named !== 'csv') return refuse('json_array', 'send one JSON object per line, not an array');
  return { ok: true, format: start === '{' ? 'jsonl' : (named ?? 'csv'), bomBytes };
};

const refuse = (reason: ReadReason, problem: string): Sniffed => ({ ok: false, reason, problem });

/** Latin letters in UTF-16 have a zero in every second byte; zeros all on one side give it away without a mark. */
const isUtf16 = (bytes: Buffer): boolean => {
  const zeros = [0, 0];
  for (const [index, byte] of bytes.entries()) if (byte === 0) zeros[index % 2]!++;
  const [even, odd] = zeros as [number, number];
  return Math.max(even, odd) > bytes.length / 4 && Math.min(even, odd) < Math.max(even, odd) / 8;
};

const formatNamedBy = (key: string): TextFormat | undefined => {
  const name = key.toLowerCase().replace(/\.(gz|gzip)$/, '');
  if (/\.(jsonl|ndjson|json)$/.test(name)) return 'jsonl';
  return /\.(csv|txt)$/.test(name) ? 'csv' : undefined;
};
