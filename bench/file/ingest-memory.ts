/**
 * Reads a file of so many megabytes as ingestion does, in a process of its own, and prints what that took as JSON:
 * `node ingest-memory.ts <megabytes>`. Everything is the function's own code but for what lies behind the ports: the
 * file is made as it is read, and what is sent is let go of, as if S3 and SQS had it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { MemoryFileMessages } from '#adapters/memory-chunk-queue.ts';
import { MemoryFileLedger } from '#adapters/memory-file-ledger.ts';
import { MemoryPersonKeys } from '#adapters/memory-person-keys.ts';
import { PersonSealer } from '#adapters/person-sealer.ts';
import { fileIdOf } from '#domain/file-id.ts';
import type { ChunkRecord } from '#domain/file-record.ts';
import type { ChunkQueue } from '#ports/chunk-queue.ts';
import type { ObjectBucket } from '#ports/object-store.ts';
import { deadlineIn, systemClock } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { openCatalog } from '../../bin/scoring/open-catalog.ts';
import { nextSample } from '../../bin/system/sample.ts';
import { ingestObject } from '../../functions/ingestion/ingest-file.ts';

const HOURS_MS = 3_600_000;
const size = Number(process.argv[2]) * 1_000_000;

const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
const { file } = await nextSample(folder, Date.now());
const sample = readFileSync(file);
rmSync(folder, { recursive: true, force: true });
const header = sample.subarray(0, sample.indexOf('\n') + 1);
const rows = sample.subarray(header.length);

/** The sample's rows over and over: what repeats is told by who decides, not by who reads. */
async function* content(): AsyncGenerator<Uint8Array> {
  yield header;
  for (let sent = header.length; sent < size; sent += rows.length) yield rows;
}

const inbox: ObjectBucket = {
  open: async () => ({
    found: true,
    bytes: content(),
    parts: {
      size,
      read: async () => {
        throw new Error('a CSV file is read from its beginning to its end');
      },
    },
  }),
  write: async () => {},
  keysUnder: async function* () {},
};

/** What is written is let go of, as if S3 had it. */
const letsGo: ObjectBucket = { ...inbox, open: async () => ({ found: false, why: 'deleted' }) };

let chunks = 0;
const eventChunks: ChunkQueue = {
  send: async (sent) => {
    // Written out as they would be on their way, and let go of.
    for (const chunk of sent) chunks += Number(JSON.stringify(chunk).length > 0);
    return new Set();
  },
};

/** Its chunks are written out and let go of, as if DynamoDB had them. */
class OneFileLedger extends MemoryFileLedger {
  override async addChunks(added: readonly ChunkRecord[]): Promise<void> {
    if (JSON.stringify(added).length === 0) throw new Error('there is nothing to write');
  }
}

const clock = systemClock;
const { source, tokeniser } = await openCatalog('catalog');
const ledger = new OneFileLedger({ clock });
const place = { bucket: 'inbox', key: 'events/card_payment/large.csv', versionId: '1' };
const startedMs = performance.now();
await ingestObject(
  { ...place, malformedKey: false, bytes: size },
  { deadline: deadlineIn(12 * HOURS_MS), owner: 'bench', logger: silentLogger, metrics: silentMetrics },
  {
    clock,
    catalog: source,
    tokenisers: { current: async () => tokeniser },
    sealer: new PersonSealer({ keys: new MemoryPersonKeys(clock), clock, metrics: silentMetrics }),
    ledger,
    inbox,
    results: letsGo,
    quarantine: letsGo,
    eventChunks,
    feedbackChunks: eventChunks,
    messages: new MemoryFileMessages(),
    retentionDays: 540,
  },
);
const record = await ledger.find(fileIdOf(place.bucket, place.key, place.versionId));
console.log(
  JSON.stringify({
    status: record?.status,
    rows: record?.checkpoint.rows,
    chunks,
    seconds: (performance.now() - startedMs) / 1_000,
    peakMb: process.resourceUsage().maxRSS / 1_024,
  }),
);
