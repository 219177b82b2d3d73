import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';

/** S3 takes at least 5 MB for every part but the last, and 10,000 parts at most: 80 GB of these. */
const PART_BYTES = 8 * 1024 ** 2;

/** Gathers content into parts of one size, the last one shorter. */
export async function* partsOf(
  content: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  size = PART_BYTES,
): AsyncGenerator<Buffer, undefined> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    waiting.push(bytes);
    length += bytes.length;
    if (length < size) continue;
    const all = Buffer.concat(waiting);
    const whole = all.length - (all.length % size);
    for (let at = 0; at < whole; at += size) yield all.subarray(at, at + size);
    waiting = [all.subarray(whole)];
    length = all.length - whole;
  }
  if (length > 0) yield Buffer.concat(waiting);
}

export interface UploadTarget {
  readonly s3: S3Client;
  readonly call: AwsCall;
  readonly what: string;
  readonly deadline: Deadline;
  readonly target: { readonly Bucket: string; readonly Key: string };
}

/** An object written part by part: there once it is complete, and never before. */
export class MultipartUpload {
  readonly #to: UploadTarget;
  readonly #uploadId: string;
  readonly #parts: { readonly ETag: string | undefined; readonly PartNumber: number }[] = [];

  private constructor(to: UploadTarget, uploadId: string) {
    this.#to = to;
    this.#uploadId = uploadId;
  }

  static async start(to: UploadTarget, contentType: string): Promise<MultipartUpload> {
    const command = () => new CreateMultipartUploadCommand({ ...to.target, ContentType: contentType });
    const { UploadId } = await to.call((options) => to.s3.send(command(), options), to);
    return new MultipartUpload(to, UploadId ?? '');
  }

  async part(body: Buffer): Promise<void> {
    const { s3, call, target } = this.#to;
    const PartNumber = this.#parts.length + 1;
    const command = () => new UploadPartCommand({ ...target, UploadId: this.#uploadId, PartNumber, Body: body });
    const { ETag } = await call((options) => s3.send(command(), options), this.#to);
    this.#parts.push({ ETag, PartNumber });
  }

  async complete(): Promise<void> {
    const { s3, call, target } = this.#to;
    const MultipartUpload = { Parts: this.#parts };
    const command = () => new CompleteMultipartUploadCommand({ ...target, UploadId: this.#uploadId, MultipartUpload });
    await call((options) => s3.send(command(), options), this.#to);
  }

  /** Gives the parts back. What cannot be given back, the bucket's lifecycle removes. */
  async abort(): Promise<void> {
    const { s3, call, target } = this.#to;
    const command = () => new AbortMultipartUploadCommand({ ...target, UploadId: this.#uploadId });
    await call((options) => s3.send(command(), options), this.#to).catch(() => {});
  }
}
