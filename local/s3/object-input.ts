import { randomBytes } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Need } from '../service.ts';
import type { Bucket } from './bucket.ts';
import { type Context, keyNeeds, objectNeed, present, type S3Call } from './call.ts';
import { invalidArgument, malformedXml, noSuchKey, notImplemented, preconditionFailed } from './errors.ts';
import type { Headers } from './incoming.ts';
import type { ObjectRecord, Tags } from './schema.ts';
import type { WriteCondition } from './store.ts';
import { childrenNamed, readXml, textOfChild } from './xml-reader.ts';

const KEPT_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'expires'] as const;
const MOST_METADATA_BYTES = 2048;

/** Refuses headers that would change what an object is in ways that are not emulated. */
const refuseStrange = (headers: Headers): void => {
  const strange = Object.keys(headers).find((name) =>
    /^x-amz-(server-side-encryption-customer-|object-lock-|website-redirect-location|grant-|write-offset)/.test(name),
  );
  if (strange) throw notImplemented(`the header ${strange}`);
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'bucket-owner-full-control') {
    throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  }
  const storageClass = headers['x-amz-storage-class'];
  if (storageClass !== undefined && storageClass !== 'STANDARD') throw notImplemented(`storage class ${storageClass}`);
};

/**
 * What a request says of the object that it makes.
 *
 * @throws {AwsError} NotImplemented, MetadataTooLarge or InvalidArgument.
 */
export const recordOf = (headers: Headers, bucket: Bucket): ObjectRecord => {
  refuseStrange(headers);
  const metadata = Object.fromEntries(
    Object.entries(present(headers))
      .filter(([name]) => name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name.slice('x-amz-meta-'.length), value]),
  );
  const bytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MOST_METADATA_BYTES) {
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size.');
  }
  const encoding = headers['content-encoding']
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'aws-chunked' && name !== '')
    .join(',');
  return {
    headers: present({
      'content-type': headers['content-type'] ?? 'binary/octet-stream',
      ...Object.fromEntries(KEPT_HEADERS.map((name) => [name, headers[name]])),
      'content-encoding': encoding || undefined,
    }),
    metadata,
    ...encryptionOf(headers, bucket),
  };
};

const encryptionOf = (headers: Headers, bucket: Bucket): Pick<ObjectRecord, 'encryption' | 'kmsKeyId'> => {
  const wanted = headers['x-amz-server-side-encryption'];
  const keyId = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  if (wanted === 'AES256') return { encryption: 'AES256' };
  if (wanted === 'aws:kms') return { encryption: 'aws:kms', kmsKeyId: keyId ?? bucket.kmsKeyId ?? 'alias/aws/s3' };
  if (wanted !== undefined) throw invalidArgument('The encryption method specified is not supported');
  return bucket.kmsKeyId === undefined
    ? { encryption: 'AES256' }
    : { encryption: 'aws:kms', kmsKeyId: bucket.kmsKeyId };
};

/** The entity tag of a new object: the MD5 of its content, which the service cannot show of what it encrypts. */
export const etagOf = (md5: string, { kmsKeyId }: ObjectRecord): string =>
  kmsKeyId === undefined ? md5 : randomBytes(16).toString('hex');

/** What writing an object needs, tags and conditions included. */
export const writeNeeds = (
  { headers, bucketName, key }: S3Call,
  context: Context,
  record: ObjectRecord | undefined,
  ...keyActions: string[]
): Need[] => {
  const keys = present({
    's3:x-amz-server-side-encryption': headers['x-amz-server-side-encryption'],
    's3:x-amz-server-side-encryption-aws-kms-key-id': headers['x-amz-server-side-encryption-aws-kms-key-id'],
    's3:if-match': headers['if-match'],
    's3:if-none-match': headers['if-none-match'],
  });
  return [
    objectNeed(context, bucketName, key, 'PutObject', keys),
    // A condition on what is there tells something about it.
    ...(headers['if-match'] === undefined ? [] : [objectNeed(context, bucketName, key, 'GetObject')]),
    ...(headers['x-amz-tagging'] === undefined ? [] : [objectNeed(context, bucketName, key, 'PutObjectTagging')]),
    ...keyNeeds(context, record?.kmsKeyId, ...keyActions),
  ];
};

/** `If-None-Match: *` writes only what is not there yet, `If-Match` only over the version that the caller knows. */
export const writeConditionOf = (headers: Headers): WriteCondition => {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw notImplemented('If-None-Match with anything but * on a write');
  return (current) => {
    const exists = current !== undefined && current.marker === 0;
    if (ifNoneMatch !== undefined && exists) throw preconditionFailed('If-None-Match');
    if (ifMatch === undefined) return;
    if (!exists) throw noSuchKey();
    if (ifMatch !== '*' && unquoted(ifMatch) !== current.etag) throw preconditionFailed('If-Match');
  };
};

export const unquoted = (etag: string): string => etag.trim().replace(/^"(.*)"$/, '$1');

const MOST_TAGS = 10;

/** Tags of a header, in the form of a query. */
export const tagsInHeader = (header: string | undefined): Tags => checkedTags([...new URLSearchParams(header ?? '')]);

/** Tags of a request's body. @throws {AwsError} MalformedXML or InvalidTag. */
export const tagsInXml = (xml: string): Tags => {
  const root = readXml(xml);
  const [set] = childrenNamed(root, 'TagSet');
  if (root.name !== 'Tagging' || !set) throw malformedXml();
  return checkedTags(
    childrenNamed(set, 'Tag').map((tag): [string, string] => {
      const [name, value] = [textOfChild(tag, 'Key'), textOfChild(tag, 'Value')];
      if (name === undefined || value === undefined) throw malformedXml();
      return [name, value];
    }),
  );
};

const checkedTags = (tags: [string, string][]): Tags => {
  if (tags.length > MOST_TAGS) throw new AwsError('BadRequest', `Object tags cannot be greater than ${MOST_TAGS}`);
  const valid =
    tags.every(([name, value]) => name.length >= 1 && name.length <= 128 && value.length <= 256) &&
    new Set(tags.map(([name]) => name)).size === tags.length;
  if (!valid) throw new AwsError('InvalidTag', 'A tag is too long, has no key, or its key is there twice');
  return tags;
};
