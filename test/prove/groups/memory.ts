import { Cloud } from '../cloud/cloud.ts';
import { type Group, resultOf } from '../group.ts';
import { storedFiles } from '../ledger/records.ts';
import { cloudOptions } from './run.ts';
import { sized } from './scenarios.ts';

const MB = 1024 ** 2;
const LIMIT_MB = 512;
/** Most of a row is a column that means nothing: what is large is the file, not what it leads to. */
const FILLER = 'x'.repeat(16_000);
const HEADER = `event_id,occurred_at,payer,payee,amount,filler\n`;

function* rowsOf(count: number): Generator<Buffer> {
  yield Buffer.from(HEADER);
  for (let row = 1; row <= count; row += 1) {
    yield Buffer.from(
      `big-${row},2026-10-31T10:00:00Z,account-${row % 50},account-${row % 70},${row % 2_000},${FILLER}\n`,
    );
  }
}

/** A file that is larger than the memory of the function that reads it. */
export const memory: Group = {
  name: 'memory',
  quick: 'a file of 640 MB in 512 MB',
  nightly: '4 GB',
  heapMb: 256,
  run: async ({ scale, seed, onProgress }) => {
    const rows = sized(scale, 10_000, 40_000, 250_000);
    const bytes = totalOf(rows);
    const cloud = await Cloud.open(cloudOptions(seed));
    let peakBytes = 0;
    cloud.onCall = () => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      onProgress(cloud.tableOf('EVENT_TABLE_NAME').size / (2 * rows));
    };
    try {
      cloud.s3.putEndless(cloud.bucketOf('INBOX_BUCKET_NAME'), 'events/transfer/big.csv', bytes, () => rowsOf(rows));
      const rested = await cloud.drain();
      const [file] = storedFiles(cloud).files;
      const peakMb = Math.round(peakBytes / MB);
      const problems = [
        ...(rested && file?.status === 'complete' && file.counts.decided === rows ? [] : ['the file was not decided']),
        ...(peakMb <= LIMIT_MB ? [] : [`memory: ${peakMb} MB are above ${LIMIT_MB}`]),
      ];
      const counts = { megabytes: Math.round(bytes / MB), rows, peakMb };
      return resultOf({ counts, seeds: [seed] }, 'the file was read in blocks', problems);
    } finally {
      cloud.close();
    }
  },
};

/** Bytes of the whole file. */
const totalOf = (rows: number): number => {
  let total = 0;
  for (const piece of rowsOf(rows)) total += piece.length;
  return total;
};
