import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { VersionRow } from './schema.ts';

export interface ListQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** Keys that share the text up to it are folded into one common prefix; empty for none. */
  readonly delimiter: string;
  /** Begins behind this key or common prefix; empty for the first. */
  readonly after: string;
  /** Within `after`, begins behind the version of this sequence; for lists of versions. */
  readonly afterSequence?: number;
  /** 1 to 1000, rows and common prefixes together. */
  readonly limit: number;
}

export interface ListPage {
  readonly rows: readonly VersionRow[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page begins; absent on the last. */
  readonly next?: { readonly key: string; readonly row: VersionRow | undefined };
}

/** Lists of keys, in the order of their UTF-8 bytes. */
export interface Listing {
  /** Latest versions that are no delete markers. */
  objects(query: ListQuery): ListPage;
  /** All versions and markers; of one key, the newest first. */
  versions(query: ListQuery): ListPage;
}

export const createListing = (database: DatabaseSync): Listing => {
  const objects = database.prepare(
    `SELECT * FROM versions WHERE bucket = :bucket AND latest = 1 AND marker = 0 AND key >= :from
       AND (:after = '' OR key > :after) ORDER BY key LIMIT :limit`,
  );
  const versions = database.prepare(
    `SELECT * FROM versions WHERE bucket = :bucket AND key >= :from
       AND (:after = '' OR key > :after OR (key = :after AND sequence < :sequence))
     ORDER BY key, sequence DESC LIMIT :limit`,
  );
  return {
    objects: (query) => list(objects, query, false),
    versions: (query) => list(versions, query, true),
  };
};

const list = (statement: StatementSync, query: ListQuery, bySequence: boolean): ListPage => {
  const { bucket, prefix, delimiter, limit } = query;
  const rows: VersionRow[] = [];
  const commonPrefixes: string[] = [];
  let after = query.after;
  let sequence = query.afterSequence ?? 0;
  let from = greatest(prefix, foldedPast(after, prefix, delimiter));
  let last: VersionRow | undefined;

  for (;;) {
    const wanted = limit - rows.length - commonPrefixes.length + 1;
    const parameters = { bucket, from, after, limit: wanted, ...(bySequence ? { sequence } : {}) };
    const page = statement.all(parameters) as unknown as VersionRow[];
    let folded = false;
    for (const row of page) {
      if (!row.key.startsWith(prefix)) return { rows, commonPrefixes };
      if (rows.length + commonPrefixes.length === limit) {
        return { rows, commonPrefixes, next: { key: after, row: last } };
      }
      const end = delimiter === '' ? -1 : row.key.indexOf(delimiter, prefix.length);
      if (end >= 0) {
        // The keys under a common prefix may be many: they are jumped over, not read.
        after = row.key.slice(0, end + delimiter.length);
        commonPrefixes.push(after);
        from = successorOf(after);
        last = undefined;
        folded = true;
        break;
      }
      rows.push(row);
      after = row.key;
      sequence = row.sequence;
      last = row;
    }
    if (!folded && page.length < wanted) return { rows, commonPrefixes };
  }
};

/** A page that ended with a common prefix goes on behind all keys under it. */
const foldedPast = (after: string, prefix: string, delimiter: string): string =>
  delimiter !== '' && after.startsWith(prefix) && after.endsWith(delimiter) && after.length > prefix.length
    ? successorOf(after)
    : '';

const greatest = (one: string, other: string): string =>
  Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0 ? other : one;

/** The first text, in the order of code points, behind all that start with this one. */
const successorOf = (text: string): string => {
  const points = Array.from(text, (char) => char.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last < 0x10ffff) {
      const following = last === 0xd7ff ? 0xe000 : last + 1;
      return String.fromCodePoint(...points, following);
    }
  }
  return '\u{10FFFF}';
};
