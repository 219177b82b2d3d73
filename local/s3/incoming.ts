import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AwsError } from '../errors.ts';
import { ALGORITHMS, type Algorithm, type Checksum, type Hasher, hasherOf, isAlgorithm } from './checksums.ts';
import { decodeChunks } from './chunked.ts';
import { badDigest, incompleteBody, invalidArgument } from './errors.ts';
import type { Files } from './files.ts';

/** A body that has arrived whole and unharmed. */
export interface Incoming {
  /** Name of its file, which nobody uses yet. */
  readonly file: string;
  readonly size: number;
  /** MD5, in hex. */
  readonly md5: string;
  readonly checksum: Checksum | undefined;
}

export type Headers = Readonly<Record<string, string | undefined>>;

const LARGEST_BYTES = 5 * 1024 ** 3;

/**
 * Writes a body to a file as it arrives, in constant memory, and holds it against all that its headers say of it.
 *
 * @param algorithm - checksum to take even if the caller states none.
 * @throws {AwsError} BadDigest, IncompleteBody, XAmzContentSHA256Mismatch or EntityTooLarge; then no file is left.
 */
export const receiveBody = async (
  headers: Headers,
  body: Readable,
  files: Files,
  algorithm?: Algorithm,
): Promise<Incoming> => {
  const chunked = headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
  const length = headers[chunked ? 'x-amz-decoded-content-length' : 'content-length'];
  if (Number(length ?? 0) > LARGEST_BYTES) {
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size of 5 GiB.');
  }
  const stated = statedAlgorithm(headers) ?? algorithm;
  const hashes = {
    md5: createHash('md5'),
    sha256: /^[0-9a-f]{64}$/.test(headers['x-amz-content-sha256'] ?? '') ? createHash('sha256') : undefined,
    checksum: stated && hasherOf(stated),
  };
  const trailers = new Map<string, string>();
  const file = files.create();
  try {
    // The connection must outlive a body that is refused, to carry the answer.
    const parts = body.iterator({ destroyOnReturn: false });
    const size = await write(files.pathOf(file), chunked ? decodeChunks(parts, trailers) : parts, hashes);
    if (length !== undefined && Number(length) !== size) throw incompleteBody();
    if (hashes.sha256 && hashes.sha256.digest('hex') !== headers['x-amz-content-sha256']) {
      throw new AwsError('XAmzContentSHA256Mismatch', 'x-amz-content-sha256 is not the hash of the body.');
    }
    const md5 = hashes.md5.digest();
    checkMd5(headers['content-md5'], md5);
    const checksum = stated && checkedChecksum(stated, hashes.checksum, headers, trailers);
    return { file, size, md5: md5.toString('hex'), checksum };
  } catch (error) {
    files.discard([file]);
    if (body.errored || (error as NodeJS.ErrnoException).code === 'ECONNRESET') throw incompleteBody();
    throw error;
  }
};

/**
 * Holds a small body, read whole, against what its headers say of it.
 *
 * @throws {AwsError} BadDigest or InvalidDigest.
 */
export const checkBytes = (headers: Headers, bytes: Uint8Array): void => {
  checkMd5(headers['content-md5'], createHash('md5').update(bytes).digest());
  const algorithm = statedAlgorithm(headers);
  const hasher = algorithm && hasherOf(algorithm);
  hasher?.update(bytes);
  if (algorithm) checkedChecksum(algorithm, hasher, headers, new Map());
};

const write = async (
  path: string,
  parts: AsyncIterable<Uint8Array>,
  hashes: { md5: Pick<Hasher, 'update'>; sha256?: Pick<Hasher, 'update'>; checksum?: Pick<Hasher, 'update'> },
): Promise<number> => {
  let size = 0;
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const part of parts) {
      hashes.md5.update(part);
      hashes.sha256?.update(part);
      hashes.checksum?.update(part);
      for (let at = 0; at < part.length; ) at += (await handle.write(part, at)).bytesWritten;
      size += part.length;
    }
  } finally {
    await handle.close();
  }
  return size;
};

/** Where a checksum is stated: in a header, or in a trailer that a header announces. */
const statedAlgorithm = (headers: Headers): Algorithm | undefined => {
  const inHeader = ALGORITHMS.find((name) => headers[`x-amz-checksum-${name}`] !== undefined);
  if (inHeader) return inHeader;
  const named = headers['x-amz-trailer']?.replace('x-amz-checksum-', '') ?? headers['x-amz-sdk-checksum-algorithm'];
  if (named === undefined) return undefined;
  const algorithm = named.trim().toLowerCase();
  if (!isAlgorithm(algorithm)) throw invalidArgument('The checksum algorithm is not known.');
  return algorithm;
};

const checkMd5 = (stated: string | undefined, md5: Buffer): void => {
  if (stated === undefined) return;
  const bytes = Buffer.from(stated, 'base64');
  if (bytes.length !== 16) throw new AwsError('InvalidDigest', 'The Content-MD5 you specified is not valid.');
  if (!bytes.equals(md5)) throw badDigest('Content-MD5');
};

const checkedChecksum = (
  algorithm: Algorithm,
  hasher: Hasher | undefined,
  headers: Headers,
  trailers: ReadonlyMap<string, string>,
): Checksum | undefined => {
  if (!hasher) return undefined;
  const name = `x-amz-checksum-${algorithm}`;
  const stated = headers[name] ?? trailers.get(name);
  const value = hasher.digest().toString('base64');
  if (stated === undefined && headers['x-amz-trailer'] !== undefined) throw incompleteBody();
  if (stated !== undefined && stated !== value) throw badDigest(algorithm.toUpperCase());
  return { algorithm, value, type: 'FULL_OBJECT' };
};
