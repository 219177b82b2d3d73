import type { DatabaseSync } from 'node:sqlite';
import type { Bucket, Buckets, LifecycleRule } from './bucket.ts';
import type { Multipart } from './multipart-store.ts';
import { isLocked } from './retention.ts';
import type { VersionRow } from './schema.ts';
import type { Cause, ObjectStore } from './store.ts';

const DAY_MS = 24 * 3600 * 1000;
const CAUSE: Cause = { event: 'LifecycleExpiration:Delete', principalId: 's3.amazonaws.com', requestId: 'lifecycle' };

/** Applies the lifecycle rules of all buckets, as of a time. */
export type Expire = (nowMs: number) => void;

export const createLifecycle = (
  database: DatabaseSync,
  { buckets, store, multipart }: { buckets: Buckets; store: ObjectStore; multipart: Multipart },
): Expire => {
  const select = (condition: string) =>
    database.prepare(
      `SELECT * FROM versions WHERE bucket = :bucket AND substr(key, 1, length(:prefix)) = :prefix AND ${condition}`,
    );
  const current = select('latest = 1 AND marker = 0 AND modified_ms <= :limit');
  const superseded = select('latest = 0 AND superseded_ms <= :limit');
  const loneMarkers = select(
    `latest = 1 AND marker = 1 AND modified_ms <= :limit AND NOT EXISTS (
       SELECT 1 FROM versions older WHERE older.bucket = versions.bucket AND older.key = versions.key AND older.latest = 0)`,
  );

  const apply = (bucket: Bucket, rule: LifecycleRule, nowMs: number): void => {
    const matching = (statement: typeof current, days: number): VersionRow[] =>
      statement.all({
        bucket: bucket.name,
        prefix: rule.Prefix,
        limit: limitOf(days, nowMs),
      }) as unknown as VersionRow[];

    const { ExpirationInDays, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = rule;
    if (ExpirationInDays !== undefined) {
      for (const { key } of matching(current, ExpirationInDays)) store.remove(bucket, key, CAUSE);
    }
    if (NoncurrentVersionExpiration) {
      for (const version of matching(superseded, NoncurrentVersionExpiration.NoncurrentDays)) {
        if (!isLocked(version, nowMs)) store.removeVersion(bucket, version, CAUSE);
      }
    }
    if (rule.ExpiredObjectDeleteMarker || ExpirationInDays !== undefined) {
      for (const marker of matching(loneMarkers, ExpirationInDays ?? 0)) store.removeVersion(bucket, marker, CAUSE);
    }
    if (AbortIncompleteMultipartUpload) {
      const limit = limitOf(AbortIncompleteMultipartUpload.DaysAfterInitiation, nowMs);
      for (const upload of multipart.olderThan(bucket.name, limit)) {
        if (upload.key.startsWith(rule.Prefix)) multipart.abort(upload);
      }
    }
  };

  return (nowMs) => {
    for (const bucket of buckets.all()) {
      for (const rule of bucket.lifecycle) if (rule.Status === 'Enabled') apply(bucket, rule, nowMs);
    }
  };
};

/** What is this old expires: days count to the next midnight (UTC) behind them. */
const limitOf = (days: number, nowMs: number): number => Math.floor(nowMs / DAY_MS) * DAY_MS - days * DAY_MS;
