import { open } from 'node:fs/promises';
import { AwsError } from '../errors.ts';
import type { AwsResponse } from '../service.ts';
import { checksumHeaders } from './checksums.ts';
import { preconditionFailed } from './errors.ts';
import type { Headers } from './incoming.ts';
import { unquoted } from './object-input.ts';
import type { ObjectRecord, Tags, VersionRow } from './schema.ts';

/** Headers that tell how an object is encrypted. */
export const encryptionHeaders = ({ encryption, kmsKeyId }: ObjectRecord): Record<string, string> => ({
  'x-amz-server-side-encryption': encryption,
  ...(kmsKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
});

/** A version's id, where the bucket keeps or has kept versions. */
export const versionHeader = (versionId: string, versioning: string | undefined): Record<string, string> =>
  versioning === undefined ? {} : { 'x-amz-version-id': versionId };

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;

interface Shown {
  readonly row: VersionRow;
  readonly record: ObjectRecord;
  readonly versioning: string | undefined;
  readonly headers: Headers;
  readonly query: URLSearchParams;
}

/** The headers that GetObject and HeadObject share. */
export const objectHeaders = ({ row, record, versioning, headers, query }: Shown): Record<string, string> => ({
  ...record.headers,
  ...Object.fromEntries(
    OVERRIDES.flatMap((name) => {
      const wanted = query.get(`response-${name}`);
      return wanted === null ? [] : [[name, wanted]];
    }),
  ),
  ...Object.fromEntries(Object.entries(record.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  ...encryptionHeaders(record),
  ...versionHeader(row.version_id, versioning),
  ...tagCount(JSON.parse(row.tags) as Tags),
  ...(headers['x-amz-checksum-mode'] === 'ENABLED' && headers.range === undefined
    ? checksumHeaders(record.checksum)
    : {}),
  'accept-ranges': 'bytes',
  etag: `"${row.etag}"`,
  'last-modified': new Date(row.modified_ms).toUTCString(),
});

const tagCount = (tags: Tags): Record<string, string> =>
  tags.length === 0 ? {} : { 'x-amz-tagging-count': String(tags.length) };

/**
 * Whether the caller wants the object, by what it already knows.
 *
 * @param prefix - of the headers; that of a copy's source differs.
 * @returns false if the caller has it already (304).
 * @throws {AwsError} PreconditionFailed.
 * @see RFC 9110, section 13.2.2, for the order.
 */
export const wanted = (headers: Headers, { etag, modified_ms }: VersionRow, prefix = ''): boolean => {
  const header = (name: string): string | undefined => headers[`${prefix}${name}`];
  const matches = (list: string): boolean =>
    list.split(',').some((tag) => tag.trim() === '*' || unquoted(tag.trim().replace(/^W\//, '')) === etag);
  // HTTP dates have whole seconds.
  const modifiedMs = Math.floor(modified_ms / 1000) * 1000;
  const [ifMatch, ifNoneMatch] = [header('if-match'), header('if-none-match')];
  const [modifiedSince, unmodifiedSince] = [header('if-modified-since'), header('if-unmodified-since')];

  if (ifMatch !== undefined && !matches(ifMatch)) throw preconditionFailed('If-Match');
  if (ifMatch === undefined && unmodifiedSince !== undefined && modifiedMs > Date.parse(unmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return !matches(ifNoneMatch);
  return modifiedSince === undefined || !(modifiedMs <= Date.parse(modifiedSince));
};

interface Span {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/**
 * The part of an object that a Range header asks for. One that is malformed or has several parts asks for all.
 *
 * @throws {AwsError} InvalidRange (416) for a range with nothing in it.
 */
export const spanOf = (range: string | undefined, size: number): Span | undefined => {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (first >= size || (from === '' && Number(to) === 0)) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  }
  return { first, last };
};

/** An answer with a file's bytes, or those of the range asked for, read as the caller takes them. */
export const fileResponse = async (
  path: string,
  size: number,
  range: string | undefined,
  headers: Record<string, string>,
  method: string,
): Promise<AwsResponse> => {
  const span = spanOf(range, size);
  const length = span ? span.last - span.first + 1 : size;
  const all = {
    ...headers,
    'content-length': String(length),
    ...(span ? { 'content-range': `bytes ${span.first}-${span.last}/${size}` } : {}),
  };
  const status = span ? 206 : 200;
  if (method === 'HEAD') return { status, headers: all };
  if (length === 0) return { status, headers: all, body: '' };
  // Opened before the answer begins: a version that is deleted meanwhile is still read to its end.
  const file = await open(path);
  return {
    status,
    headers: all,
    body: file.createReadStream({ start: span?.first ?? 0, end: span?.last ?? size - 1 }),
  };
};
