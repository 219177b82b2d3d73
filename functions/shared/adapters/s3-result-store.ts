import { chunkResultsKey, resultLines } from '#domain/results-csv.ts';
import type { ObjectBucket } from '#ports/object-store.ts';
import type { ResultStore, RowResult } from '#ports/results.ts';
import { deadlineIn } from '#runtime/deadline.ts';

const WRITE_MS = 10_000;

/** Results of chunks as CSV objects of the results bucket; ingestion joins them when a file is complete. */
export class S3ResultStore implements ResultStore {
  readonly #bucket: ObjectBucket;

  /** @param bucket - the results bucket. */
  constructor(bucket: ObjectBucket) {
    this.#bucket = bucket;
  }

  async writeChunk(fileId: string, sequence: number, rows: readonly RowResult[]): Promise<void> {
    await this.#bucket.write(
      chunkResultsKey(fileId, sequence),
      [resultLines(rows)],
      'text/csv; charset=utf-8',
      deadlineIn(WRITE_MS),
    );
  }
}
