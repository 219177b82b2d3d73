import { Buffer } from 'node:buffer';
import { readBody } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import { toXml } from '../http/xml.ts';
import {
  bucketNeed,
  existingBucket,
  type Operation,
  objectNeed,
  permit,
  present,
  type S3Call,
  xmlResponse,
} from './call.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import { checkBytes } from './incoming.ts';
import type { ListPage } from './listing.ts';
import type { VersionRow } from './schema.ts';
import { deleteAction, deleteOne } from './write-operations.ts';
import { childrenNamed, readXml, textOfChild } from './xml-reader.ts';

const MOST_KEYS = 1000;
const LARGEST_DELETION_BYTES = 8 * 1024 * 1024;

export const listBuckets: Operation = (call, { buckets }) => {
  permit(call, { action: 's3:ListAllMyBuckets', resource: '*' });
  return xmlResponse(
    'ListAllMyBucketsResult',
    toXml({
      Owner: { ID: 'assay-local' },
      Buckets: {
        Bucket: buckets.all().map(({ name, createdMs }) => ({
          Name: name,
          CreationDate: new Date(createdMs).toISOString(),
        })),
      },
    }),
  );
};

export const headBucket: Operation = (call, context) => {
  permit(call, bucketNeed(context, call.bucketName, 'ListBucket'));
  existingBucket(call.bucketName, context);
  return { status: 200, headers: { 'x-amz-bucket-region': context.host.region } };
};

export const getLocation: Operation = (call, context) => {
  permit(call, bucketNeed(context, call.bucketName, 'GetBucketLocation'));
  existingBucket(call.bucketName, context);
  const { region } = context.host;
  return xmlResponse('LocationConstraint', region === 'us-east-1' ? '' : region);
};

export const getVersioning: Operation = (call, context) => {
  permit(call, bucketNeed(context, call.bucketName, 'GetBucketVersioning'));
  const { versioning } = existingBucket(call.bucketName, context);
  return xmlResponse('VersioningConfiguration', toXml({ Status: versioning }));
};

interface ListInput {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** Writes keys as the caller can read them: bare, or URL-encoded. */
  readonly write: (key: string) => string;
}

const listInput = ({ query }: S3Call): ListInput => {
  const limit = Number(query.get('max-keys') ?? MOST_KEYS);
  if (!Number.isInteger(limit) || limit < 0) throw invalidArgument('max-keys must be a number from 0');
  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request');
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: Math.min(limit, MOST_KEYS),
    write: encoding === 'url' ? (key) => encodeURIComponent(key).replace(/%2F/g, '/') : (key) => key,
  };
};

const listContext = ({ query }: S3Call): Record<string, string> =>
  present({
    's3:prefix': query.get('prefix') ?? undefined,
    's3:delimiter': query.get('delimiter') ?? undefined,
    's3:max-keys': query.get('max-keys') ?? undefined,
  });

const NOTHING: ListPage = { rows: [], commonPrefixes: [] };

const contentOf = ({ key, modified_ms, etag, size }: VersionRow, write: ListInput['write']) => ({
  Key: write(key),
  LastModified: new Date(modified_ms).toISOString(),
  ETag: `"${etag}"`,
  Size: size,
  StorageClass: 'STANDARD',
});

export const listObjects: Operation = (call, context) => {
  const { bucketName, query } = call;
  permit(call, bucketNeed(context, bucketName, 'ListBucket', listContext(call)));
  existingBucket(bucketName, context);
  const { prefix, delimiter, limit, write } = listInput(call);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const after = token === null ? (startAfter ?? '') : Buffer.from(token, 'base64url').toString('utf8');
  const { rows, commonPrefixes, next } =
    limit === 0 ? NOTHING : context.listing.objects({ bucket: bucketName, prefix, delimiter, after, limit });
  return xmlResponse(
    'ListBucketResult',
    toXml({
      Name: bucketName,
      Prefix: write(prefix),
      Delimiter: delimiter === '' ? undefined : write(delimiter),
      MaxKeys: limit,
      EncodingType: query.get('encoding-type') ?? undefined,
      KeyCount: rows.length + commonPrefixes.length,
      IsTruncated: next !== undefined,
      ContinuationToken: token ?? undefined,
      NextContinuationToken: next && Buffer.from(next.key).toString('base64url'),
      StartAfter: startAfter === null ? undefined : write(startAfter),
      Contents: rows.map((row) => contentOf(row, write)),
      CommonPrefixes: commonPrefixes.map((common) => ({ Prefix: write(common) })),
    }),
  );
};

export const listVersions: Operation = (call, context) => {
  const { bucketName, query } = call;
  permit(call, bucketNeed(context, bucketName, 'ListBucketVersions', listContext(call)));
  existingBucket(bucketName, context);
  const { prefix, delimiter, limit, write } = listInput(call);
  const after = query.get('key-marker') ?? '';
  const marker = query.get('version-id-marker');
  const behind = marker === null ? undefined : context.store.find(bucketName, after, marker);
  const { rows, commonPrefixes, next } =
    limit === 0
      ? NOTHING
      : context.listing.versions({
          bucket: bucketName,
          prefix,
          delimiter,
          after,
          limit,
          ...(behind ? { afterSequence: behind.sequence } : {}),
        });
  // Versions and markers stand in one order; siblings of one name would lose it.
  const entries = rows.map((row) => {
    const shared = { VersionId: row.version_id, IsLatest: row.latest === 1 };
    return row.marker
      ? { DeleteMarker: { Key: write(row.key), ...shared, LastModified: new Date(row.modified_ms).toISOString() } }
      : { Version: { ...contentOf(row, write), ...shared } };
  });
  return xmlResponse(
    'ListVersionsResult',
    toXml({
      Name: bucketName,
      Prefix: write(prefix),
      KeyMarker: write(after),
      VersionIdMarker: marker ?? '',
      NextKeyMarker: next && write(next.key),
      NextVersionIdMarker: next?.row?.version_id,
      Delimiter: delimiter === '' ? undefined : write(delimiter),
      MaxKeys: limit,
      EncodingType: query.get('encoding-type') ?? undefined,
      IsTruncated: next !== undefined,
    }) +
      entries.map((entry) => toXml(entry)).join('') +
      toXml({ CommonPrefixes: commonPrefixes.map((common) => ({ Prefix: write(common) })) }),
  );
};

/** The objects that a DeleteObjects request names. @throws {AwsError} MalformedXML. */
const deletionsIn = (xml: string): { quiet: boolean; objects: { key: string; versionId: string | undefined }[] } => {
  const root = readXml(xml);
  const elements = childrenNamed(root, 'Object');
  if (root.name !== 'Delete' || elements.length === 0 || elements.length > MOST_KEYS) throw malformedXml();
  const objects = elements.map((element) => {
    const key = textOfChild(element, 'Key');
    if (!key) throw malformedXml();
    return { key, versionId: textOfChild(element, 'VersionId') };
  });
  return { quiet: textOfChild(root, 'Quiet') === 'true', objects };
};

/** Each object is permitted and deleted by itself; the answer tells of each. */
export const deleteObjects: Operation = async (call, context) => {
  const { bucketName, headers, request } = call;
  const bytes = await readBody(request.body, LARGEST_DELETION_BYTES);
  checkBytes(headers, bytes);
  const { quiet, objects } = deletionsIn(bytes.toString('utf8'));
  const results = objects.map(({ key, versionId }) => {
    try {
      permit(call, objectNeed(context, bucketName, key, deleteAction(versionId)));
      const deletion = deleteOne(call, context, key, versionId);
      return quiet ? '' : toXml({ Deleted: deletedEntry(key, versionId, deletion) });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === 'NoSuchBucket') throw error;
      return toXml({ Error: { Key: key, VersionId: versionId, Code: error.code, Message: error.message } });
    }
  });
  return xmlResponse('DeleteResult', results.join(''));
};

const deletedEntry = (key: string, asked: string | undefined, { versionId, marker }: ReturnType<typeof deleteOne>) => ({
  Key: key,
  VersionId: asked,
  DeleteMarker: marker ? true : undefined,
  DeleteMarkerVersionId: marker ? versionId : undefined,
});
