import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { SignatureV4 } from '@smithy/signature-v4';

import type { System } from './system.ts';

/** SHA-256 in the shape that the signer takes. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = typeof secret === 'string' ? secret : secret && bytesOf(secret);
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

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

  constructor(system: System) {
    this.system = system;
    this.#s3 = new S3Client({
      region: system.region,
      ...(system.endpoint && { endpoint: system.endpoint, forcePathStyle: true }),
      ...(system.credentials && { credentials: system.credentials }),
    });
  }

  /** Calls the API. @param path - below the stage, such as `v1/decisions`, encoded. */
  async call(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const url = new URL(path, this.system.apiUrl);
    const signer = new SignatureV4({
      service: 'execute-api',
      region: this.system.region,
      credentials: await this.#s3.config.credentials(),
      sha256: Sha256,
    });
    const text = body === undefined ? undefined : JSON.stringify(body);
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    });
    const answer = await fetch(url, { method, headers: signed.headers, ...(text !== undefined && { body: text }) });
    const received = await answer.text();
    return { status: answer.status, body: received === '' ? undefined : JSON.parse(received) };
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
    if (!VersionId) throw new Error(`bucket '${this.system.inboxBucket}' keeps no versions; it is not Assay's inbox`);
    return { bucket: this.system.inboxBucket, key, versionId: VersionId, bytes };
  }

  /** Copies an object of the results bucket into a local file. */
  async fetchResult(key: string, file: string): Promise<void> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.system.resultBucket, Key: key }));
    await pipeline(Body as Readable, createWriteStream(file));
  }

  close(): void {
    this.#s3.destroy();
  }
}
