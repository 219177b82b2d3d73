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
  /** SHA-256 of a model's file, or of the object with a list's values. */
  readonly fileSha256?: string;
  /** UTC, ISO 8601. */
  readonly registeredAt: string;
  /** Who wrote it: `deployment`, or the principal of the API. Absent: a deployment of release 0.1. */
  readonly writtenBy?: string;
}

/**
 * Remembers every version of every catalog document, and which snapshot is active. The head moves by an entry of the
 * audit log alone: see `AuditTrail`.
 */
export interface RegistryStore {
  head(deadline: Deadline): Promise<RegistryHead | undefined>;
  /** All versions of a document, oldest first. */
  versions(kind: RegisteredKind, name: string, deadline: Deadline): Promise<readonly RegisteredVersion[]>;
  /** Adds a version unless its number is taken. @returns the version on record: this one, or the one that was first. */
  addVersion(version: RegisteredVersion, deadline: Deadline): Promise<RegisteredVersion>;
}

/** Keeps bytes under keys; the same key always means the same bytes. */
export interface ObjectStore {
  /**
   * @param mostBytes - of what came from outside: a larger object is not read. @default any size
   * @returns undefined when there is no such object.
   * @throws {ServiceError} `too_large`.
   */
  get(key: string, deadline: Deadline, mostBytes?: number): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array, contentType: string, deadline: Deadline): Promise<void>;
}
