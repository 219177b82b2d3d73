import { ServiceError } from '#domain/errors.ts';
import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import { openRowsOf, withChunk, withSent } from '#domain/file-sums.ts';
import { type FileView, fileViewOf } from '#domain/public-file.ts';
import type { FileLedger } from '#ports/file-ledger.ts';

/**
 * How a file stands: what its record says, and what its chunks have come to since. A batch sent by API has no results
 * to join: it is complete when all its rows have ended.
 *
 * @throws {ServiceError} `not_found`.
 */
export const readFile = async (fileId: string, { ledger }: { readonly ledger: FileLedger }): Promise<FileView> => {
  const record = await ledger.find(fileId);
  if (!record) throw new ServiceError('not_found', 'no file has this id, or it was kept long enough');
  if (record.status === 'complete' || record.status === 'quarantined') return fileViewOf(record);
  const live = await withChunks(record, ledger.chunksAfter(fileId, record.settledThrough));
  const ended = live.source.kind === 'api' && openRowsOf(live) === 0;
  return fileViewOf(ended ? { ...live, status: 'complete' } : live);
};

/** The record with every chunk that was sent since the last look, and in its sums those that have settled. */
const withChunks = async (record: FileRecord, chunks: AsyncIterable<ChunkRecord>): Promise<FileRecord> => {
  let live = record;
  for await (const chunk of chunks) {
    live = withSent(live, chunk);
    if (chunk.status !== 'pending') live = withChunk(live, chunk);
  }
  return live;
};
