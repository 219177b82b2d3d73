import type { Deadline } from './clock.ts';

/** One version of an object. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` in a bucket without versions. */
  readonly versionId?: string;
  /** Without versions, what tells that the object is still the one that was announced. */
  readonly eTag?: string;
}

/** Content whose parts can be read in any order. */
export interface RandomAccess {
  /** In bytes. */
  readonly size: number;
  /**
   * Reads `length` bytes from `from` on.
   *
   * @param from - from 0; `from + length` is `size` at most.
   * @throws {ServiceError} `store_unavailable`, also when it is not the same content any more.
   */
  read(from: number, length: number): Promise<Uint8Array>;
}

/** An object's content, or that this version is no more. */
export type OpenedObject =
  | { readonly found: true; readonly bytes: AsyncIterable<Uint8Array>; readonly parts: RandomAccess }
  | { readonly found: false; readonly why: 'deleted' | 'overwritten' };

/** Objects of one bucket, as streams. */
export interface ObjectBucket {
  /**
   * Opens an object. A connection that breaks is resumed where it broke; stopping early closes it.
   *
   * @throws {ServiceError} `store_unavailable`, also from the stream.
   */
  open(version: ObjectVersion, deadline: Deadline): Promise<OpenedObject>;
  /** Writes an object as its content arrives, however large, holding a few megabytes. Nothing is there if it fails. */
  write(
    key: string,
    content: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
    contentType: string,
    deadline: Deadline,
  ): Promise<void>;
  /** Keys that begin so, in the order of their bytes. */
  keysUnder(prefix: string, deadline: Deadline): AsyncIterable<string>;
}
