import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import { NO_COUNTS, withoutChunks } from '#domain/file-sums.ts';
import type { FileMessage } from '#domain/messages.ts';
import type { Deadline } from '#ports/clock.ts';
import type { OpenFile } from '#ports/open-files.ts';
import type { ReconcilePorts } from './ports.ts';

/** Reading moves its checkpoint every few seconds; chunks may wait behind others, and settling waits for them. */
export const STALE_MS: Readonly<Record<'reading' | 'settling', number>> = { reading: 15 * 60_000, settling: 3_600_000 };
/** Messages sent for one file: beyond, something goes round in circles, and a person must look. */
export const MOST_REDRIVES = 3;
const LEASE_MS = 20_000;

/** An open file with its record. */
export type Unended = OpenFile & { readonly record: FileRecord };

/**
 * Makes a file move that stands still, in ways that may be repeated: reading goes on from its checkpoint, settling
 * looks again. When a chunk waits and no queue holds any, its message is lost: the file is read again from its first
 * row where that sends the very same chunks (settled ones are left alone), else the chunk's rows are dead.
 */
export const moveOn = async (
  file: Unended,
  chunks: readonly ChunkRecord[],
  deadline: Deadline,
  ports: ReconcilePorts,
): Promise<void> => {
  const { fileId, record, leased, seen } = file;
  const progress = progressOf(record, chunks);
  if (progress !== seen?.progress) return ports.openFiles.noteProgress(fileId, progress, deadline);
  const status = record.status === 'reading' ? 'reading' : 'settling';
  const stillMs = ports.clock.nowMs() - seen.atMs;
  if (leased || stillMs < STALE_MS[status]) return;
  ports.metrics.count('FilesStale');
  const pending = chunks.filter(isPending);
  const lost = pending.length > 0 ? await lostChunks(record, deadline, ports) : [];
  ports.logger.warn('file stands still', { fileId, status, stillMs, pending: pending.length, lost: lost.length });
  if (status === 'reading') await redrive(file, goOn(fileId), deadline, ports);
  else if (lost.length > 0) await replace(file, lost, deadline, ports);
  else if (record.source.kind === 's3') await redrive(file, settle(fileId, seen.atMs), deadline, ports);
};

const isPending = ({ status }: ChunkRecord): boolean => status === 'pending';

/** Chunks that wait though nothing is on its way. Looked at behind the queues: the last message may have settled one. */
const lostChunks = async (
  { fileId, purpose }: FileRecord,
  deadline: Deadline,
  { queues, ledger }: ReconcilePorts,
): Promise<readonly ChunkRecord[]> => {
  const lost: ChunkRecord[] = [];
  if (!(await queues.areEmpty(purpose, deadline))) return lost;
  for await (const chunk of ledger.chunksAfter(fileId, 0)) if (isPending(chunk)) lost.push(chunk);
  return lost;
};

/** The same text for as long as nothing has moved. */
const progressOf = ({ status, checkpoint, settledThrough }: FileRecord, chunks: readonly ChunkRecord[]): string =>
  [status, checkpoint.rows, settledThrough, chunks.filter((chunk) => !isPending(chunk)).length].join('/');

const goOn = (fileId: string): FileMessage => ({ v: 1, kind: 'continue', fileId, hops: 0 });

const settle = (fileId: string, sinceMs: number): FileMessage => ({ v: 1, kind: 'settle', fileId, sinceMs });

/** @returns whether the message was sent: not beyond the bound. */
const redrive = async (
  { fileId, redrives }: Unended,
  message: FileMessage,
  deadline: Deadline,
  { messages, openFiles, metrics }: ReconcilePorts,
): Promise<void> => {
  if (redrives >= MOST_REDRIVES) return;
  await openFiles.noteRedrive(fileId, deadline);
  await messages.send(message, 0, deadline);
  metrics.count('FilesRedriven');
};

/** In place of chunks whose messages are lost: the file read again, or dead rows. */
const replace = async (
  file: Unended,
  lost: readonly ChunkRecord[],
  deadline: Deadline,
  ports: ReconcilePorts,
): Promise<void> => {
  const { record, redrives } = file;
  // Bad rows are kept in parts whose bounds may be others at another reading: a row could be in two of them.
  const same = record.source.kind === 's3' && record.checkpoint.quarantined === 0;
  if (same && redrives < MOST_REDRIVES) return readAgain(file, deadline, ports);
  for (const chunk of lost) {
    const counts = { ...NO_COUNTS, dead: chunk.rows };
    await ports.ledger.settleChunk({ ...chunk, status: 'dead', counts });
    ports.metrics.count('RowsDead', chunk.rows);
  }
  ports.logger.error('chunks were lost', new Error('chunks were lost'), { fileId: file.fileId, chunks: lost.length });
};

const readAgain = async (file: Unended, deadline: Deadline, ports: ReconcilePorts): Promise<void> => {
  const { fileId } = file;
  const owner = `reconciler/${ports.clock.nowMs()}`;
  if (!(await ports.ledger.takeLease(fileId, owner, ports.clock.nowMs() + LEASE_MS))) return;
  // Read again under the lease: what was seen without it may have been written over meanwhile.
  const record = await ports.ledger.find(fileId);
  const stands = record?.status === 'settling' && record.settledThrough === file.record.settledThrough;
  const checkpoint = { rows: 0, chunks: 0, quarantined: 0 };
  if (stands) await ports.ledger.update(withoutChunks({ ...record, status: 'reading', checkpoint }), owner);
  await ports.ledger.releaseLease(fileId, owner);
  if (stands) await redrive(file, goOn(fileId), deadline, ports);
};
