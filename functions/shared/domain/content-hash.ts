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
  textOf(value as Json, inOrder, false);

const textOf = (value: Json, inOrder: ReadonlySet<string>, keep: boolean): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item ?? null, inOrder, false)).join(',')}]`;
  const members = value as Readonly<Record<string, Json | undefined>>;
  let text = '';
  for (const name of namesOf(members, keep)) {
    const member = members[name];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${textOf(member, inOrder, inOrder.has(name))}`;
  }
  return `{${text}}`;
};

/** Names that JavaScript puts before all others, in the order of their numbers. */
const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/;

const namesOf = (members: object, keep: boolean): readonly string[] => {
  const names = Object.keys(members);
  if (keep || names.length < 2) return names;
  names.sort();
  return names.some((name) => WHOLE_NUMBER.test(name))
    ? Object.keys(Object.fromEntries(names.map((name) => [name, true])))
    : names;
};

/** SHA-256 of text or bytes, in hex. */
export const sha256Hex = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
