import { createHash } from 'node:crypto';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * JSON with the keys of every object in order and without what is undefined: equal content, equal bytes.
 *
 * Keys are ordered by UTF-16 code units, those that are whole numbers first.
 *
 * @param inOrder - names of members whose keys stay in their own order, since that is content, too. @default none
 */
export const canonicalJson = (value: unknown, inOrder: ReadonlySet<string> = new Set()): string =>
  JSON.stringify(sorted(value as Json, inOrder));

const sorted = (value: Json, inOrder: ReadonlySet<string>, keep = false): Json => {
  if (Array.isArray(value)) return value.map((item) => sorted(item, inOrder));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]): [string, Json] => [key, sorted(member!, inOrder, inOrder.has(key))]);
  return Object.fromEntries(keep ? entries : entries.sort(([left], [right]) => (left < right ? -1 : 1)));
};

/** SHA-256 of text or bytes, in hex. */
export const sha256Hex = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
