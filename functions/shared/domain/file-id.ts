import { createHash } from 'node:crypto';

/** Hex digits of a file's id: 96 bits, beyond any chance of two files that share one. */
const ID_DIGITS = 24;

const idOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, ID_DIGITS);

/**
 * Id of a file in the inbox. The same object dropped again is another version, and so another file.
 *
 * @param key - decoded.
 * @param versionId - `null` in a bucket without versions.
 */
export const fileIdOf = (bucket: string, key: string, versionId: string): string => idOf(bucket, key, versionId);

/** Id of a batch sent by API. @param requestKey - what repeats of the same request share. */
export const batchIdOf = (caller: string, requestKey: string): string => idOf('api', caller, requestKey);
