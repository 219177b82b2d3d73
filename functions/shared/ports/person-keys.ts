import type { KeyPair } from '#domain/seal.ts';
import type { Deadline } from './clock.ts';

/** Public keys by person. A person is named as `personOf` has it. */
export type PublicKeys = ReadonlyMap<string, Uint8Array>;

/** What the doors may do with people's keys: seal for them, and no more. */
export interface PersonKeys {
  /** The public keys of these people; who has none is left out. @throws {ServiceError} `store_unavailable`. */
  find(people: readonly string[], deadline: Deadline): Promise<PublicKeys>;
  /**
   * Makes keys for people who have none, the private ones wrapped. Of several who make one for the same person, the
   * first wins.
   *
   * @returns the keys on record then, whoever made them.
   * @throws {ServiceError} `store_unavailable`; some may have been made.
   */
  make(people: readonly string[], deadline: Deadline): Promise<PublicKeys>;
}

/** A person's key was erased. */
export interface Erasure {
  readonly person: string;
  /** ISO 8601, UTC. */
  readonly erasedAt: string;
  /** Who asked for it. */
  readonly by: string;
  /** Whether there was a key; without one, nothing was sealed for this person. */
  readonly erased: boolean;
}

/** What those may do who have the right to see originals, or the duty to erase them. */
export interface PersonVault {
  /** The whole keys of these people; those who have none, or none any more, are left out. */
  open(people: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, KeyPair>>;
  /** Erases a person's key, and with it all that was ever sealed under it; notes who asked for it. May be repeated. */
  erase(person: string, by: string, deadline: Deadline): Promise<Erasure>;
}
