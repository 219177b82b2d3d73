import { AwsError } from '../errors.ts';
import type { Authorise, AwsRequest } from '../service.ts';
import {
  deleteObjects,
  getLocation,
  getVersioning,
  headBucket,
  listBuckets,
  listObjects,
  listVersions,
} from './bucket-operations.ts';
import type { Operation, S3Call } from './call.ts';
import { notImplemented } from './errors.ts';
import { abortUpload, completeUpload, createUpload, listParts, uploadPart } from './multipart-operations.ts';
import { getRetention } from './object-lock.ts';
import { getTagging, readObject } from './read-operations.ts';
import { copyObject, deleteObject, deleteTagging, putObject, putTagging } from './write-operations.ts';

const LONGEST_KEY_BYTES = 1024;

/**
 * Takes the address of a request apart: path-style, as clients use it with an IP address.
 *
 * @throws {AwsError} InvalidURI or KeyTooLongError.
 */
export const callOf = (request: AwsRequest, authorise: Authorise): S3Call => {
  const [, bucketName = '', rawKey = ''] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
  const key = decoded(rawKey);
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) throw new AwsError('KeyTooLongError', 'Your key is too long');
  return {
    request,
    authorise,
    bucketName: decoded(bucketName),
    key,
    query: request.query,
    headers: request.query.has('X-Amz-Signature') ? { ...hoisted(request.query), ...request.headers } : request.headers,
  };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
};

/** Headers that a presigned address carries as parameters. */
const hoisted = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...query].map(([name, value]) => [name.toLowerCase(), value]).filter(([name]) => /^x-amz-/.test(name ?? '')),
  );

/** Parameters that name another operation than the plain one of their method. */
const SUBRESOURCES = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
] as const;

const ROUTES: Readonly<Record<string, Operation>> = {
  'GET service': listBuckets,
  'HEAD bucket': headBucket,
  'GET bucket list': listObjects,
  'GET bucket location': getLocation,
  'GET bucket versioning': getVersioning,
  'GET bucket versions': listVersions,
  'POST bucket delete': deleteObjects,
  'GET object': readObject,
  'HEAD object': readObject,
  'PUT object': putObject,
  'PUT object copy': copyObject,
  'DELETE object': deleteObject,
  'GET object tagging': getTagging,
  'GET object retention': getRetention,
  'PUT object tagging': putTagging,
  'DELETE object tagging': deleteTagging,
  'POST object uploads': createUpload,
  'PUT object uploadId': uploadPart,
  'POST object uploadId': completeUpload,
  'DELETE object uploadId': abortUpload,
  'GET object uploadId': listParts,
};

/** @throws {AwsError} NotImplemented, naming what was asked for. */
export const routeOf = (call: S3Call): Operation => {
  const { request, bucketName, key, query, headers } = call;
  const level = bucketName === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const subresource = SUBRESOURCES.find((name) => query.has(name));
  const kind = subresource ?? plainKind(level, query, headers['x-amz-copy-source'] !== undefined, request.method);
  const route = [request.method, level, kind].filter((part) => part !== '').join(' ');
  const operation = ROUTES[route];
  if (!operation) throw notImplemented(`the request '${route}'`);
  return operation;
};

const plainKind = (level: string, query: URLSearchParams, copies: boolean, method: string): string => {
  if (level === 'bucket' && query.get('list-type') === '2') return 'list';
  return level === 'object' && method === 'PUT' && copies ? 'copy' : '';
};
