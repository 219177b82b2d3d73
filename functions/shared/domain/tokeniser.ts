/**
 * Replaces entity ids and personal values by keyed hashes: equal values of a domain give equal tokens.
 *
 * Keys have versions. New tokens are made with the current key; what was made with an older one stays as it is.
 */
export interface Tokeniser {
  /**
   * The token under the current key.
   *
   * @param domain - an entity kind, or a variable's type: the same text of another domain gives another token.
   * @param value - the original, already normalised (see `normaliseText`).
   * @returns `t<key version>_<24 base64url characters>`, the first 144 bits of an HMAC-SHA256.
   */
  token(domain: string, value: string): string;
  /** The tokens under all keys, oldest key first: whoever looks something up must look under each of them. */
  tokens(domain: string, value: string): readonly string[];
  /**
   * A hash by which equal content is recognised, whichever key was current when it came: always under the first key.
   *
   * @returns 64 hex digits.
   */
  fingerprint(content: string): string;
}
