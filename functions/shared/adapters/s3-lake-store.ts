import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

import type { Deadline } from '#ports/clock.ts';
import type { LakeStore, ListedObject } from '#ports/lake-store.ts';
import type { AwsCall } from './aws-call.ts';

const WHAT = 'the lake bucket';

/** The lake in a bucket of S3. */
export class S3LakeStore implements LakeStore {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #call: AwsCall;

  /** @param tryMs - how long one try of a call may take, body included. @default what the deadline leaves */
  constructor(s3: S3Client, bucket: string, call: AwsCall, tryMs?: number) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#call = (send, options) => call(send, { ...options, ...(tryMs !== undefined && { tryMs }) });
  }

  async get(key: string, deadline: Deadline) {
    const read = async (options: { readonly abortSignal: AbortSignal }) => {
      const { Body, ETag = '' } = await this.#s3.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
        options,
      );
      // Read within the try: a body that drips forever is aborted with it.
      return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), tag: ETag };
    };
    try {
      return await this.#call(read, { deadline, what: WHAT });
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async put(key: string, bytes: Uint8Array, contentType: string, deadline: Deadline): Promise<void> {
    const command = () =>
      new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: bytes, ContentType: contentType });
    await this.#call((options) => this.#s3.send(command(), options), { deadline, what: WHAT });
  }

  async replace(
    key: string,
    bytes: Uint8Array,
    expected: string | undefined,
    deadline: Deadline,
  ): Promise<string | undefined> {
    const condition = expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected };
    const command = () =>
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: bytes,
        ContentType: 'application/json',
        ...condition,
      });
    try {
      // One try: after a lost answer, what is there may be this very content, and the caller has to look.
      const once = { deadline, what: WHAT, attempts: 1 };
      const { ETag } = await this.#call((options) => this.#s3.send(command(), options), once);
      return ETag;
    } catch (error) {
      if (isOtherContent(error)) return undefined;
      throw error;
    }
  }

  async *list(prefix: string, after: string, deadline: Deadline): AsyncIterable<ListedObject> {
    let token: string | undefined;
    do {
      const start = token === undefined ? { StartAfter: after } : { ContinuationToken: token };
      const command = () => new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, ...start });
      const page: ListObjectsV2CommandOutput = await this.#call((options) => this.#s3.send(command(), options), {
        deadline,
        what: WHAT,
      });
      for (const { Key, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) yield { key: Key, writtenMs: LastModified?.getTime() ?? 0 };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }
}

/** 412: other content is there. 409: another writer was at it in the same moment. 404: what was expected is gone. */
const isOtherContent = (error: unknown): boolean => {
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === 412 || status === 409 || status === 404;
};
