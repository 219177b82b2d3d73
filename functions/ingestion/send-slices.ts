import type { EventType } from '#domain/catalog/event-type.ts';
import type { Slice } from '#domain/chunking.ts';
import { ServiceError } from '#domain/errors.ts';
import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import { addTallies, NO_COUNTS, tallyOf } from '#domain/file-sums.ts';
import { rejectLines, rejectsPartKey } from '#domain/results-csv.ts';
import type { BadRow } from '#domain/row-problem.ts';
import { type Sealing, sealingOf } from '#domain/sealed.ts';
import { metricsFor } from '#ports/canary-metrics.ts';
import type { Chunk } from '#ports/chunk-queue.ts';
import type { RowContent } from './file-rows.ts';
import type { Delivery, IngestionPorts } from './ports.ts';
import { sealRows } from './seal-rows.ts';

/**
 * Sends what a few slices hold on its way: chunk records, then messages, then the bad rows, then the checkpoint. What is
 * personal is sealed while the records are written.
 *
 * Broken off anywhere, it is repeated from the last checkpoint with the same slices: chunk records that are there
 * stay, messages are delivered once or decided once, and the part with the bad rows replaces itself.
 *
 * @returns the file's record behind the slices.
 * @throws {ServiceError} `store_unavailable` when the queue has not taken every chunk.
 */
export const sendSlices = async (
  record: FileRecord,
  slices: readonly Slice<RowContent>[],
  ordering: EventType['ordering'],
  delivery: Delivery,
  ports: IngestionPorts,
): Promise<FileRecord> => {
  const { fileId, purpose, checkpoint } = record;
  const { deadline, owner, metrics } = delivery;
  const filled = slices
    .filter(({ rows }) => rows.length > 0)
    .map((slice, index) => ({ slice, sequence: checkpoint.chunks + index + 1 }));
  const [sealings] = await Promise.all([
    sealRows(slices, delivery, ports),
    ports.ledger.addChunks(filled.map(({ slice: { rows }, sequence }) => pendingRecordOf({ fileId, sequence, rows }))),
  ]);
  const chunks = filled.map(({ slice, sequence }) => chunkOf(record, sequence, slice, sealings));
  const queue = purpose === 'events' ? ports.eventChunks : ports.feedbackChunks;
  const failed = await queue.send(chunks, ordering, deadline);
  if (failed.size > 0) {
    throw new ServiceError(
      'store_unavailable',
      `the queue took ${chunks.length - failed.size} of ${chunks.length} chunks`,
    );
  }
  const bad = slices.flatMap((slice) => slice.bad);
  if (bad.length > 0) {
    // Named by its first row, which is the same whenever reading goes on from this checkpoint.
    const key = rejectsPartKey(fileId, bad[0]!.row);
    await ports.quarantine.write(key, [rejectLines(bad)], 'text/csv; charset=utf-8', deadline);
  }
  const next = behind(record, { rows: slices.at(-1)!.through, chunks: chunks.length, bad });
  await ports.ledger.update(next, owner);
  const counted = metricsFor(record.eventType, metrics);
  counted.count('RowsQuarantined', bad.length);
  if (purpose === 'events') counted.count('EventsAccepted', rowsIn(chunks));
  return next;
};

/** Rows that chunks hold together. */
export const rowsIn = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { rows }) => sum + rows.length, 0);

/** The chunk that a slice of a file, or of a batch, leaves in. */
export const chunkOf = (
  { fileId, purpose, eventType }: FileRecord,
  sequence: number,
  { rows }: Slice<RowContent>,
  sealings: ReadonlyMap<number, Sealing>,
): Chunk =>
  ({
    v: 1,
    fileId,
    sequence,
    eventType,
    redrives: 0,
    kind: purpose,
    rows: rows.map(({ row, content }) => ({
      row,
      ...withoutOriginals(content),
      ...sealingOf(sealings.get(row) ?? {}),
    })),
    // The purpose of the file says which kind of content its rows have.
  }) as Chunk;

const withoutOriginals = (content: RowContent): RowContent => {
  if (!('event' in content)) return content;
  const { originals: _originals, ...rest } = content;
  return rest;
};

/** A chunk's record before anything is known of its rows. */
export const pendingRecordOf = ({
  fileId,
  sequence,
  rows,
}: Pick<Chunk, 'fileId' | 'sequence'> & { readonly rows: { readonly length: number } }): ChunkRecord => ({
  v: 1,
  fileId,
  sequence,
  rows: rows.length,
  status: 'pending',
  counts: NO_COUNTS,
  outcomes: {},
  rules: {},
  degraded: 0,
});

const behind = (
  record: FileRecord,
  { rows, chunks, bad }: { readonly rows: number; readonly chunks: number; readonly bad: readonly BadRow[] },
): FileRecord => ({
  ...record,
  checkpoint: {
    rows,
    chunks: record.checkpoint.chunks + chunks,
    quarantined: record.checkpoint.quarantined + bad.length,
  },
  counts: { ...record.counts, quarantined: record.counts.quarantined + bad.length },
  quarantineReasons: addTallies(record.quarantineReasons, reasonsOf(bad)),
});

/** Rows by reason; a row with several reasons counts for each, once. */
export const reasonsOf = (bad: readonly Pick<BadRow, 'problems'>[]) =>
  tallyOf(bad.flatMap(({ problems }) => [...new Set(problems.map(({ reason }) => reason))]));
