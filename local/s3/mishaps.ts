import { copyFileSync } from 'node:fs';
import type { FaultPoints } from '../faults.ts';
import type { Bucket } from './bucket.ts';
import type { Files } from './files.ts';
import type { ObjectRecord, Tags, VersionRow } from './schema.ts';
import type { Cause, ObjectStore } from './store.ts';

/** What the world does to objects between their announcement and their first reading, made to happen on purpose. */
export interface Mishaps {
  /** Before a version is read that was announced: another may take its place for good, or it may go. */
  befall(bucket: Bucket, row: VersionRow, reader: string): void;
}

/** Whoever else writes into the bucket. */
const STRANGER: Omit<Cause, 'event'> = { principalId: 'AWS:somebody-else', requestId: 'mishap' };

/**
 * The new version has the old one's content, as of a producer that sends its file once more, and is announced itself.
 * Each key is struck once, so that what took a version's place can be read.
 */
export const createMishaps = (
  { strikes }: Pick<FaultPoints, 'strikes'>,
  { store, files }: { readonly store: ObjectStore; readonly files: Files },
): Mishaps => {
  const struck = new Set<string>();

  const replace = (bucket: Bucket, row: VersionRow): void => {
    const file = files.create();
    copyFileSync(files.pathOf(row.file ?? ''), files.pathOf(file));
    const { key, size, etag } = row;
    const record = JSON.parse(row.record) as ObjectRecord;
    const tags = JSON.parse(row.tags) as Tags;
    store.put(bucket, { key, file, size, etag, record, tags }, () => {}, { ...STRANGER, event: 'ObjectCreated:Put' });
  };

  return {
    befall(bucket, row, reader) {
      const key = `${bucket.name}/${row.key}`;
      if (bucket.notifications.length === 0 || row.marker || struck.has(key)) return;
      const overwritten = strikes('s3', 'overwrite', { caller: reader });
      if (!overwritten && !strikes('s3', 'delete', { caller: reader })) return;
      struck.add(key);
      if (overwritten) replace(bucket, row);
      const current = store.find(bucket.name, row.key, row.version_id) ?? row;
      store.removeVersion(bucket, current, { ...STRANGER, event: 'ObjectRemoved:Delete' });
    },
  };
};
