import type { Deadline } from './clock.ts';

/** Kinds of catalog documents that are registered by version. */
export type RegisteredKind = 'event-type' | 'detector' | 'list' | 'model';

/** Where the active catalog is. */
export interface RegistryHead {
  /** 1 for the first catalog, one more with each change. */
  readonly revision: number;
  /** Object in the models bucket, and SHA-256 of its bytes. */
  readonly snapshotKey: string;
  readonly snapshotHash: string;
}

/** One immutable version of a catalog document. */
export interface RegisteredVersion {
  readonly kind: RegisteredKind;
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the content: what makes another version. */
  readonly hash: string;
  /** Object in the models bucket that holds the document as JSON, and SHA-256 of its bytes. */
  readonly documentKey: string;
  readonly documentSha256: string;
  /** Of a model: SHA-256 of its file. */
  readonly fileSha256?: string;
  /** UTC, ISO 8601. */
  readonly registeredAt: string;
}

/** Remembers every version of every catalog document, and which snapshot is active. */
export interface RegistryStore {
  head(deadline: Deadline): Promise<RegistryHead | undefined>;
  /** All versions of a document, oldest first. */
  versions(kind: RegisteredKind, name: string, deadline: Deadline): Promise<readonly RegisteredVersion[]>;
  /** Adds a version unless its number is taken. @returns the version on record: this one, or the one that was first. */
  addVersion(version: RegisteredVersion, deadline: Deadline): Promise<RegisteredVersion>;
  /**
   * Makes another snapshot the active one.
   *
   * @param expected - revision that the mover has seen, 0 for none.
   * @returns false when another revision is active by now; nothing is moved then.
   */
  moveHead(head: RegistryHead, expected: number, deadline: Deadline): Promise<boolean>;
}

/** Keeps bytes under keys; the same key always means the same bytes. */
export interface ObjectStore {
  /** @returns undefined when there is no such object. */
  get(key: string, deadline: Deadline): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array, contentType: string, deadline: Deadline): Promise<void>;
}
