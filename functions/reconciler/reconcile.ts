import { ServiceError } from '#domain/errors.ts';
import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import type { Deadline } from '#ports/clock.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { OpenFile } from '#ports/open-files.ts';
import { auditFile, type Imbalance } from './audit-file.ts';
import { moveOn } from './move-on.ts';
import type { ReconcilePorts } from './ports.ts';

/** What a run found. */
export interface Reconciliation {
  /** Files looked at, and those of them that are in balance and closed. */
  readonly looked: number;
  readonly reconciled: number;
  readonly imbalanced: number;
  /** False when time ran out before all open files were looked at; the next run begins elsewhere. */
  readonly all: boolean;
}

/** Nothing is begun with less time than this. */
const RESERVE_MS = 15_000;
/** A file whose beginning was broken off is begun again by its notification; by then, none is on its way. */
const FORGOTTEN_MS = 86_400_000;

/**
 * Compares what was accepted with what was settled, for every file and batch that is open: one that has ended is
 * audited and closed, one that has not is made to move when it stands still. May be repeated and broken off anywhere.
 *
 * @throws {ServiceError} `store_unavailable` at once; the next run goes on. Any other failure is of one file and does
 * not keep the run from the others: the first of them is thrown at the end.
 */
export const reconcile = async (deadline: Deadline, ports: ReconcilePorts): Promise<Reconciliation> => {
  const found = { looked: 0, reconciled: 0, imbalanced: 0 };
  const failures: unknown[] = [];
  let all = true;
  for await (const fileId of ports.openFiles.list(deadline)) {
    all = deadline.remainingMs() >= RESERVE_MS;
    if (!all) break;
    const end = await reconcileFile(fileId, deadline, ports).catch((error: unknown): 'open' => {
      if (isStoreDown(error)) throw error;
      ports.logger.error('file cannot be reconciled', error, { fileId });
      failures.push(error);
      return 'open';
    });
    found.looked += 1;
    if (end !== 'open') found[end] += 1;
  }
  ports.metrics.count('FilesReconciled', found.reconciled);
  if (found.imbalanced > 0) ports.metrics.count('ReconcilerImbalances', found.imbalanced);
  ports.metrics.count('ReconcilerRuns');
  ports.logger.info('reconciled', { ...found, all });
  if (failures.length > 0) throw failures[0];
  return { ...found, all };
};

const isStoreDown = (error: unknown): boolean => error instanceof ServiceError && error.code === 'store_unavailable';

type End = 'open' | 'reconciled' | 'imbalanced';

const reconcileFile = async (fileId: string, deadline: Deadline, ports: ReconcilePorts): Promise<End> => {
  const file = await ports.openFiles.look(fileId, deadline);
  if (!file) return 'open';
  if (!file.record) {
    if (ports.clock.nowMs() - file.openedAtMs > FORGOTTEN_MS) await ports.openFiles.close(file, deadline);
    return 'open';
  }
  const chunks = await chunksOf(file.record, ports.ledger);
  if (!hasEnded(file.record, chunks)) {
    await moveOn(file as OpenFile & { record: FileRecord }, chunks, deadline, ports);
    return 'open';
  }
  // Somebody is summing it up afresh at this moment.
  if (file.leased) return 'open';
  const imbalance = await confirmed(file.record, chunks, deadline, ports);
  if (!imbalance) {
    await ports.openFiles.close(file, deadline);
    return 'reconciled';
  }
  ports.logger.error('file is out of balance', new Error(imbalance.problem), { fileId, ...imbalance });
  return 'imbalanced';
};

/** Chunks of a file; while it is being read, the checkpoint tells enough. */
const chunksOf = async (
  { fileId, status }: FileRecord,
  ledger: Pick<FileLedger, 'chunksAfter'>,
): Promise<readonly ChunkRecord[]> => {
  const chunks: ChunkRecord[] = [];
  if (status === 'reading') return chunks;
  for await (const chunk of ledger.chunksAfter(fileId, 0)) chunks.push(chunk);
  return chunks;
};

/** A batch has no results to join: it has ended when its chunks have. */
const hasEnded = ({ status, source }: FileRecord, chunks: readonly ChunkRecord[]): boolean =>
  status === 'complete' ||
  status === 'quarantined' ||
  (source.kind === 'api' && chunks.every((chunk) => chunk.status !== 'pending'));

/** What is wrong at two looks: between the reads of the first, a chunk may have been settled anew. */
const confirmed = async (
  record: FileRecord,
  chunks: readonly ChunkRecord[],
  deadline: Deadline,
  ports: ReconcilePorts,
): Promise<Imbalance | undefined> => {
  if (!(await auditFile(record, chunks, deadline, ports))) return undefined;
  const again = await ports.openFiles.look(record.fileId, deadline);
  if (!again?.record) return undefined;
  return auditFile(again.record, await chunksOf(again.record, ports.ledger), deadline, ports);
};
