import { join } from 'node:path';
import { openDatabase } from '../../database.ts';

/** Where mappings stand in streams, also after the process was killed. */
export interface Positions {
  /** Undefined before a mapping has begun. The empty text is the stream's beginning. */
  of(mappingId: string, streamArn: string): string | undefined;
  moveTo(mappingId: string, streamArn: string, position: string): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS positions (
    mapping TEXT NOT NULL, stream TEXT NOT NULL, position TEXT NOT NULL, PRIMARY KEY (mapping, stream)) WITHOUT ROWID;
`;

export const openPositions = (directory: string): Positions => {
  const database = openDatabase(join(directory, 'mappings.sqlite'), SCHEMA);
  return {
    of(mapping, stream) {
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
