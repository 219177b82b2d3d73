import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { endedOf } from '#domain/file-sums.ts';
import { type FileView, FileViewSchema } from '#domain/public-file.ts';
import { Random } from '../../../bin/simulation/random.ts';
import { eventually } from '../../support/eventually.ts';
import { type KillableSystem, startKillable } from '../../support/killable-system.ts';
import type { SystemClients } from '../../support/system.ts';
import { type Problems, problemsOf } from './accounts.ts';
import { type DroppedFile, dropPayments, type FileSize } from './payments.ts';

export interface KillOptions {
  /** Folder that the app was synthesized into. */
  readonly assembly: string;
  readonly times: number;
  /** Of the moments, and of the files. */
  readonly seed: number;
  readonly size: FileSize;
  /** Told of each kill. */
  readonly onKill?: (kill: Kill) => void;
}

/** One kill, and what it struck. */
export interface Kill {
  readonly number: number;
  /** From the start of the process until it could work, in milliseconds. */
  readonly upMs: number;
  /** How long it then lived. */
  readonly livedMs: number;
  /** How many processes of functions died with it. */
  readonly environments: number;
  /** How the files stood that were open. */
  readonly open: readonly Pick<FileView, 'status' | 'rows'>[];
  /** Rows that had ended by then, of all files. */
  readonly ended: number;
}

/** What twenty kills, say, came to. */
export interface KillReport {
  readonly seed: number;
  readonly kills: readonly Kill[];
  readonly files: number;
  readonly rows: number;
  readonly decided: number;
  readonly seconds: number;
  /** What does not add up in the end. */
  readonly problems: Problems;
}

/** A file whose reader was killed waits half a minute for the reader's lease; meanwhile, others move. */
const MOST_OPEN = 6;
const PATIENCE_MS = 2_000;
const LATEST_MS = 900;
const END_WITHIN_MS = 180_000;

/**
 * Kills the whole cloud again and again in the middle of files, on one directory, and lets it end its work at last.
 *
 * @throws {Error} if it does not come up, or files do not end.
 */
export const killAgainAndAgain = async (options: KillOptions): Promise<KillReport> => {
  const { assembly, times, seed, size, onKill = () => {} } = options;
  const beganMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'assay-kills-'));
  const random = new Random(seed, 'kills');
  const files: DroppedFile[] = [];
  const kills: Kill[] = [];
  let running: KillableSystem | undefined;
  const start = async (): Promise<KillableSystem> => {
    running = await startKillable(assembly, join(folder, 'cloud'));
    return running;
  };
  const dropAnother = async (clients: SystemClients): Promise<void> => {
    files.push(await dropPayments(clients, folder, { ...size, seed: seed * 1_000 + files.length }));
  };
  try {
    for (let number = 1; number <= times; number += 1) {
      const { clients, upMs, kill } = await start();
      const upAtMs = performance.now();
      const { length: waiting } = await openOf(clients, files);
      if (waiting === 0) await dropAnother(clients);
      if (!(await moves(clients, files)) && waiting < MOST_OPEN) {
        await dropAnother(clients);
        await moves(clients, files);
      }
      await pause(random.between(0, LATEST_MS));
      const { open, ended } = await standOf(clients, files);
      const livedMs = performance.now() - upAtMs;
      kills.push({ number, upMs, livedMs, environments: await kill(), open, ended });
      onKill(kills.at(-1)!);
    }
    const { clients, kill } = await start();
    await allEnd(clients, files);
    const problems = await problemsOf(clients, files);
    await kill();
    return { seed, kills, ...sumsOf(files), seconds: (performance.now() - beganMs) / 1000, problems };
  } finally {
    await running?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
};

const sumsOf = (files: readonly DroppedFile[]) => ({
  files: files.length,
  rows: files.reduce((sum, { counts }) => sum + counts.rows, 0),
  decided: files.reduce((sum, { counts }) => sum + counts.decided, 0),
});

interface Stand {
  readonly open: readonly Pick<FileView, 'status' | 'rows'>[];
  readonly ended: number;
}

/** How a file stands; one that nobody has heard of yet is open as well. */
const viewOf = async ({ client }: SystemClients, { fileId }: DroppedFile): Promise<FileView | undefined> => {
  const { status, body } = await client.call('GET', `v1/files/${fileId}`);
  return status === 200 ? FileViewSchema.parse(body) : undefined;
};

const isOver = (view: FileView | undefined): boolean => view?.status === 'complete' || view?.status === 'quarantined';

const standOf = async (clients: SystemClients, files: readonly DroppedFile[]): Promise<Stand> => {
  const views = await Promise.all(files.map((file) => viewOf(clients, file)));
  return {
    open: views
      .filter((view) => !isOver(view))
      .map((view) => ({ status: view?.status ?? 'reading', rows: view?.rows ?? 0 })),
    ended: views.reduce((sum, view) => sum + (view ? endedOf(view.counts) : 0), 0),
  };
};

const openOf = async (clients: SystemClients, files: readonly DroppedFile[]) => (await standOf(clients, files)).open;

/** Whether anything has moved on before patience is at its end. */
const moves = async (clients: SystemClients, files: readonly DroppedFile[]): Promise<boolean> => {
  const before = JSON.stringify(await standOf(clients, files));
  for (const untilMs = performance.now() + PATIENCE_MS; performance.now() < untilMs; ) {
    if (JSON.stringify(await standOf(clients, files)) !== before) return true;
    await pause(50);
  }
  return false;
};

const allEnd = (clients: SystemClients, files: readonly DroppedFile[]): Promise<true> =>
  eventually(
    'every file ends',
    async () => ((await openOf(clients, files)).length === 0 ? true : undefined),
    END_WITHIN_MS,
  );
