import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import type { Checksum } from './checksums.ts';
import type { Files } from './files.ts';
import type { Incoming } from './incoming.ts';
import type { ObjectRecord, PartRow, Tags, UploadRow } from './schema.ts';

/** Uploads in parts, until they become objects. */
export interface Multipart {
  create(
    upload: Pick<UploadRow, 'bucket' | 'key' | 'algorithm' | 'checksum_type'> & { record: ObjectRecord; tags: Tags },
  ): string;
  find(bucket: string, key: string, id: string): UploadRow | undefined;
  /** A part that comes again takes the place of the earlier one. */
  putPart(upload: UploadRow, number: number, incoming: Incoming): void;
  parts(upload: UploadRow): PartRow[];
  /** Forgets an upload within the transaction of the caller; the files that it names are discarded afterwards. */
  forget(upload: UploadRow): readonly string[];
  abort(upload: UploadRow): void;
  /** Uploads that began before a time. */
  olderThan(bucket: string, startedMs: number): UploadRow[];
}

export const createMultipart = (database: DatabaseSync, files: Files, now: () => number): Multipart => {
  const insert = database.prepare(
    `INSERT INTO uploads (id, bucket, key, started_ms, record, tags, algorithm, checksum_type)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = database.prepare('SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?');
  const older = database.prepare('SELECT * FROM uploads WHERE bucket = ? AND started_ms <= ?');
  const part = database.prepare('SELECT * FROM parts WHERE upload = ? AND number = ?');
  const parts = database.prepare('SELECT * FROM parts WHERE upload = ? ORDER BY number');
  const putPart = database.prepare(
    `INSERT OR REPLACE INTO parts (upload, number, file, size, etag, checksum, modified_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const deleteParts = database.prepare('DELETE FROM parts WHERE upload = ?');
  const deleteUpload = database.prepare('DELETE FROM uploads WHERE id = ?');

  const forget = ({ id }: UploadRow): readonly string[] => {
    const names = (parts.all(id) as unknown as PartRow[]).map(({ file }) => file);
    for (const name of names) files.release(name);
    deleteParts.run(id);
    deleteUpload.run(id);
    return names;
  };

  return {
    create({ bucket, key, record, tags, algorithm, checksum_type }) {
      const id = randomBytes(48).toString('base64url');
      insert.run(id, bucket, key, now(), JSON.stringify(record), JSON.stringify(tags), algorithm, checksum_type);
      return id;
    },
    find: (bucket, key, id) => find.get(id, bucket, key) as unknown as UploadRow | undefined,
    putPart(upload, number, { file, size, md5, checksum }) {
      const replaced = inTransaction(database, () => {
        const earlier = part.get(upload.id, number) as unknown as PartRow | undefined;
        if (earlier) files.release(earlier.file);
        files.use(file);
        putPart.run(upload.id, number, file, size, md5, checksumText(checksum), now());
        return earlier ? [earlier.file] : [];
      });
      files.discard(replaced);
    },
    parts: ({ id }) => parts.all(id) as unknown as PartRow[],
    forget,
    abort: (upload) => files.discard(inTransaction(database, () => forget(upload))),
    olderThan: (bucket, startedMs) => older.all(bucket, startedMs) as unknown as UploadRow[],
  };
};

const checksumText = (checksum: Checksum | undefined): string | null => checksum?.value ?? null;
