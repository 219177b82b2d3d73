import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import type { Bucket } from './bucket.ts';
import type { Files } from './files.ts';
import type { ObjectEvent } from './notifications.ts';
import { lockedFrom } from './retention.ts';
import type { ObjectRecord, Tags, VersionRow } from './schema.ts';

/** Why something changes: what events tell of it. */
export interface Cause {
  /** Name of the event for an object or marker that came, or for a version that went for good. */
  readonly event: string;
  readonly principalId: string;
  readonly requestId: string;
}

/** An object whose bytes have arrived. */
export interface NewObject {
  readonly key: string;
  readonly file: string;
  readonly size: number;
  readonly etag: string;
  readonly record: ObjectRecord;
  readonly tags: Tags;
}

/** Asked within the transaction that would change the object, with what is there; refuses by throwing. */
export type WriteCondition = (current: VersionRow | undefined) => void;

/** Versions of objects. Each change is one transaction together with its notifications: durable when it returns. */
export interface ObjectStore {
  /** The latest version, or the one named; delete markers included. */
  find(bucket: string, key: string, versionId?: string): VersionRow | undefined;
  /** @param also - further changes of the same transaction. */
  put(bucket: Bucket, object: NewObject, condition: WriteCondition, cause: Cause, also?: () => void): VersionRow;
  /** Deletes as the bucket's versioning says: with a marker, or for good. */
  remove(bucket: Bucket, key: string, cause: Cause): { readonly marker?: VersionRow };
  /** Deletes one version for good. */
  removeVersion(bucket: Bucket, version: VersionRow, cause: Cause): void;
  setTags(bucket: Bucket, version: VersionRow, tags: Tags, cause: Cause): void;
}

/** @param onChange - called after each change. */
export const createObjectStore = (
  database: DatabaseSync,
  files: Files,
  { announce, onChange, now }: { announce: (event: ObjectEvent) => void; onChange: () => void; now: () => number },
): ObjectStore => {
  const count = database.prepare('UPDATE counter SET value = value + 1 RETURNING value');
  const latest = database.prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND latest = 1');
  const byId = database.prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND version_id = ?');
  const newest = database.prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1');
  const supersede = database.prepare(
    'UPDATE versions SET latest = 0, superseded_ms = ? WHERE bucket = ? AND key = ? AND latest = 1',
  );
  const promote = database.prepare('UPDATE versions SET latest = 1, superseded_ms = NULL WHERE sequence = ?');
  const insert = database.prepare(
    `INSERT INTO versions (sequence, bucket, key, version_id, latest, marker, file, size, etag, modified_ms, record, tags)
     VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
  );
  const deleteVersion = database.prepare('DELETE FROM versions WHERE sequence = ?');
  const updateTags = database.prepare('UPDATE versions SET tags = ? WHERE sequence = ?');

  const find: ObjectStore['find'] = (bucket, key, versionId) =>
    (versionId === undefined ? latest.get(bucket, key) : byId.get(bucket, key, versionId)) as unknown as
      | VersionRow
      | undefined;

  const next = (): number => (count.get() as { value: number }).value;

  /** Runs a change and then removes the files that it has left without a row. */
  const change = <T>(act: (released: string[]) => T): T => {
    const released: string[] = [];
    const result = inTransaction(database, () => act(released));
    files.discard(released);
    onChange();
    return result;
  };

  const dropRow = (row: VersionRow, released: string[]): void => {
    deleteVersion.run(row.sequence);
    if (row.file === null) return;
    files.release(row.file);
    released.push(row.file);
  };

  const add = (
    bucket: Bucket,
    key: string,
    content: Pick<VersionRow, 'marker' | 'file' | 'size' | 'etag' | 'record' | 'tags'>,
    released: string[],
  ): VersionRow => {
    const versionId = bucket.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
    const atMs = now();
    supersede.run(atMs, bucket.name, key);
    const replaced = versionId === 'null' ? find(bucket.name, key, 'null') : undefined;
    if (replaced) dropRow(replaced, released);
    if (content.file !== null) files.use(content.file);
    const { marker, file, size, etag, record, tags } = content;
    return insert.get(
      next(),
      bucket.name,
      key,
      versionId,
      marker,
      file,
      size,
      etag,
      atMs,
      record,
      tags,
    ) as unknown as VersionRow;
  };

  const tell = (bucket: Bucket, key: string, cause: Cause, sequence: number, version?: VersionRow): void =>
    announce({
      name: cause.event,
      bucket,
      key,
      atMs: now(),
      sequence,
      principalId: cause.principalId,
      requestId: cause.requestId,
      ...(version ? { version } : {}),
    });

  return {
    find,

    put: (bucket, { key, file, size, etag, record, tags }, condition, cause, also) =>
      change((released) => {
        condition(find(bucket.name, key));
        const content = {
          marker: 0,
          file,
          size,
          etag,
          record: JSON.stringify({ ...record, ...lockedFrom(bucket.retention, now()) }),
          tags: JSON.stringify(tags),
        } as const;
        const row = add(bucket, key, content, released);
        tell(bucket, key, cause, row.sequence, row);
        also?.();
        return row;
      }),

    remove: (bucket, key, cause) =>
      change((released) => {
        if (bucket.versioning) {
          const content = { marker: 1, file: null, size: 0, etag: '', record: '{}', tags: '[]' } as const;
          const marker = add(bucket, key, content, released);
          tell(bucket, key, { ...cause, event: `${cause.event}MarkerCreated` }, marker.sequence, marker);
          return { marker };
        }
        const row = find(bucket.name, key);
        if (row) {
          dropRow(row, released);
          tell(bucket, key, cause, next(), row);
        }
        return {};
      }),

    removeVersion: (bucket, version, cause) =>
      change((released) => {
        dropRow(version, released);
        if (version.latest) {
          const row = newest.get(bucket.name, version.key) as unknown as VersionRow | undefined;
          if (row) promote.run(row.sequence);
        }
        tell(bucket, version.key, cause, next(), version);
      }),

    setTags: (bucket, version, tags, cause) =>
      change(() => {
        updateTags.run(JSON.stringify(tags), version.sequence);
        tell(bucket, version.key, cause, next(), version);
      }),
  };
};
