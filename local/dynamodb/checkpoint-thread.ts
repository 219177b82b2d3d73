/** Moves the log of a database into its file whenever it is told to; beside the thread that writes. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What is written meanwhile is moved in the next pass, which is shorter every time. */
const MOST_PASSES = 20;

const database = new DatabaseSync(String(workerData), { timeout: 5000 });
const pass = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

parentPort?.on('message', () => {
  for (let passes = 0; passes < MOST_PASSES; passes += 1) {
    const { busy, log, checkpointed } = pass.get() as { busy: number; log: number; checkpointed: number };
    // Once nothing is left, the next write begins the log anew.
    if (busy !== 0 || log === checkpointed) break;
  }
  parentPort?.postMessage('done');
});
