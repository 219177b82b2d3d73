import { setTimeout as pause } from 'node:timers/promises';

import * as z from 'zod';

import { fileIdOf } from '#domain/file-id.ts';
import { endedOf } from '#domain/file-sums.ts';
import { type FileView, FileViewSchema } from '#domain/public-file.ts';
import type { AssayClient, DroppedObject } from './client.ts';

/** How a file ended, with what the command line adds: the time it took and where its results are. */
export interface FileReport extends FileView {
  /** From the drop to the joined results. */
  readonly seconds: number;
  readonly resultsAt?: string;
  readonly rejectsAt?: string;
}

const POLL_MS = 500;
/** A notification takes a moment; a file that is still unknown after this long was never announced. */
const UNKNOWN_MS = 120_000;

const ProblemSchema = z.object({ detail: z.string() });

/**
 * Follows a dropped file until its results are joined, or until it is in quarantine as a whole.
 *
 * @param onProgress - told how the file stands, twice a second.
 * @throws {Error} when the system stays without knowledge of the file for two minutes, or refuses to tell.
 */
export const followFile = async (
  client: AssayClient,
  { bucket, key, versionId }: Pick<DroppedObject, 'bucket' | 'key' | 'versionId'>,
  startedMs: number,
  onProgress: (view: FileView) => void,
  signal?: AbortSignal,
): Promise<FileReport> => {
  const fileId = fileIdOf(bucket, key, versionId);
  for (;;) {
    signal?.throwIfAborted();
    const { status, body } = await client.call('GET', `v1/files/${fileId}`);
    if (status === 200) {
      const view = FileViewSchema.parse(body);
      onProgress(view);
      if (view.status === 'complete' || view.status === 'quarantined') return reportOf(client, view, startedMs);
    } else if (status !== 404 && status !== 429 && status < 500) {
      throw new Error(`the API answered ${status}: ${ProblemSchema.safeParse(body).data?.detail ?? 'no detail'}`);
    } else if (Date.now() - startedMs > UNKNOWN_MS && status === 404) {
      throw new Error(
        `file ${fileId} is not known two minutes after its drop; look at the files queue and ingestion's log`,
      );
    }
    await pause(POLL_MS, undefined, { signal });
  }
};

/** Rows that have ended, of those read so far. */
export const endedRows = (view: FileView): number => endedOf(view.counts);

const reportOf = ({ system }: AssayClient, view: FileView, startedMs: number): FileReport => ({
  ...view,
  seconds: (Date.now() - startedMs) / 1000,
  ...(view.resultsKey && { resultsAt: `s3://${system.resultBucket}/${view.resultsKey}` }),
  ...(view.rejectsKey && { rejectsAt: `s3://${system.resultBucket}/${view.rejectsKey}` }),
});
