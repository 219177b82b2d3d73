import { Cloud } from '../cloud/cloud.ts';
import { type Group, resultOf } from '../group.ts';
import { type StoredFile, storedFiles } from '../ledger/records.ts';
import { cloudOptions } from './run.ts';
import { sized } from './scenarios.ts';

const MB = 1024 ** 2;
const LIMIT_MB = 512;
/** Most of a row is a column that means nothing: what is large is the file, not what it leads to. */
const FILLER = 'x'.repeat(16_000);
const HEADER = 'event_id,occurred_at,payer,payee,amount,filler\n';
/** Longer than a record may be: one bad row, of which nothing may be held. */
const TOO_LONG = Buffer.from(`${'y'.repeat(1_150_000)}\n`);
/** Good rows between two that are too long. */
const GOOD_ROWS = 3;

function* piecesOf(blocks: number): Generator<Buffer> {
  yield Buffer.from(HEADER);
  for (let block = 1; block <= blocks; block += 1) {
    yield TOO_LONG;
    for (let row = 1; row <= GOOD_ROWS; row += 1) {
      yield Buffer.from(
        `big-${block}-${row},2026-10-31T10:00:00Z,account-${row},account-9,${block % 2_000},${FILLER}\n`,
      );
    }
  }
}

/** A file that is larger than the memory of the function that reads it. */
export const memory: Group = {
  name: 'memory',
  quick: 'a file of 570 MB in 512 MB',
  nightly: '4 GB',
  heapMb: 256,
  run: async ({ scale, seed, onProgress }) => {
    const blocks = sized(scale, 100, 500, 3_500);
    const bytes = totalOf(blocks);
    const cloud = await Cloud.open(cloudOptions(seed));
    let peakBytes = 0;
    cloud.onCall = () => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      onProgress(cloud.tableOf('EVENT_TABLE_NAME').size / (2 * blocks * GOOD_ROWS));
    };
    try {
      cloud.s3.putEndless(cloud.bucketOf('INBOX_BUCKET_NAME'), 'events/transfer/big.csv', bytes, () =>
        piecesOf(blocks),
      );
      const rested = await cloud.drain();
      const [file] = storedFiles(cloud).files;
      const peakMb = Math.round(peakBytes / MB);
      const problems = [
        ...(rested && file?.status === 'complete' && isRight(file, blocks) ? [] : ['the file was not decided']),
        ...(peakMb <= LIMIT_MB ? [] : [`memory: ${peakMb} MB are above ${LIMIT_MB}`]),
      ];
      const counts = { megabytes: Math.round(bytes / MB), rows: blocks * (GOOD_ROWS + 1), peakMb };
      return resultOf({ counts, seeds: [seed] }, 'the file was read in blocks', problems);
    } finally {
      cloud.close();
    }
  },
};

/** Every good row is decided, and every one that is too long in quarantine. */
const isRight = ({ counts }: StoredFile, blocks: number): boolean =>
  counts.decided === blocks * GOOD_ROWS && counts.quarantined === blocks;

/** Bytes of the whole file. */
const totalOf = (blocks: number): number => {
  let total = 0;
  for (const piece of piecesOf(blocks)) total += piece.length;
  return total;
};
