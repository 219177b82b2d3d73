import type { Checksum } from './checksums.ts';

/** `counter` numbers every change: the order of versions, and the sequencer of events. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
  INSERT OR IGNORE INTO counter (id, value) VALUES (1, 0);
  CREATE TABLE IF NOT EXISTS unused_files (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS versions (
    sequence INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL,
    latest INTEGER NOT NULL, marker INTEGER NOT NULL, file TEXT, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified_ms INTEGER NOT NULL, superseded_ms INTEGER, record TEXT NOT NULL, tags TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (bucket, key, version_id);
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, sequence DESC);
  CREATE UNIQUE INDEX IF NOT EXISTS latest_versions ON versions (bucket, key) WHERE latest = 1;
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, started_ms INTEGER NOT NULL, record TEXT NOT NULL,
    tags TEXT NOT NULL, algorithm TEXT, checksum_type TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    checksum TEXT, modified_ms INTEGER NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS notified (
    bucket TEXT NOT NULL, queue_arn TEXT NOT NULL, PRIMARY KEY (bucket, queue_arn)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, queue_arn TEXT NOT NULL, body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_ms INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS outbox_by_due ON outbox (due_ms);
`;

/** One version of an object, or a delete marker. */
export interface VersionRow {
  readonly sequence: number;
  readonly bucket: string;
  readonly key: string;
  /** `null` for one made while the bucket did not keep versions. */
  readonly version_id: string;
  readonly latest: 0 | 1;
  readonly marker: 0 | 1;
  /** Absent for a delete marker. */
  readonly file: string | null;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modified_ms: number;
  /** When a newer version took its place. */
  readonly superseded_ms: number | null;
  /** An `ObjectRecord`. */
  readonly record: string;
  /** A list of `[key, value]`. */
  readonly tags: string;
}

/** What is kept of an object beside its bytes. */
export interface ObjectRecord {
  /** Content-Type and its siblings, as they go out again; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without the prefix `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly encryption: 'AES256' | 'aws:kms';
  readonly kmsKeyId?: string;
  readonly checksum?: Checksum;
  /** Number of parts of an object that was uploaded in parts. */
  readonly parts?: number;
  /** Until when the version may not be deleted. */
  readonly retention?: Retention;
}

export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly untilMs: number;
}

export type Tags = readonly (readonly [string, string])[];

/** An upload in parts that is not complete yet. */
export interface UploadRow {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly started_ms: number;
  readonly record: string;
  readonly tags: string;
  readonly algorithm: string | null;
  readonly checksum_type: 'FULL_OBJECT' | 'COMPOSITE' | null;
}

export interface PartRow {
  readonly upload: string;
  readonly number: number;
  readonly file: string;
  readonly size: number;
  readonly etag: string;
  readonly checksum: string | null;
  readonly modified_ms: number;
}
