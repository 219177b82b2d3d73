import { statSync } from 'node:fs';
import { AwsError } from '../errors.ts';
import { errorResponse } from '../http/errors.ts';
import { toXml } from '../http/xml.ts';
import type { Asset } from '../resources.ts';
import type { AwsResponse } from '../service.ts';
import {
  bucketNeed,
  type Context,
  existingBucket,
  keyNeeds,
  type Operation,
  objectNeed,
  permit,
  type S3Call,
  xmlResponse,
} from './call.ts';
import { noSuchKey, noSuchVersion, notImplemented } from './errors.ts';
import { fileResponse, objectHeaders, versionHeader, wanted } from './object-output.ts';
import type { ObjectRecord, Tags, VersionRow } from './schema.ts';

/**
 * Finds what a call reads, markers included.
 *
 * Only those who may list the bucket are told that something is not there; to all others it is a refusal (403), as in
 * AWS: code that waits for NoSuchKey needs the grant.
 *
 * @throws {AwsError} NoSuchBucket, NoSuchKey, NoSuchVersion or AccessDenied.
 */
export const found = (
  call: S3Call,
  context: Context,
  { bucketName, key, versionId }: { bucketName: string; key: string; versionId: string | undefined },
): VersionRow => {
  existingBucket(bucketName, context);
  const row = context.store.find(bucketName, key, versionId);
  if (row) return row;
  permit(call, bucketNeed(context, bucketName, 'ListBucket'));
  throw versionId === undefined ? noSuchKey() : noSuchVersion();
};

export const versionIdIn = ({ query }: S3Call): string | undefined => query.get('versionId') ?? undefined;

/** GetObject and HeadObject. */
export const readObject: Operation = async (call, context) => {
  const { bucketName, key, query, headers, request } = call;
  if (query.has('partNumber')) throw notImplemented('reading an object by part number');
  const versionId = versionIdIn(call);
  permit(call, objectNeed(context, bucketName, key, versionId === undefined ? 'GetObject' : 'GetObjectVersion'));
  const asset = context.buckets.find(bucketName) ? undefined : context.host.asset(bucketName, key);
  if (asset) return readAsset(asset, call);

  const announced = versionId === undefined ? undefined : context.store.find(bucketName, key, versionId);
  if (announced) context.mishaps.befall(existingBucket(bucketName, context), announced, request.principal.arn);
  const row = found(call, context, { bucketName, key, versionId });
  const { versioning } = existingBucket(bucketName, context);
  if (row.marker) return markerResponse(row, versioning, versionId !== undefined, call, context);
  const record = JSON.parse(row.record) as ObjectRecord;
  permit(call, ...keyNeeds(context, record.kmsKeyId, 'Decrypt'));
  const shown = objectHeaders({ row, record, versioning, headers, query });
  if (!wanted(headers, row)) {
    const { etag = '', 'last-modified': modified = '' } = shown;
    return { status: 304, headers: { etag, 'last-modified': modified, ...versionHeader(row.version_id, versioning) } };
  }
  try {
    return await fileResponse(context.files.pathOf(row.file ?? ''), row.size, headers.range, shown, request.method);
  } catch (error) {
    // Overwritten or deleted between look-up and opening: what is there now is the answer.
    if (context.store.find(bucketName, key, versionId)?.file === row.file) throw error;
    return readObject(call, context);
  }
};

const markerResponse = (
  row: VersionRow,
  versioning: string | undefined,
  byVersion: boolean,
  call: S3Call,
  context: Context,
): AwsResponse => {
  if (!byVersion) permit(call, bucketNeed(context, row.bucket, 'ListBucket'));
  const error = byVersion
    ? new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405)
    : noSuchKey();
  const response = errorResponse('s3', error, call.request.requestId);
  const headers = { 'x-amz-delete-marker': 'true', ...versionHeader(row.version_id, versioning) };
  return { ...response, headers: { ...response.headers, ...headers } };
};

/** A file asset of the deployment, where the template says that it is. */
const readAsset = ({ path, packaging, hash }: Asset, { headers, request }: S3Call): Promise<AwsResponse> => {
  if (packaging === 'zip') throw notImplemented('reading an asset that is a folder here');
  const { size, mtime } = statSync(path);
  const shown = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    etag: `"${hash.slice(0, 32)}"`,
    'last-modified': mtime.toUTCString(),
  };
  return fileResponse(path, size, headers.range, shown, request.method);
};

export const getTagging: Operation = (call, context) => {
  const { bucketName, key } = call;
  const versionId = versionIdIn(call);
  const action = versionId === undefined ? 'GetObjectTagging' : 'GetObjectVersionTagging';
  permit(call, objectNeed(context, bucketName, key, action));
  const row = objectFound(call, context, versionId);
  const tags = (JSON.parse(row.tags) as Tags).map(([Key, Value]) => ({ Key, Value }));
  return xmlResponse(
    'Tagging',
    toXml({ TagSet: { Tag: tags } }),
    versionHeader(row.version_id, existingBucket(bucketName, context).versioning),
  );
};

/** As `found`, but an object: a marker has nothing to change or show. */
export const objectFound = (call: S3Call, context: Context, versionId: string | undefined): VersionRow => {
  const { bucketName, key } = call;
  const row = found(call, context, { bucketName, key, versionId });
  if (!row.marker) return row;
  if (versionId !== undefined) {
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  }
  permit(call, bucketNeed(context, bucketName, 'ListBucket'));
  throw noSuchKey();
};
