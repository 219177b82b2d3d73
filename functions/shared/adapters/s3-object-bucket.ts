import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectBucket, ObjectVersion, OpenedObject, RandomAccess } from '#ports/object-store.ts';
import type { AwsCall } from './aws-call.ts';
import { isUnavailable } from './aws-failures.ts';
import { MultipartUpload, partsOf } from './s3-multipart.ts';

export interface S3ObjectBucketOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  /** As messages name it: `the inbox bucket`. */
  readonly what: string;
  readonly call: AwsCall;
}

/** Connections in a row that may break without a byte read. */
const MAX_BREAKS = 3;

/** Objects of an S3 bucket, as streams. */
export class S3ObjectBucket implements ObjectBucket {
  readonly #options: S3ObjectBucketOptions;

  constructor(options: S3ObjectBucketOptions) {
    this.#options = options;
  }

  async open(version: ObjectVersion, deadline: Deadline): Promise<OpenedObject> {
    try {
      const first = await this.#get(version, 0, deadline);
      return {
        found: true,
        bytes: this.#stream(version, first, deadline),
        parts: this.#parts(version, first, deadline),
      };
    } catch (error) {
      const why = absenceOf(error);
      if (!why) throw error;
      // A version that is gone while its key is not has had its place taken.
      const replaced = version.versionId !== undefined && (await this.#stands(version.key, deadline));
      return { found: false, why: replaced ? 'overwritten' : why };
    }
  }

  async write(
    key: string,
    content: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
    contentType: string,
    deadline: Deadline,
  ): Promise<void> {
    const { s3, bucket, call, what } = this.#options;
    const parts = partsOf(content);
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    if (second.done) {
      const body = first.done ? Buffer.alloc(0) : first.value;
      const command = () => new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType });
      await call((options) => s3.send(command(), options), { deadline, what });
      return;
    }
    const upload = await MultipartUpload.start(
      { s3, call, what, deadline, target: { Bucket: bucket, Key: key } },
      contentType,
    );
    try {
      await upload.part(first.value!);
      await upload.part(second.value);
      for await (const part of parts) await upload.part(part);
      await upload.complete();
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  /** Whether there is an object of this key: of all keys that begin so, it would be the first. */
  async #stands(key: string, deadline: Deadline): Promise<boolean> {
    const { s3, bucket, call, what } = this.#options;
    const command = () => new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 });
    const { Contents = [] } = await call((options) => s3.send(command(), options), { deadline, what });
    return Contents[0]?.Key === key;
  }

  async *keysUnder(prefix: string, deadline: Deadline): AsyncIterable<string> {
    const { s3, bucket, call, what } = this.#options;
    let token: string | undefined;
    do {
      const command = () => new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
      const page: ListObjectsV2CommandOutput = await call((options) => s3.send(command(), options), { deadline, what });
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  #get(version: ObjectVersion, from: number, deadline: Deadline): Promise<GetObjectCommandOutput> {
    const { s3, call, what } = this.#options;
    const range = from > 0 ? `bytes=${from}-` : undefined;
    // The signal also bounds the body, however slowly it drips: it is the deadline's own, not one of a try.
    return call((options) => s3.send(this.#command(version, range), options), { deadline, what });
  }

  #command({ key, versionId, eTag }: ObjectVersion, range: string | undefined): GetObjectCommand {
    return new GetObjectCommand({
      Bucket: this.#options.bucket,
      Key: key,
      ...(versionId !== undefined && versionId !== 'null' ? { VersionId: versionId } : eTag && { IfMatch: eTag }),
      ...(range !== undefined && { Range: range }),
    });
  }

  /** Parts of the content that was opened, each read by a request of its own. */
  #parts(version: ObjectVersion, { ContentLength, ETag }: GetObjectCommandOutput, deadline: Deadline): RandomAccess {
    const { s3, call, what } = this.#options;
    const pinned = { ...version, eTag: version.eTag ?? ETag };
    const read = async (from: number, length: number): Promise<Uint8Array> => {
      const range = `bytes=${from}-${from + length - 1}`;
      const bytes = await call(
        async (options) => {
          const { Body } = await s3.send(this.#command(pinned, range), options);
          // Read within the try, so that a connection that breaks is tried again.
          return Body?.transformToByteArray();
        },
        { deadline, what },
      ).catch((error: unknown) => {
        throw absenceOf(error)
          ? new ServiceError('store_unavailable', `${what} lost an object while it was read`, { cause: error })
          : error;
      });
      if (bytes?.length === length) return bytes;
      throw new ServiceError('store_unavailable', `${what} gave ${bytes?.length ?? 0} bytes of ${length}`);
    };
    return { size: ContentLength ?? 0, read };
  }

  /** The body, and behind each break of the connection the rest of it. A body that ends too early is a break, too. */
  async *#stream(
    version: ObjectVersion,
    first: GetObjectCommandOutput,
    deadline: Deadline,
  ): AsyncGenerator<Uint8Array> {
    // A later version must not continue an earlier one's bytes.
    const pinned = { ...version, eTag: version.eTag ?? first.ETag };
    let body = bodyOf(first);
    let position = 0;
    const length = first.ContentLength;
    for (let breaks = 0; ; ) {
      let broken: unknown;
      try {
        for await (const piece of body) {
          position += piece.length;
          breaks = 0;
          yield piece;
        }
        if (length === undefined) return;
      } catch (error) {
        broken = error;
      }
      if (position === length) return;
      if (++breaks > MAX_BREAKS || deadline.signal.aborted || (broken !== undefined && !mayResume(broken))) {
        throw new ServiceError('store_unavailable', `${this.#options.what} broke off an object`, { cause: broken });
      }
      body = bodyOf(await this.#get(pinned, position, deadline));
    }
  }
}

const bodyOf = ({ Body }: GetObjectCommandOutput): AsyncIterable<Uint8Array> =>
  (Body ?? []) as AsyncIterable<Uint8Array>;

const mayResume = (error: unknown): boolean =>
  isUnavailable(error) ||
  (error instanceof Error && /aborted|premature|socket/i.test(`${error.name} ${error.message}`));

/** What an error says of the version that was asked for, if it says that it is no more. */
const absenceOf = (error: unknown): 'deleted' | 'overwritten' | undefined => {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if ($metadata?.httpStatusCode === 412) return 'overwritten';
  // 405: the version is a delete marker.
  const gone = ['NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed'].includes(name ?? '');
  return gone || $metadata?.httpStatusCode === 404 ? 'deleted' : undefined;
};
