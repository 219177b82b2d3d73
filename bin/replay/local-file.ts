import { createReadStream } from 'node:fs';
import { basename } from 'node:path';

import { type OpenedFile, openRows } from '../../functions/ingestion/read-rows.ts';
import { partsOf } from '../scoring/file-events.ts';

/** A file of this machine with its rows as they stand in it. */
export interface OpenLocalFile {
  readonly opened: Extract<OpenedFile, { readonly ok: true }>;
  /** How many of its bytes have been read. */
  readonly bytesRead: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Opens a file of this machine as ingestion opens one from the inbox: CSV or JSON Lines, plain or gzip, or Parquet.
 *
 * @param needed - whether a column is wanted; others may come empty.
 * @throws {Error} that says why the file cannot be read at all.
 */
export const openLocalFile = async (path: string, needed: (column: string) => boolean): Promise<OpenLocalFile> => {
  const file = await partsOf(path);
  const { size } = file.parts;
  const bytes = createReadStream(path);
  let fromParts = 0;
  const read = (from: number, length: number): Promise<Uint8Array> => {
    fromParts += length;
    return file.parts.read(from, length);
  };
  const close = async (): Promise<void> => {
    bytes.destroy();
    await file.close();
  };
  const opened = await openRows(bytes, { key: basename(path), parts: { size, read }, needed });
  if (opened.ok) return { opened, bytesRead: () => Math.min(size, Math.max(fromParts, bytes.bytesRead)), close };
  await close();
  throw new Error(`'${path}' cannot be read (${opened.reason}): ${opened.problem}`);
};
