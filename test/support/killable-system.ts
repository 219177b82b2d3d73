import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { waitForCatalog } from '../../bin/system/wait-for-catalog.ts';
import { clientsOf, type SystemClients } from './system.ts';

const PROCESS = resolve(import.meta.dirname, 'system-process.ts');
const UP_WITHIN_MS = 60_000;

/** The whole cloud in a process of its own, to be killed like one whose power fails. */
export interface KillableSystem {
  readonly clients: SystemClients;
  /** From the start of its process until its catalog could be read. */
  readonly upMs: number;
  /**
   * Kills it and every process that it has started, with the signal that nobody can prepare for.
   *
   * @returns how many of its functions' processes there were.
   */
  kill(): Promise<number>;
}

/**
 * Starts a cloud on a directory, as it was left.
 *
 * @param assembly - folder that the app was synthesized into.
 * @throws {Error} if it is not up within a minute; what it wrote is on the error stream.
 */
export const startKillable = async (assembly: string, directory: string): Promise<KillableSystem> => {
  const beganMs = performance.now();
  const child = spawn(process.execPath, [PROCESS, assembly, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const system = JSON.parse(await firstLineOf(child));
    await waitForCatalog(system, AbortSignal.timeout(UP_WITHIN_MS));
    const clients = clientsOf(system);
    return {
      clients,
      upMs: performance.now() - beganMs,
      async kill() {
        clients.close();
        return killTree(child);
      },
    };
  } catch (error) {
    await killTree(child);
    throw error;
  }
};

const firstLineOf = async (child: ChildProcess): Promise<string> => {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const within = AbortSignal.any([signal, AbortSignal.timeout(UP_WITHIN_MS)]);
  try {
    return await Promise.race([
      once(createInterface({ input: child.stdout! }), 'line', { signal: within }).then(([line]) => String(line)),
      once(child, 'exit', { signal: within }).then(([code]) => {
        throw new Error(`the cloud ended with code ${code} before it was up`);
      }),
    ]);
  } finally {
    giveUp.abort();
  }
};

const killTree = async (child: ChildProcess): Promise<number> => {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  const children = childrenOf(child.pid);
  child.kill('SIGKILL');
  for (const pid of children) killOne(pid);
  await gone;
  return children.length;
};

/** Processes that a process has started, on any system that has `ps`. */
const childrenOf = (parent: number | undefined): readonly number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .flatMap(([pid]) => (pid === undefined ? [] : [pid]));

const killOne = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has noticed by itself that its parent is gone.
  }
};
