import { constants, copyFile } from 'node:fs/promises';
import { readBody } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import { toXml } from '../http/xml.ts';
import {
  type Context,
  causeOf,
  existingBucket,
  keyNeeds,
  type Operation,
  objectNeed,
  permit,
  type S3Call,
  xmlResponse,
} from './call.ts';
import { checksumHeaders } from './checksums.ts';
import { invalidArgument, noSuchKey, preconditionFailed } from './errors.ts';
import { receiveBody } from './incoming.ts';
import { etagOf, recordOf, tagsInHeader, tagsInXml, writeConditionOf, writeNeeds } from './object-input.ts';
import { refuseLocked } from './object-lock.ts';
import { encryptionHeaders, versionHeader, wanted } from './object-output.ts';
import { found, objectFound, versionIdIn } from './read-operations.ts';
import type { ObjectRecord, Tags } from './schema.ts';

const LARGEST_TAGGING_BYTES = 64 * 1024;

/** Runs a change that takes over a file; if it is refused, the file goes. */
export const taking = <T>(file: string, { files }: Context, change: () => T): T => {
  try {
    return change();
  } catch (error) {
    files.discard([file]);
    throw error;
  }
};

export const putObject: Operation = async (call, context) => {
  const { bucketName, key, headers, request } = call;
  const known = context.buckets.find(bucketName);
  const record = known && recordOf(headers, known);
  permit(call, ...writeNeeds(call, context, record, 'GenerateDataKey'));
  const bucket = existingBucket(bucketName, context);
  const tags = tagsInHeader(headers['x-amz-tagging']);
  const condition = writeConditionOf(headers);
  condition(context.store.find(bucketName, key));

  const { file, size, md5, checksum } = await receiveBody(headers, request.body, context.files);
  const whole: ObjectRecord = { ...(record ?? recordOf(headers, bucket)), ...(checksum ? { checksum } : {}) };
  const object = { key, file, size, etag: etagOf(md5, whole), record: whole, tags };
  const row = taking(file, context, () =>
    context.store.put(bucket, object, condition, causeOf(call, 'ObjectCreated:Put')),
  );
  return {
    status: 200,
    headers: {
      etag: `"${row.etag}"`,
      ...versionHeader(row.version_id, bucket.versioning),
      ...checksumHeaders(checksum),
      ...encryptionHeaders(whole),
    },
  };
};

/** Where a copy comes from. @throws {AwsError} InvalidArgument. */
const sourceOf = (header: string): { bucketName: string; key: string; versionId: string | undefined } => {
  const [path = '', query = ''] = header.split('?', 2);
  try {
    const [, bucketName, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
    if (bucketName && key)
      return { bucketName, key, versionId: new URLSearchParams(query).get('versionId') ?? undefined };
  } catch {
    // Falls through: it is no address of an object.
  }
  throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
};

const copyOf = async (name: string, { files }: Context): Promise<string> => {
  const copy = files.create();
  try {
    await copyFile(files.pathOf(name), files.pathOf(copy), constants.COPYFILE_FICLONE);
  } catch (error) {
    files.discard([copy]);
    // The source was deleted while it was being copied.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchKey();
    throw error;
  }
  return copy;
};

export const copyObject: Operation = async (call, context) => {
  const { bucketName, key, headers } = call;
  const source = sourceOf(headers['x-amz-copy-source'] ?? '');
  const replacesMetadata = headers['x-amz-metadata-directive'] === 'REPLACE';
  const replacesTags = headers['x-amz-tagging-directive'] === 'REPLACE';
  const known = context.buckets.find(bucketName);
  const target = known && recordOf(headers, known);
  const read = source.versionId === undefined ? 'GetObject' : 'GetObjectVersion';
  permit(
    call,
    objectNeed(context, source.bucketName, source.key, read),
    ...writeNeeds(call, context, target, 'GenerateDataKey', 'Decrypt'),
  );
  const bucket = existingBucket(bucketName, context);
  const row = found(call, context, source);
  if (row.marker) throw new AwsError('InvalidRequest', 'The source of a copy request may not be a delete marker.');
  const sourceRecord = JSON.parse(row.record) as ObjectRecord;
  const sourceTags = JSON.parse(row.tags) as Tags;
  permit(call, ...keyNeeds(context, sourceRecord.kmsKeyId, 'Decrypt'));
  if (sourceTags.length > 0 && !replacesTags) {
    permit(
      call,
      objectNeed(context, source.bucketName, source.key, 'GetObjectTagging'),
      objectNeed(context, bucketName, key, 'PutObjectTagging'),
    );
  }
  const itself = source.bucketName === bucketName && source.key === key && source.versionId === undefined;
  if (itself && !replacesMetadata) {
    throw new AwsError(
      'InvalidRequest',
      'This copy request is illegal: it copies an object to itself and changes nothing.',
    );
  }
  if (!wanted(headers, row, 'x-amz-copy-source-')) throw preconditionFailed('x-amz-copy-source-If-None-Match');

  const record = {
    ...(target ?? recordOf(headers, bucket)),
    ...(replacesMetadata ? {} : { headers: sourceRecord.headers, metadata: sourceRecord.metadata }),
    ...(sourceRecord.checksum ? { checksum: sourceRecord.checksum } : {}),
  };
  const file = await copyOf(row.file ?? '', context);
  const copy = taking(file, context, () =>
    context.store.put(
      bucket,
      {
        key,
        file,
        size: row.size,
        etag: etagOf(row.etag, record),
        record,
        tags: replacesTags ? tagsInHeader(headers['x-amz-tagging']) : sourceTags,
      },
      writeConditionOf(headers),
      causeOf(call, 'ObjectCreated:Copy'),
    ),
  );
  return xmlResponse(
    'CopyObjectResult',
    toXml({ LastModified: new Date(copy.modified_ms).toISOString(), ETag: `"${copy.etag}"` }),
    {
      ...versionHeader(copy.version_id, bucket.versioning),
      ...encryptionHeaders(record),
      'x-amz-copy-source-version-id': row.version_id,
    },
  );
};

/** What a deletion has done, for the header and for lists of deletions. */
export interface Deletion {
  readonly versionId: string | undefined;
  readonly marker: boolean;
}

/** Deletes an object or one version of it; what is not there is deleted already. Permission has been checked. */
export const deleteOne = (call: S3Call, context: Context, key: string, versionId: string | undefined): Deletion => {
  const bucket = existingBucket(call.bucketName, context);
  const cause = causeOf(call, 'ObjectRemoved:Delete');
  if (versionId === undefined) {
    const { marker } = context.store.remove(bucket, key, cause);
    return { versionId: marker?.version_id, marker: marker !== undefined };
  }
  const version = context.store.find(bucket.name, key, versionId);
  if (version) {
    refuseLocked(call, version, context);
    context.store.removeVersion(bucket, version, cause);
  }
  return { versionId, marker: version?.marker === 1 };
};

export const deleteAction = (versionId: string | undefined): string =>
  versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion';

export const deleteObject: Operation = (call, context) => {
  const { bucketName, key } = call;
  const versionId = versionIdIn(call);
  permit(call, objectNeed(context, bucketName, key, deleteAction(versionId)));
  const deletion = deleteOne(call, context, key, versionId);
  return {
    status: 204,
    headers: {
      ...(deletion.versionId === undefined ? {} : { 'x-amz-version-id': deletion.versionId }),
      ...(deletion.marker ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
};

const changeTags = (call: S3Call, context: Context, tags: Tags, event: string): Record<string, string> => {
  const row = objectFound(call, context, versionIdIn(call));
  const bucket = existingBucket(call.bucketName, context);
  context.store.setTags(bucket, row, tags, causeOf(call, event));
  return versionHeader(row.version_id, bucket.versioning);
};

const taggingAction = (call: S3Call, verb: 'Put' | 'Delete'): string =>
  `${verb}Object${versionIdIn(call) === undefined ? '' : 'Version'}Tagging`;

export const putTagging: Operation = async (call, context) => {
  permit(call, objectNeed(context, call.bucketName, call.key, taggingAction(call, 'Put')));
  const tags = tagsInXml((await readBody(call.request.body, LARGEST_TAGGING_BYTES)).toString('utf8'));
  return { status: 200, headers: changeTags(call, context, tags, 'ObjectTagging:Put') };
};

export const deleteTagging: Operation = (call, context) => {
  permit(call, objectNeed(context, call.bucketName, call.key, taggingAction(call, 'Delete')));
  return { status: 204, headers: changeTags(call, context, [], 'ObjectTagging:Delete') };
};
