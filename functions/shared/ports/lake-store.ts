import type { Deadline } from './clock.ts';

/** An object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  /** When it was written, since the Unix epoch. */
  readonly writtenMs: number;
}

/** Objects of the lake. */
export interface LakeStore {
  /** @returns undefined when there is no such object. `tag` tells this content from any other under the key. */
  get(key: string, deadline: Deadline): Promise<{ readonly bytes: Uint8Array; readonly tag: string } | undefined>;
  /** Writes an object, over the one that may be there: as a whole or not at all. */
  put(key: string, bytes: Uint8Array, contentType: string, deadline: Deadline): Promise<void>;
  /**
   * Writes an object only over the content that the caller knows.
   *
   * @param expected - the tag of what is there; undefined: nothing is.
   * @returns the new tag, undefined when something else is there by now; nothing is written then.
   */
  replace(
    key: string,
    bytes: Uint8Array,
    expected: string | undefined,
    deadline: Deadline,
  ): Promise<string | undefined>;
  /** Objects under a prefix whose keys come after `after`, in the order of their bytes. */
  list(prefix: string, after: string, deadline: Deadline): AsyncIterable<ListedObject>;
}
