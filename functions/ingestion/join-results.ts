import type { FileRecord } from '#domain/file-record.ts';
import {
  chunkResultsKey,
  headerLine,
  joinedKey,
  REJECT_COLUMNS,
  RESULT_COLUMNS,
  rejectsPrefix,
} from '#domain/results-csv.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectBucket } from '#ports/object-store.ts';

/**
 * Parts read ahead: reading one by one would take as long as all their round trips, and the largest file has 200,000,
 * to be joined within one invocation.
 */
const READ_AHEAD = 64;
const CSV = 'text/csv; charset=utf-8';

export interface JoinPorts {
  readonly results: ObjectBucket;
  readonly quarantine: ObjectBucket;
}

export interface Joined {
  readonly resultsKey: string;
  /** Absent when no row is in quarantine. */
  readonly rejectsKey?: string;
  /** Chunks whose results were not there. */
  readonly missing: number;
}

/** Joins the results of all chunks, and all bad rows, into one CSV file each. Repeated, it writes the same again. */
export const joinResults = async (record: FileRecord, deadline: Deadline, ports: JoinPorts): Promise<Joined> => {
  const resultsKey = joinedKey(record, 'results.csv');
  const missing: string[] = [];
  const keys = chunkKeysOf(record);
  const lines = joined(
    RESULT_COLUMNS,
    partsOf(keys, ports.results, deadline, (key) => missing.push(key)),
  );
  await ports.results.write(resultsKey, lines, CSV, deadline);
  if (record.checkpoint.quarantined === 0) return { resultsKey, missing: missing.length };

  const rejectsKey = joinedKey(record, 'rejects.csv');
  const parts = ports.quarantine.keysUnder(rejectsPrefix(record.fileId), deadline);
  const rejects = partsOf(parts, ports.quarantine, deadline, (key) => missing.push(key));
  await ports.results.write(rejectsKey, joined(REJECT_COLUMNS, rejects), CSV, deadline);
  return { resultsKey, rejectsKey, missing: missing.length };
};

async function* chunkKeysOf({ fileId, checkpoint }: FileRecord): AsyncGenerator<string> {
  for (let sequence = 1; sequence <= checkpoint.chunks; sequence++) yield chunkResultsKey(fileId, sequence);
}

async function* joined(columns: readonly string[], parts: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array | string> {
  yield headerLine(columns);
  yield* parts;
}

/** The contents of objects in the order of their keys, a few of them read ahead. */
async function* partsOf(
  keys: AsyncIterable<string>,
  bucket: ObjectBucket,
  deadline: Deadline,
  onMissing: (key: string) => void,
): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer>[] = [];
  const read = async (key: string): Promise<Buffer> => {
    const opened = await bucket.open({ key }, deadline);
    if (!opened.found) onMissing(key);
    return opened.found ? wholeOf(opened.bytes) : Buffer.alloc(0);
  };
  for await (const key of keys) {
    const part = read(key);
    // Its failure is met when its turn comes; until then it is not unhandled.
    part.catch(() => {});
    ahead.push(part);
    if (ahead.length >= READ_AHEAD) yield await ahead.shift()!;
  }
  for (const part of ahead) yield await part;
}

const wholeOf = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
};
