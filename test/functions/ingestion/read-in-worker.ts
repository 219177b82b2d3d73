import { parentPort, workerData } from 'node:worker_threads';

import { openRows } from '../../../functions/ingestion/read-rows.ts';
import { streamOf } from './reading.ts';

/** Reads a file in a thread of its own, whose heap the test limits, and says how it ended. */
const opened = await openRows(streamOf(Buffer.from(workerData.file)), { key: 'x.jsonl' });
let [rows, buffersMb]: [number, number] = [0, 0];
let last: unknown;
if (opened.ok) {
  for await (const row of opened.rows) {
    [rows, last] = [rows + 1, row];
    if (rows % 100 === 0) buffersMb = Math.max(buffersMb, process.memoryUsage().arrayBuffers / 1024 ** 2);
  }
}
parentPort?.postMessage({ rows, last, buffersMb });
