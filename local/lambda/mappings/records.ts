import { join } from 'node:path';
import { inTransaction, openDatabase } from '../../database.ts';

/** What mappings must still know after the process was killed. */
export interface MappingRecords {
  /** Notes messages that were taken from a queue, before they are worked on. */
  taken(queueArn: string, handles: readonly string[]): void;
  /** Forgets them: they were deleted, or left to their visibility. */
  settled(queueArn: string, handles: readonly string[]): void;
  /** Messages of a queue that an earlier process took and never settled. */
  unsettled(queueArn: string): string[];
  /** Where a mapping stands in a stream; undefined before it has begun. The empty text is the stream's beginning. */
  position(mappingId: string, streamArn: string): string | undefined;
  moveTo(mappingId: string, streamArn: string, position: string): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS taken (queue TEXT NOT NULL, handle TEXT NOT NULL, PRIMARY KEY (queue, handle)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS positions (
    mapping TEXT NOT NULL, stream TEXT NOT NULL, position TEXT NOT NULL, PRIMARY KEY (mapping, stream)) WITHOUT ROWID;
`;

export const openMappingRecords = (directory: string): MappingRecords => {
  const database = openDatabase(join(directory, 'mappings.sqlite'), SCHEMA);
  const add = database.prepare('INSERT OR IGNORE INTO taken VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM taken WHERE queue = ? AND handle = ?');
  const forEach = (handles: readonly string[], change: (handle: string) => void): void =>
    inTransaction(database, () => {
      for (const handle of handles) change(handle);
    });
  return {
    taken: (queue, handles) => forEach(handles, (handle) => add.run(queue, handle)),
    settled: (queue, handles) => forEach(handles, (handle) => remove.run(queue, handle)),
    unsettled: (queue) =>
      database
        .prepare('SELECT handle FROM taken WHERE queue = ?')
        .all(queue)
        .map(({ handle }) => String(handle)),
    position(mapping, stream) {
      const row = database
        .prepare('SELECT position FROM positions WHERE mapping = ? AND stream = ?')
        .get(mapping, stream);
      return row === undefined ? undefined : String(row.position);
    },
    moveTo(mapping, stream, position) {
      database.prepare('INSERT OR REPLACE INTO positions VALUES (?, ?, ?)').run(mapping, stream, position);
    },
    close: () => database.close(),
  };
};
