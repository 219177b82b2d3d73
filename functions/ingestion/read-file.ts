import { ServiceError } from '#domain/errors.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import { fileView, withSettledChunks } from './file-view.ts';

/**
 * How a file stands: what its record says, and what its chunks have come to since.
 *
 * @throws {ServiceError} `not_found`.
 */
export const readFile = async (fileId: string, { ledger }: { readonly ledger: FileLedger }) => {
  const record = await ledger.find(fileId);
  if (!record) throw new ServiceError('not_found', 'no file has this id, or it was kept long enough');
  const live =
    record.status === 'complete' || record.status === 'quarantined'
      ? record
      : await withSettledChunks(record, ledger.chunksAfter(fileId, record.settledThrough));
  return fileView(record, live);
};
