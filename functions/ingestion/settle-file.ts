import type { FileRecord } from '#domain/file-record.ts';
import { openRowsOf, withChunk, withoutChunks } from '#domain/file-sums.ts';
import { fileViewOf } from '#domain/public-file.ts';
import { joinedKey } from '#domain/results-csv.ts';
import { metricsFor } from '#ports/canary-metrics.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import { joinResults } from './join-results.ts';
import { type Delivery, type IngestionPorts, isPassing, withLease } from './ports.ts';

const SHORTEST_DELAY_SECONDS = 1;
const LONGEST_DELAY_SECONDS = 30;
const OVERDUE_MS = 3_600_000;
/** By then no queue holds the file's chunks any more: four days on their queue and fourteen on the one behind it. */
const HOPELESS_MS = 20 * 86_400_000;

/**
 * Sees which chunks of a file have settled since the last look, and joins its results when all have; otherwise looks
 * again, after a delay that grows with the time waited.
 *
 * A file that is complete is summed up afresh: chunks that died may have been redriven and decided since. If they
 * were, its counts change and its results are joined again.
 */
export const settleFile = async (
  { fileId, sinceMs }: { readonly fileId: string; readonly sinceMs: number },
  delivery: Delivery,
  ports: IngestionPorts,
): Promise<void> => {
  const waitedMs = ports.clock.nowMs() - sinceMs;
  let waiting = true;
  try {
    await withLease(fileId, delivery, ports, async () => {
      waiting = !(await settle(fileId, delivery, ports));
    });
    // Without a record there is no lease either: the file is forgotten.
    waiting &&= (await ports.ledger.find(fileId)) !== undefined;
  } catch (error) {
    if (!isPassing(error)) throw error;
    delivery.logger.error('settling interrupted', error, { fileId });
  }
  if (!waiting) return;
  tellWaiting(fileId, waitedMs, delivery);
  if (waitedMs >= HOPELESS_MS) return;
  const again = { v: 1, kind: 'settle', fileId, sinceMs } as const;
  await ports.messages.send(again, delayFor(waitedMs), delivery.deadline);
};

/** A quarter of the time waited, within bounds. */
const delayFor = (waitedMs: number): number =>
  Math.round(Math.min(LONGEST_DELAY_SECONDS, Math.max(SHORTEST_DELAY_SECONDS, waitedMs / 4_000)));

/** @returns whether there is nothing left to wait for. */
const settle = async (fileId: string, delivery: Delivery, ports: IngestionPorts): Promise<boolean> => {
  const record = await ports.ledger.find(fileId);
  if (!record || record.status === 'quarantined' || record.status === 'reading') return true;
  if (record.status === 'complete') {
    const afresh = await sumUp(withoutChunks(record), ports.ledger);
    const unchanged = afresh.counts.dead === record.counts.dead;
    if (unchanged || afresh.settledThrough < afresh.checkpoint.chunks) return true;
    // First, since nobody would come back for it: the next look finds nothing changed.
    await ports.ledger.reopen(fileId);
    await complete(afresh, delivery, ports);
    return true;
  }
  const summed = await sumUp(record, ports.ledger);
  if (summed.settledThrough < summed.checkpoint.chunks) {
    if (summed.settledThrough > record.settledThrough) await ports.ledger.update(summed, delivery.owner);
    return false;
  }
  await complete(summed, delivery, ports);
  return true;
};

/** Adds the settled chunks that follow those summed up already, up to the first that is pending. */
const sumUp = async (record: FileRecord, ledger: FileLedger): Promise<FileRecord> => {
  let sum = record;
  for await (const chunk of ledger.chunksAfter(record.fileId, record.settledThrough)) {
    if (chunk.status === 'pending' || chunk.sequence !== sum.settledThrough + 1) break;
    sum = { ...withChunk(sum, chunk), settledThrough: chunk.sequence };
  }
  return sum;
};

const complete = async (record: FileRecord, { deadline, owner, logger, metrics }: Delivery, ports: IngestionPorts) => {
  const { fileId, startedAt } = record;
  const { missing, ...keys } = await joinResults(record, deadline, ports);
  const nowMs = ports.clock.nowMs();
  const imbalance = openRowsOf(record);
  const { imbalance: _, ...rest } = record;
  const completed: FileRecord = {
    ...rest,
    ...keys,
    ...(imbalance !== 0 && { imbalance }),
    status: 'complete',
    completedAt: new Date(nowMs).toISOString(),
  };
  const summary = `${JSON.stringify(fileViewOf(completed), undefined, 2)}\n`;
  await ports.results.write(joinedKey(record, 'summary.json'), [summary], 'application/json', deadline);
  await ports.ledger.update(completed, owner);
  if (imbalance !== 0) {
    logger.error('rows do not add up', new Error('rows do not add up'), { fileId, imbalance });
    metrics.count('FilesImbalanced');
  }
  if (missing > 0) {
    logger.error('results are missing', new Error('results are missing'), { fileId, missing });
    metrics.count('ResultsMissing', missing);
  }
  logger.info('file complete', { fileId, rows: record.checkpoint.rows, ...record.counts });
  const counted = metricsFor(record.eventType, metrics);
  counted.count('FilesCompleted');
  counted.duration('FileMs', nowMs - Date.parse(startedAt));
};

const tellWaiting = (fileId: string, waitedMs: number, { logger, metrics }: Delivery): void => {
  if (waitedMs < OVERDUE_MS) return;
  const given = waitedMs >= HOPELESS_MS;
  logger.error(given ? 'file given up' : 'file overdue', new Error('chunks are missing'), { fileId, waitedMs });
  metrics.count('FilesOverdue');
};
