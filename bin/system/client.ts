import { createReadStream, createWriteStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

import { type ApiAnswer, SignedApi } from '#adapters/signed-api.ts';
import type { System } from './system.ts';

export interface DroppedObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly bytes: number;
}

/** Talks to a running or deployed Assay as its users do: signed calls of the API, objects in its buckets. */
export class AssayClient {
  readonly system: System;
  readonly #s3: S3Client;
  readonly #api: SignedApi;

  constructor(system: System) {
    this.system = system;
    this.#s3 = new S3Client({
      region: system.region,
      ...(system.endpoint && { endpoint: system.endpoint, forcePathStyle: true }),
      ...(system.credentials && { credentials: system.credentials }),
    });
    this.#api = new SignedApi({
      apiUrl: system.apiUrl,
      region: async () => system.region,
      credentials: () => this.#s3.config.credentials(),
    });
  }

  /** Calls the API. @param path - below the stage, such as `v1/decisions`, encoded. */
  call(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    return this.#api.call({ method, path, body, headers });
  }

  /** Puts what is too large for a request where the administration finds it. @param key - under `uploads/`. */
  async upload(key: string, bytes: Uint8Array): Promise<void> {
    const Bucket = this.system.modelBucket;
    await this.#s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes }));
  }

  /** Puts content into the inbox. */
  async dropContent(key: string, content: string): Promise<DroppedObject> {
    const bucket = this.system.inboxBucket;
    const { VersionId } = await this.#s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
    return { bucket, key, versionId: versionOf(VersionId, bucket), bytes: Buffer.byteLength(content) };
  }

  /** Puts a file into the inbox, in parts where it is large. @param onProgress - told the bytes sent so far. */
  async drop(file: string, key: string, onProgress: (bytes: number) => void = () => {}): Promise<DroppedObject> {
    const { size: bytes } = statSync(file);
    const upload = new Upload({
      client: this.#s3,
      params: { Bucket: this.system.inboxBucket, Key: key, Body: createReadStream(file) },
      partSize: 16 * 1024 * 1024,
    });
    upload.on('httpUploadProgress', ({ loaded = 0 }) => onProgress(loaded));
    const { VersionId } = await upload.done();
    const bucket = this.system.inboxBucket;
    return { bucket, key, versionId: versionOf(VersionId, bucket), bytes };
  }

  /** The version of an object of the inbox that stands now; undefined when there is none. */
  async latestOf({ bucket, key }: Pick<DroppedObject, 'bucket' | 'key'>): Promise<DroppedObject | undefined> {
    try {
      const head = await this.#s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return { bucket, key, versionId: head.VersionId ?? 'null', bytes: head.ContentLength ?? 0 };
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
      throw error;
    }
  }

  /** Copies an object of the results bucket into a local file. */
  async fetchResult(key: string, file: string): Promise<void> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.system.resultBucket, Key: key }));
    await pipeline(Body as Readable, createWriteStream(file));
  }

  /** The text of an object of the results bucket: for small ones. */
  async resultText(key: string): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.system.resultBucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  close(): void {
    this.#s3.destroy();
  }
}

/** @throws {Error} when a bucket gave none. */
const versionOf = (versionId: string | undefined, bucket: string): string => {
  if (versionId) return versionId;
  throw new Error(`bucket '${bucket}' keeps no versions; it is not Assay's inbox`);
};
