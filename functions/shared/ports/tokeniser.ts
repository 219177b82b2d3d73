import type { Deadline } from './clock.ts';

/** Replaces entity ids and personal values by keyed hashes: equal values of a domain give equal tokens. */
export interface Tokeniser {
  /**
   * @param domain - an entity kind, or a variable's type: the same text of another domain gives another token.
   * @param value - the original, already normalised (see `normaliseText`).
   * @returns `t<key version>_<24 base64url characters>`, the first 144 bits of an HMAC-SHA256.
   */
  token(domain: string, value: string): string;
}

/** Gives the tokeniser with the current key; the key is read once per environment. */
export interface TokeniserSource {
  /** @throws {ServiceError} `store_unavailable` when the key cannot be read. */
  current(deadline: Deadline): Promise<Tokeniser>;
}
