import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/**
 * The bytes of objects, one file each, named at random.
 *
 * A file is on the list of unused ones from before it exists until a row names it, and again once no row does: what a
 * killed process leaves behind is removed at the next start.
 */
export interface Files {
  /** A name for a file to write. */
  create(): string;
  pathOf(name: string): string;
  /** Within the transaction that makes a row name the file. */
  use(name: string): void;
  /** Within the transaction that takes the last row away. */
  release(name: string): void;
  /** Removes files that are on the list, after that transaction. */
  discard(names: readonly string[]): void;
}

export const openFiles = (directory: string, database: DatabaseSync): Files => {
  const insert = database.prepare('INSERT OR IGNORE INTO unused_files (name) VALUES (?)');
  const remove = database.prepare('DELETE FROM unused_files WHERE name = ?');
  const made = new Set<string>();

  const pathOf = (name: string): string => join(directory, name.slice(0, 2), name);
  const discard = (names: readonly string[]): void => {
    for (const name of names) {
      rmSync(pathOf(name), { force: true });
      remove.run(name);
    }
  };

  const left = database.prepare('SELECT name FROM unused_files').all() as { name: string }[];
  discard(left.map(({ name }) => name));

  return {
    pathOf,
    discard,
    create() {
      const name: string = randomUUID();
      const folder = name.slice(0, 2);
      if (!made.has(folder)) mkdirSync(join(directory, folder), { recursive: true });
      made.add(folder);
      insert.run(name);
      return name;
    },
    use: (name) => {
      remove.run(name);
    },
    release: (name) => {
      insert.run(name);
    },
  };
};
