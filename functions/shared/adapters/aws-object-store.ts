import type { Readable } from 'node:stream';

import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import type { AwsCall } from './aws-call.ts';

/** Objects of one bucket, each read and written whole. */
export class AwsObjectStore implements ObjectStore {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #call: AwsCall;

  readonly #what: string;

  /** @param what - the bucket as messages name it. */
  constructor(s3: S3Client, bucket: string, call: AwsCall, what = 'the models bucket') {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#call = call;
    this.#what = what;
  }

  async get(key: string, deadline: Deadline, mostBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    const read = async (options: { readonly abortSignal: AbortSignal }): Promise<Uint8Array | undefined> => {
      const { Body, ContentLength = 0 } = await this.#s3.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
        options,
      );
      if (ContentLength > mostBytes) {
        (Body as Readable | undefined)?.destroy();
        throw new ServiceError('too_large', `${this.#what} has more than ${mostBytes} bytes under that key`);
      }
      // Read within the try: a body that drips forever is aborted with it.
      return Body?.transformToByteArray();
    };
    try {
      return await this.#call(read, { deadline, what: this.#what });
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async put(key: string, bytes: Uint8Array, contentType: string, deadline: Deadline): Promise<void> {
    const command = () =>
      new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: bytes, ContentType: contentType });
    await this.#call((options) => this.#s3.send(command(), options), { deadline, what: this.#what });
  }
}
