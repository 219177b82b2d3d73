import { setTimeout as pause } from 'node:timers/promises';

import { DEAD, deadChunksOf } from '#domain/dead-chunk-keys.ts';
import { ChunkSchema, MAX_REDRIVES } from '#domain/messages.ts';
import { parseJson } from '#domain/parse-json.ts';
import type { Chunk, ChunkQueue, FileMessages } from '#ports/chunk-queue.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { ObjectBucket } from '#ports/object-store.ts';

/** What redriving needs of a system. */
export interface RedrivePorts {
  readonly quarantine: Pick<ObjectBucket, 'open' | 'keysUnder'>;
  readonly ledger: Pick<FileLedger, 'find' | 'findChunk'>;
  readonly queues: Readonly<Record<Chunk['kind'], ChunkQueue>>;
  readonly messages: FileMessages;
  readonly clock: Clock;
}

/** Which of the kept chunks: those of a file, or all of a kind. */
export type Selection = { readonly fileId: string } | { readonly kind: Chunk['kind'] };

/**
 * What became of a kept chunk: `sent` again, or not, since it is `settled` by now, was `spent` (sent again three times
 * already), is `forgotten` by the ledger, is `unreadable`, or was `refused` by the queue.
 */
export type Fate = 'sent' | 'settled' | 'spent' | 'forgotten' | 'unreadable' | 'refused';

export interface RedrivenChunk {
  /** In the quarantine bucket. */
  readonly key: string;
  readonly fate: Fate;
  readonly fileId?: string;
  readonly sequence?: number;
  readonly rows?: number;
  /** How often it has been sent again by now. */
  readonly redrives?: number;
}

/** Where a file stands whose chunks were sent again. */
export interface RedrivenFile {
  readonly fileId: string;
  readonly deadBefore: number;
  /** Rows that are dead still; undefined while its chunks were not decided in the time given. */
  readonly dead?: number;
}

export interface Redrive {
  readonly chunks: readonly RedrivenChunk[];
  readonly files: readonly RedrivenFile[];
}

export interface RedriveOptions {
  /** Looks, and changes nothing. */
  readonly dryRun: boolean;
  /** How long to wait until what was sent is decided, all files together. */
  readonly waitMs: number;
}

const LOOK_EVERY_MS = 500;

/**
 * Sends chunks that died again, waits until they are decided, and has their files summed up
 * and joined afresh. May be repeated, and broken off: a chunk that is settled is not sent, one that is delivered twice is
 * recognised, and the counter in its body ends after three times.
 *
 * @param deadline - for all of it.
 */
export const redriveChunks = async (
  selection: Selection,
  { dryRun, waitMs }: RedriveOptions,
  deadline: Deadline,
  ports: RedrivePorts,
): Promise<Redrive> => {
  const chunks: RedrivenChunk[] = [];
  for await (const key of ports.quarantine.keysUnder(prefixOf(selection), deadline)) {
    const redriven = await redriveOne(key, selection, dryRun, deadline, ports);
    if (redriven) chunks.push(redriven);
  }
  const touched = chunks.filter(({ fate }) => fate === 'sent' || fate === 'settled');
  const byFile = Map.groupBy(touched, ({ fileId = '' }) => fileId);
  const files: RedrivenFile[] = [];
  const patience = deadline.within(waitMs);
  for (const [fileId, ofFile] of dryRun ? [] : byFile) {
    const file = await sumUpAfresh(fileId, ofFile, { deadline, patience }, ports);
    if (file) files.push(file);
  }
  return { chunks, files };
};

const prefixOf = (selection: Selection): string => ('fileId' in selection ? deadChunksOf(selection.fileId) : DEAD);

const redriveOne = async (
  key: string,
  selection: Selection,
  dryRun: boolean,
  deadline: Deadline,
  ports: RedrivePorts,
): Promise<RedrivenChunk | undefined> => {
  const chunk = await keptChunk(key, deadline, ports);
  if (!chunk) return { key, fate: 'unreadable' };
  if ('kind' in selection && chunk.kind !== selection.kind) return undefined;
  const { fileId, sequence, rows } = chunk;
  const about = { key, fileId, sequence, rows: rows.length };
  const record = await ports.ledger.findChunk(fileId, sequence);
  if (!record) return { ...about, fate: 'forgotten', redrives: chunk.redrives };
  if (record.status === 'settled') return { ...about, fate: 'settled', redrives: chunk.redrives };
  if (chunk.redrives >= MAX_REDRIVES) return { ...about, fate: 'spent', redrives: chunk.redrives };
  const again = { ...chunk, redrives: chunk.redrives + 1 };
  // Each in a group of its own: what came behind it in its file has gone past already, and none is to hold up another.
  const refused = dryRun ? new Set() : await ports.queues[chunk.kind].send([again], 'relaxed', deadline);
  return { ...about, fate: refused.size > 0 ? 'refused' : 'sent', redrives: again.redrives };
};

const keptChunk = async (
  key: string,
  deadline: Deadline,
  { quarantine }: Pick<RedrivePorts, 'quarantine'>,
): Promise<Chunk | undefined> => {
  const opened = await quarantine.open({ key }, deadline);
  if (!opened.found) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of opened.bytes) parts.push(part);
  const parsed = parseJson(Buffer.concat(parts).toString('utf8'));
  return ChunkSchema.safeParse(parsed.ok ? parsed.value : undefined).data;
};

/** Undefined when there is nothing to sum up: the file is not complete yet, or nobody knows it. */
const sumUpAfresh = async (
  fileId: string,
  chunks: readonly RedrivenChunk[],
  { deadline, patience }: { readonly deadline: Deadline; readonly patience: Deadline },
  ports: RedrivePorts,
): Promise<RedrivenFile | undefined> => {
  const record = await ports.ledger.find(fileId);
  if (!record) return undefined;
  const deadBefore = record.counts.dead;
  const isSettled = async ({ sequence = 0 }: RedrivenChunk): Promise<boolean> =>
    (await ports.ledger.findChunk(fileId, sequence))?.status === 'settled';
  const allSettled = async (): Promise<boolean> => (await Promise.all(chunks.map(isSettled))).every(Boolean);
  if (!(await within(patience, allSettled))) return { fileId, deadBefore };
  // A file that is not complete sums its chunks up by itself; so does the view of a batch.
  if (record.status !== 'complete' || deadBefore === 0) return { fileId, deadBefore, dead: deadBefore };
  const message = { v: 1, kind: 'settle', fileId, sinceMs: ports.clock.nowMs() } as const;
  await ports.messages.send(message, 0, deadline);
  let dead = deadBefore;
  const changed = await within(patience, async () => {
    dead = (await ports.ledger.find(fileId))?.counts.dead ?? deadBefore;
    return dead < deadBefore;
  });
  return { fileId, deadBefore, ...(changed && { dead }) };
};

/** Looks until it is so, or the time is up. */
const within = async (deadline: Deadline, isSo: () => Promise<boolean>): Promise<boolean> => {
  while (!(await isSo())) {
    if (deadline.remainingMs() < LOOK_EVERY_MS) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
};
