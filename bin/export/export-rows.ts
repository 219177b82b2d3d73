import { renameSync, rmSync } from 'node:fs';

import type { Deadline } from '#ports/clock.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import { filesOf, type LakeQuery, readLake } from './read-lake.ts';
import { columnsOf, formatOf, openWriter } from './write-rows.ts';

/** What an export has written. */
export interface Exported {
  readonly rows: number;
  /** Files of the lake that were read. */
  readonly files: number;
}

/**
 * Writes the rows of a query into a file, which is there once it is complete: an export that fails leaves none.
 *
 * @param onProgress - told how many files of the lake are read, of how many.
 */
export const exportRows = async (
  query: LakeQuery,
  out: string,
  lake: Pick<LakeStore, 'get' | 'list'>,
  deadline: Deadline,
  onProgress: (done: number, total: number) => void,
): Promise<Exported> => {
  const format = formatOf(out);
  const keys = await filesOf(query, lake, deadline);
  const part = `${out}.part`;
  const writer = await openWriter(part, format, columnsOf(query.table));
  let rows = 0;
  let files = 0;
  try {
    const read = readLake(query, keys, lake, deadline, () => onProgress(++files, keys.length));
    for await (const some of read) {
      await writer.write(some);
      rows += some.length;
    }
    await writer.close();
    renameSync(part, out);
  } catch (error) {
    await writer.abandon();
    rmSync(part, { force: true });
    throw error;
  }
  return { rows, files };
};
