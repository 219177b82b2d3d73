import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
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
import { type Checksum, compositeOf, type Hasher, hasherOf, isAlgorithm } from './checksums.ts';
import { badDigest, invalidArgument, malformedXml, noSuchUpload, notImplemented } from './errors.ts';
import type { Files } from './files.ts';
import { type Headers, receiveBody } from './incoming.ts';
import { recordOf, tagsInHeader, unquoted, writeConditionOf, writeNeeds } from './object-input.ts';
import { encryptionHeaders, versionHeader } from './object-output.ts';
import type { ObjectRecord, PartRow, Tags, UploadRow } from './schema.ts';
import { taking } from './write-operations.ts';
import { childrenNamed, readXml, textOfChild } from './xml-reader.ts';

const LEAST_PART_BYTES = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;
const LARGEST_COMPLETION_BYTES = 4 * 1024 * 1024;
/** To join encrypted parts, the service must read what it has written. */
const KEY_ACTIONS = ['GenerateDataKey', 'Decrypt'] as const;

export const createUpload: Operation = (call, context) => {
  const { bucketName, key, headers } = call;
  const known = context.buckets.find(bucketName);
  const record = known && recordOf(headers, known);
  permit(call, ...writeNeeds(call, context, record, ...KEY_ACTIONS));
  const bucket = existingBucket(bucketName, context);
  const algorithm = headers['x-amz-checksum-algorithm']?.toLowerCase() ?? null;
  if (algorithm !== null && !isAlgorithm(algorithm)) throw invalidArgument('The checksum algorithm is not known.');
  const type = headers['x-amz-checksum-type'] ?? (algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE') throw invalidArgument('The checksum type is not known.');
  const id = context.multipart.create({
    bucket: bucketName,
    key,
    record: record ?? recordOf(headers, bucket),
    tags: tagsInHeader(headers['x-amz-tagging']),
    algorithm,
    checksum_type: algorithm === null ? null : type,
  });
  return xmlResponse(
    'InitiateMultipartUploadResult',
    toXml({ Bucket: bucketName, Key: key, UploadId: id }),
    algorithm === null ? {} : { 'x-amz-checksum-algorithm': algorithm.toUpperCase(), 'x-amz-checksum-type': type },
  );
};

/** @throws {AwsError} NoSuchBucket or NoSuchUpload. */
const uploadOf = ({ bucketName, key, query }: S3Call, context: Context): UploadRow => {
  existingBucket(bucketName, context);
  const upload = context.multipart.find(bucketName, key, query.get('uploadId') ?? '');
  if (!upload) throw noSuchUpload();
  return upload;
};

const recordIn = (upload: UploadRow): ObjectRecord => JSON.parse(upload.record) as ObjectRecord;

const keyNeedsOf = (upload: UploadRow, context: Context) =>
  keyNeeds(context, recordIn(upload).kmsKeyId, ...KEY_ACTIONS);

export const uploadPart: Operation = async (call, context) => {
  const { bucketName, key, headers, query, request } = call;
  if (headers['x-amz-copy-source'] !== undefined) throw notImplemented('UploadPartCopy');
  permit(call, objectNeed(context, bucketName, key, 'PutObject'));
  const upload = uploadOf(call, context);
  permit(call, ...keyNeedsOf(upload, context));
  const number = Number(query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
    throw invalidArgument(`Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`);
  }
  const algorithm = upload.algorithm !== null && isAlgorithm(upload.algorithm) ? upload.algorithm : undefined;
  const incoming = await receiveBody(headers, request.body, context.files, algorithm);
  taking(incoming.file, context, () => {
    if (algorithm !== undefined && incoming.checksum?.algorithm !== algorithm) {
      throw new AwsError('InvalidRequest', 'The checksum of the part is not of the algorithm that the upload names.');
    }
    // The upload may have been completed or aborted while the part arrived.
    context.multipart.putPart(uploadOf(call, context), number, incoming);
  });
  const { checksum } = incoming;
  return {
    status: 200,
    headers: {
      etag: `"${incoming.md5}"`,
      ...(checksum ? { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value } : {}),
      ...encryptionHeaders(recordIn(upload)),
    },
  };
};

/** The parts that the caller lists, in order. @throws {AwsError} MalformedXML, InvalidPart, InvalidPartOrder, EntityTooSmall. */
const listedParts = (xml: string, stored: readonly PartRow[]): PartRow[] => {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  const root = readXml(xml);
  const listed = childrenNamed(root, 'Part');
  if (root.name !== 'CompleteMultipartUpload' || listed.length === 0) throw malformedXml();
  const parts = listed.map((element) => {
    const part = byNumber.get(Number(textOfChild(element, 'PartNumber')));
    if (!part || unquoted(textOfChild(element, 'ETag') ?? '') !== part.etag) {
      throw new AwsError(
        'InvalidPart',
        'One or more of the specified parts could not be found. The part may not have been uploaded, or the ETag does not match.',
      );
    }
    return part;
  });
  if (parts.some(({ number }, index) => index > 0 && number <= (parts[index - 1]?.number ?? 0))) {
    throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  if (parts.slice(0, -1).some(({ size }) => size < LEAST_PART_BYTES)) {
    throw new AwsError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size of a part, 5 MiB.',
    );
  }
  return parts;
};

const BUFFER_BYTES = 1024 * 1024;

/** Writes the parts behind each other into a new file. */
const join = async (parts: readonly PartRow[], files: Files, hasher: Hasher | undefined): Promise<string> => {
  const file = files.create();
  const target = await open(files.pathOf(file), 'wx', 0o600);
  try {
    const buffer = Buffer.alloc(BUFFER_BYTES);
    for (const { file: name } of parts) {
      const source = await open(files.pathOf(name));
      try {
        for (;;) {
          const { bytesRead } = await source.read(buffer, 0, BUFFER_BYTES);
          if (bytesRead === 0) break;
          const bytes = buffer.subarray(0, bytesRead);
          hasher?.update(bytes);
          for (let at = 0; at < bytesRead; ) at += (await target.write(bytes, at)).bytesWritten;
        }
      } finally {
        await source.close();
      }
    }
  } catch (error) {
    files.discard([file]);
    // Another call has completed or aborted the upload and its parts are gone.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchUpload();
    throw error;
  } finally {
    await target.close();
  }
  return file;
};

const checksumOf = (
  { algorithm, checksum_type: type }: UploadRow,
  parts: readonly PartRow[],
  hasher: Hasher | undefined,
): Checksum | undefined => {
  if (algorithm === null || !isAlgorithm(algorithm)) return undefined;
  if (type === 'COMPOSITE')
    return compositeOf(
      algorithm,
      parts.map(({ checksum }) => checksum ?? ''),
    );
  return hasher && { algorithm, value: hasher.digest().toString('base64'), type: 'FULL_OBJECT' };
};

const checkStated = (headers: Headers, checksum: Checksum | undefined): void => {
  const stated = checksum && headers[`x-amz-checksum-${checksum.algorithm}`];
  if (stated !== undefined && stated !== checksum?.value) throw badDigest('checksum');
};

export const completeUpload: Operation = async (call, context) => {
  const { bucketName, key, headers, request } = call;
  permit(call, ...writeNeeds(call, context, undefined));
  const upload = uploadOf(call, context);
  permit(call, ...keyNeedsOf(upload, context));
  const bucket = existingBucket(bucketName, context);
  const xml = (await readBody(request.body, LARGEST_COMPLETION_BYTES)).toString('utf8');
  const parts = listedParts(xml, context.multipart.parts(upload));
  const condition = writeConditionOf(headers);
  condition(context.store.find(bucketName, key));

  const { algorithm, checksum_type: type } = upload;
  const hasher =
    type === 'FULL_OBJECT' && algorithm !== null && isAlgorithm(algorithm) ? hasherOf(algorithm) : undefined;
  const file = await join(parts, context.files, hasher);
  const checksum = checksumOf(upload, parts, hasher);
  const record: ObjectRecord = { ...recordIn(upload), parts: parts.length, ...(checksum ? { checksum } : {}) };
  let left: readonly string[] = [];
  const row = taking(file, context, () => {
    checkStated(headers, checksum);
    const object = {
      key,
      file,
      size: parts.reduce((sum, { size }) => sum + size, 0),
      etag: etagOfParts(parts),
      record,
      tags: JSON.parse(upload.tags) as Tags,
    };
    return context.store.put(
      bucket,
      object,
      (current) => {
        uploadOf(call, context);
        condition(current);
      },
      causeOf(call, 'ObjectCreated:CompleteMultipartUpload'),
      () => {
        left = context.multipart.forget(upload);
      },
    );
  });
  context.files.discard(left);
  return xmlResponse(
    'CompleteMultipartUploadResult',
    toXml({
      Location: `${context.host.endpoint}/${bucketName}/${encodeURIComponent(key)}`,
      Bucket: bucketName,
      Key: key,
      ETag: `"${row.etag}"`,
      ...(checksum
        ? { [`Checksum${checksum.algorithm.toUpperCase()}`]: checksum.value, ChecksumType: checksum.type }
        : {}),
    }),
    { ...versionHeader(row.version_id, bucket.versioning), ...encryptionHeaders(record) },
  );
};

/** MD5 over the MD5s of the parts, and their number. */
const etagOfParts = (parts: readonly PartRow[]): string => {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
};

export const abortUpload: Operation = (call, context) => {
  permit(call, objectNeed(context, call.bucketName, call.key, 'AbortMultipartUpload'));
  context.multipart.abort(uploadOf(call, context));
  return { status: 204 };
};

export const listParts: Operation = (call, context) => {
  const { bucketName, key, query } = call;
  permit(call, objectNeed(context, bucketName, key, 'ListMultipartUploadParts'));
  const upload = uploadOf(call, context);
  const after = Number(query.get('part-number-marker') ?? 0);
  const limit = Math.min(1000, Number(query.get('max-parts') ?? 1000));
  if (!Number.isInteger(after) || !Number.isInteger(limit) || limit < 1)
    throw invalidArgument('max-parts or its marker');
  const rest = context.multipart.parts(upload).filter(({ number }) => number > after);
  const shown = rest.slice(0, limit);
  return xmlResponse(
    'ListPartsResult',
    toXml({
      Bucket: bucketName,
      Key: key,
      UploadId: upload.id,
      PartNumberMarker: after,
      NextPartNumberMarker: shown.at(-1)?.number ?? 0,
      MaxParts: limit,
      IsTruncated: rest.length > limit,
      Part: shown.map((part) => ({
        PartNumber: part.number,
        LastModified: new Date(part.modified_ms).toISOString(),
        ETag: `"${part.etag}"`,
        Size: part.size,
        ...(upload.algorithm && part.checksum ? { [`Checksum${upload.algorithm.toUpperCase()}`]: part.checksum } : {}),
      })),
    }),
  );
};
