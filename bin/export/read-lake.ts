import { gunzipSync } from 'node:zlib';

import { parquetMetadata, parquetReadObjects } from 'hyparquet';

import type { Deadline } from '#ports/clock.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import { hourOf, type LakeTable, partitionOf, type Row } from '../../functions/lake/tables.ts';
import type { Window } from './window.ts';

export interface LakeQuery {
  readonly table: LakeTable;
  readonly eventType: string;
  readonly window: Window;
  /** The time that the window is about: that of the commit, or that of the event (of feedback, when it was said). */
  readonly by: 'committed' | 'occurred';
}

/** Column of the time that a query is about. */
const timeColumnOf = ({ table, by }: LakeQuery): string => {
  if (by === 'committed') return 'committed_at';
  return table === 'feedback' ? 'said_at' : 'occurred_at';
};

/** Prefix of the keys of all files of a table and an event type. */
export const folderOf = ({ table, eventType }: Pick<LakeQuery, 'table' | 'eventType'>): string =>
  `${table}/event_type=${eventType}/`;

/** Keys of the files that may hold rows of a query, in the order of their hours of commit. */
export const filesOf = async (
  query: LakeQuery,
  lake: Pick<LakeStore, 'list'>,
  deadline: Deadline,
): Promise<readonly string[]> => {
  const { window, by } = query;
  const folder = folderOf(query);
  const keys: string[] = [];
  for await (const { key } of lake.list(folder, folder, deadline)) {
    const partition = partitionOf(key);
    if (partition && (by === 'occurred' || isWithin(partition.hour, window))) keys.push(key);
  }
  return keys;
};

const isWithin = (hour: string, { fromMs, toMs }: Window): boolean =>
  (fromMs === 0 || hour >= hourOf(fromMs)) && (toMs === Number.MAX_SAFE_INTEGER || hour <= hourOf(toMs - 1));

/**
 * Rows of a query, file by file, each with its event type. Within an hour of commit they stand in the order of commit,
 * file by file. Holds one group of rows of one file.
 *
 * @param onFile - told each time a file has been read.
 */
export async function* readLake(
  query: LakeQuery,
  keys: readonly string[],
  lake: Pick<LakeStore, 'get'>,
  deadline: Deadline,
  onFile: () => void,
): AsyncGenerator<readonly Row[]> {
  const { fromMs, toMs } = query.window;
  const time = timeColumnOf(query);
  const isWanted = (row: Row): boolean => {
    const at = row[time];
    return at instanceof Date && at.getTime() >= fromMs && at.getTime() < toMs;
  };
  for (const key of keys) {
    const found = await lake.get(key, deadline);
    // A file that expired since it was listed: its rows are as old as that.
    if (found) {
      for await (const rows of rowsOf(found.bytes)) {
        const wanted = rows.filter(isWanted);
        if (wanted.length > 0) yield wanted.map((row) => ({ event_type: query.eventType, ...row }));
      }
    }
    onFile();
  }
}

async function* rowsOf(bytes: Uint8Array): AsyncGenerator<Row[]> {
  const file = Uint8Array.from(bytes).buffer;
  const metadata = parquetMetadata(file);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    yield (await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: COMPRESSORS })) as Row[];
    rowStart = rowEnd;
  }
}

const COMPRESSORS = { GZIP: (input: Uint8Array): Uint8Array => gunzipSync(input) };
