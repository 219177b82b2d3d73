import { createHash } from 'node:crypto';

import { noSuchKey, s3Error } from './aws-errors.ts';
import type { BucketWiring } from './wiring.ts';

/** One version of an object; without bytes, the mark that it was deleted. */
export interface ObjectVersion {
  readonly versionId: string;
  readonly sequencer: string;
  readonly bytes?: Buffer;
  /** In place of bytes: see `putEndless`. */
  readonly made?: { readonly length: number; readonly pieces: () => Iterable<Buffer> };
  readonly eTag: string;
}

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
}

interface Bucket {
  readonly wiring: BucketWiring;
  /** Versions by key, the newest last. */
  readonly objects: Map<string, ObjectVersion[]>;
  readonly uploads: Map<string, Upload>;
}

/** What a body gives when it is read: at once, or broken off somewhere. */
export interface BodyFate {
  /** Bytes after which the connection breaks; undefined when it holds. */
  readonly breaksAfter?: number;
}

const LEAST_PART_BYTES = 5 * 1024 ** 2;
const PAGE_KEYS = 1_000;

/** S3 with versions, uploads in parts and notifications. */
export class FakeS3 {
  readonly #buckets: ReadonlyMap<string, Bucket>;
  readonly #announce: (wiring: BucketWiring, key: string, version: ObjectVersion) => void;
  #versions = 0;
  readonly #reads = new Map<string, number>();

  constructor(
    buckets: readonly BucketWiring[],
    announce: (wiring: BucketWiring, key: string, version: ObjectVersion) => void,
  ) {
    this.#buckets = new Map(
      buckets.map((wiring) => [wiring.name, { wiring, objects: new Map(), uploads: new Map() }] as const),
    );
    this.#announce = announce;
  }

  /** Writes an object as any client of S3 does. @returns its new version. */
  put(bucketName: string, key: string, bytes: Buffer): ObjectVersion {
    const { wiring, objects } = this.#bucket(bucketName);
    const version: ObjectVersion = { ...this.#nextVersion(), bytes, eTag: eTagOf(bytes) };
    objects.set(key, [...(objects.get(key) ?? []), version]);
    this.#announce(wiring, key, version);
    return version;
  }

  /** The newest bytes of every object, with their bucket and key. */
  kept(): readonly (readonly [string, string, Buffer])[] {
    return [...this.#buckets.keys()].flatMap((bucket) =>
      this.keys(bucket).map((key) => [bucket, key, this.bytesOf(bucket, key)!] as const),
    );
  }

  /** Puts objects where they were kept from; nobody is told of them. */
  restore(objects: readonly (readonly [string, string, Buffer])[]): void {
    for (const [bucket, key, bytes] of objects) {
      this.#bucket(bucket).objects.set(key, [{ ...this.#nextVersion(), bytes, eTag: eTagOf(bytes) }]);
    }
  }

  /** How often objects of a bucket were opened, or asked for in vain. */
  reads(bucketName: string): number {
    return this.#reads.get(bucketName) ?? 0;
  }

  /** Makes an object whose bytes are made while they are read, so that it may be larger than memory. */
  putEndless(bucketName: string, key: string, length: number, pieces: () => Iterable<Buffer>): ObjectVersion {
    const { wiring, objects } = this.#bucket(bucketName);
    const version: ObjectVersion = { ...this.#nextVersion(), made: { length, pieces }, eTag: `"${key}"` };
    objects.set(key, [version]);
    this.#announce(wiring, key, version);
    return version;
  }

  /** Marks an object as deleted, or takes one version of it away for good. */
  delete(bucketName: string, key: string, versionId?: string): void {
    const { objects } = this.#bucket(bucketName);
    const versions = objects.get(key) ?? [];
    if (versionId === undefined) objects.set(key, [...versions, { ...this.#nextVersion(), eTag: '' }]);
    else
      objects.set(
        key,
        versions.filter((version) => version.versionId !== versionId),
      );
  }

  /** The newest bytes of an object, if there are any. */
  bytesOf(bucketName: string, key: string): Buffer | undefined {
    return this.#bucket(bucketName).objects.get(key)?.at(-1)?.bytes;
  }

  /** Keys with a newest version, in their order. */
  keys(bucketName: string, prefix = ''): readonly string[] {
    const { objects } = this.#bucket(bucketName);
    return [...objects]
      .filter(([key, versions]) => key.startsWith(prefix) && versions.at(-1)?.bytes)
      .map(([key]) => key)
      .sort();
  }

  /** Carries a request out. @throws what the client would throw. */
  handle(operation: string, input: Record<string, unknown>, fate: BodyFate = {}): unknown {
    const bucket = this.#bucket(String(input.Bucket));
    switch (operation) {
      case 'GetObject':
        return this.#get(bucket, input, fate);
      case 'HeadObject': {
        const { Body: _, ...head } = this.#get(bucket, input, fate) as { Body: unknown };
        return head;
      }
      case 'PutObject':
        return this.#putObject(bucket, input);
      case 'ListObjectsV2':
        return this.#list(bucket, input);
      case 'CreateMultipartUpload':
        return this.#createUpload(bucket, String(input.Key));
      case 'UploadPart':
        return this.#uploadPart(bucket, input);
      case 'CompleteMultipartUpload':
        return this.#completeUpload(bucket, input);
      case 'AbortMultipartUpload':
        bucket.uploads.delete(String(input.UploadId));
        return {};
      case 'DeleteObject':
        this.delete(bucket.wiring.name, String(input.Key), input.VersionId as string | undefined);
        return {};
      default:
        throw new Error(`the fake of S3 has no ${operation}; teach it`);
    }
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw s3Error('NoSuchBucket', 404);
    return bucket;
  }

  #nextVersion(): Pick<ObjectVersion, 'versionId' | 'sequencer'> {
    const number = ++this.#versions;
    return { versionId: `v${String(number).padStart(8, '0')}`, sequencer: number.toString(16).toUpperCase() };
  }

  #get({ wiring: { name }, objects }: Bucket, input: Record<string, unknown>, { breaksAfter }: BodyFate): unknown {
    this.#reads.set(name, this.reads(name) + 1);
    const { VersionId, IfMatch, Range } = input as { VersionId?: string; IfMatch?: string; Range?: string };
    const versions = objects.get(String(input.Key)) ?? [];
    const version = VersionId === undefined ? versions.at(-1) : versions.find((found) => found.versionId === VersionId);
    if (!version) throw VersionId === undefined ? noSuchKey() : s3Error('NoSuchVersion', 404);
    if (version.made) return { Body: madeBody(version.made), ContentLength: version.made.length, ETag: version.eTag };
    if (!version.bytes) throw VersionId === undefined ? noSuchKey() : s3Error('MethodNotAllowed', 405);
    if (IfMatch !== undefined && IfMatch !== version.eTag) throw s3Error('PreconditionFailed', 412);
    const [, from] = /^bytes=(\d+)-$/.exec(Range ?? 'bytes=0-') ?? [];
    if (from === undefined) throw s3Error('InvalidRange', 416);
    const bytes = version.bytes.subarray(Number(from));
    const { eTag: ETag, versionId } = version;
    return { Body: bodyOf(bytes, breaksAfter), ContentLength: bytes.length, ETag, VersionId: versionId };
  }

  #putObject({ wiring }: Bucket, { Key, Body, IfNoneMatch }: Record<string, unknown>): unknown {
    if (IfNoneMatch === '*' && this.bytesOf(wiring.name, String(Key))) throw s3Error('PreconditionFailed', 412);
    const { eTag: ETag, versionId: VersionId } = this.put(wiring.name, String(Key), bytesIn(Body));
    return { ETag, VersionId };
  }

  #list({ wiring }: Bucket, { Prefix = '', ContinuationToken, StartAfter }: Record<string, unknown>): unknown {
    const after = (ContinuationToken ?? StartAfter) as string | undefined;
    const keys = this.keys(wiring.name, String(Prefix)).filter((key) => after === undefined || key > after);
    const page = keys.slice(0, PAGE_KEYS);
    const Contents = page.map((Key) => ({ Key, Size: this.bytesOf(wiring.name, Key)!.length }));
    const more = keys.length > PAGE_KEYS;
    return { Contents, KeyCount: page.length, IsTruncated: more, ...(more && { NextContinuationToken: page.at(-1) }) };
  }

  #createUpload({ uploads }: Bucket, key: string): unknown {
    const UploadId = `upload-${++this.#versions}`;
    uploads.set(UploadId, { key, parts: new Map() });
    return { UploadId };
  }

  #uploadPart({ uploads }: Bucket, { UploadId, PartNumber, Body }: Record<string, unknown>): unknown {
    const upload = uploads.get(String(UploadId));
    if (!upload) throw s3Error('NoSuchUpload', 404);
    const bytes = bytesIn(Body);
    upload.parts.set(Number(PartNumber), bytes);
    return { ETag: eTagOf(bytes) };
  }

  #completeUpload({ wiring, uploads }: Bucket, input: Record<string, unknown>): unknown {
    const upload = uploads.get(String(input.UploadId));
    if (!upload) throw s3Error('NoSuchUpload', 404);
    const { Parts = [] } = input.MultipartUpload as { Parts?: readonly { PartNumber: number; ETag: string }[] };
    const bodies = Parts.map(({ PartNumber, ETag }) => {
      const part = upload.parts.get(PartNumber);
      if (!part || eTagOf(part) !== ETag) throw s3Error('InvalidPart', 400);
      return part;
    });
    if (bodies.slice(0, -1).some(({ length }) => length < LEAST_PART_BYTES)) throw s3Error('EntityTooSmall', 400);
    uploads.delete(String(input.UploadId));
    const { eTag: ETag, versionId: VersionId } = this.put(wiring.name, upload.key, Buffer.concat(bodies));
    return { ETag, VersionId };
  }
}

const eTagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

const bytesIn = (body: unknown): Buffer => {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new Error('the fake of S3 takes bodies in memory alone; teach it streams');
};

const madeBody = ({ pieces }: NonNullable<ObjectVersion['made']>) => ({
  async *[Symbol.asyncIterator]() {
    yield* pieces();
  },
});

const PIECE_BYTES = 64 * 1024;

/** A body as the client gives it: to be read piece by piece, or whole. */
const bodyOf = (bytes: Buffer, breaksAfter: number | undefined) => {
  const pieces = function* (): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (breaksAfter !== undefined && at >= breaksAfter)
        throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
      yield bytes.subarray(at, at + PIECE_BYTES);
    }
  };
  const whole = async (): Promise<Buffer> => Buffer.concat([...pieces()]);
  return {
    async *[Symbol.asyncIterator]() {
      yield* pieces();
    },
    transformToByteArray: async () => new Uint8Array(await whole()),
    transformToString: async () => (await whole()).toString('utf8'),
  };
};
