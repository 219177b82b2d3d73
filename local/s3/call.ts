import type { Host } from '../resources.ts';
import type { Authorise, AwsRequest, AwsResponse, Need } from '../service.ts';
import { type Bucket, type Buckets, bucketArn } from './bucket.ts';
import { noSuchBucket } from './errors.ts';
import type { Files } from './files.ts';
import type { Headers } from './incoming.ts';
import type { Listing } from './listing.ts';
import type { Mishaps } from './mishaps.ts';
import type { Multipart } from './multipart-store.ts';
import type { Cause, ObjectStore } from './store.ts';

/** What the operations share. */
export interface Context {
  readonly host: Host;
  readonly buckets: Buckets;
  readonly store: ObjectStore;
  readonly listing: Listing;
  readonly multipart: Multipart;
  readonly files: Files;
  /** What goes wrong on purpose. */
  readonly mishaps: Mishaps;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** One request, with the address taken apart. */
export interface S3Call {
  readonly request: AwsRequest;
  /** Headers, and what a presigned address carries in their stead. */
  readonly headers: Headers;
  readonly query: URLSearchParams;
  /** Empty for the list of buckets. */
  readonly bucketName: string;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
  readonly authorise: Authorise;
}

export type Operation = (call: S3Call, context: Context) => Promise<AwsResponse> | AwsResponse;

/** What an action on a bucket needs. */
export const bucketNeed = (
  { buckets }: Pick<Context, 'buckets'>,
  bucketName: string,
  action: string,
  context?: Readonly<Record<string, string>>,
): Need => needOn(buckets.find(bucketName), bucketArn(bucketName), action, context);

/** What an action on an object needs. */
export const objectNeed = (
  { buckets }: Pick<Context, 'buckets'>,
  bucketName: string,
  key: string,
  action: string,
  context?: Readonly<Record<string, string>>,
): Need => needOn(buckets.find(bucketName), `${bucketArn(bucketName)}/${key}`, action, context);

const needOn = (
  bucket: Bucket | undefined,
  resource: string,
  action: string,
  context: Readonly<Record<string, string>> | undefined,
): Need => ({
  action: `s3:${action}`,
  resource,
  ...(context ? { context } : {}),
  ...(bucket?.policy ? { resourcePolicy: bucket.policy } : {}),
});

/** What the key behind an object needs: S3 uses it in the name of the caller. */
export const keyNeeds = ({ host }: Pick<Context, 'host'>, keyId: string | undefined, ...actions: string[]): Need[] =>
  keyId === undefined ? [] : actions.map((action) => host.keyNeed(keyId, `kms:${action}`, 's3'));

/** Refuses the call unless all is granted. */
export const permit = ({ authorise, request }: S3Call, ...needs: Need[]): void => authorise(request.principal, needs);

/** @throws {AwsError} NoSuchBucket. */
export const existingBucket = (bucketName: string, { buckets }: Pick<Context, 'buckets'>): Bucket => {
  const bucket = buckets.find(bucketName);
  if (!bucket) throw noSuchBucket();
  return bucket;
};

export const causeOf = ({ request }: S3Call, event: string): Cause => ({
  event,
  principalId: `AWS:${request.principal.arn}`,
  requestId: request.requestId,
});

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export const xmlResponse = (root: string, content: string, headers: Record<string, string> = {}): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${content}</${root}>`,
});

/** Headers without those that are undefined. */
export const present = (headers: Headers): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
