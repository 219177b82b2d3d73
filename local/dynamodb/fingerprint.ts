import { createHash } from 'node:crypto';

/**
 * A hash of a value from JSON, the same whatever the order of an object's members.
 *
 * What is hashed is unambiguous without escaping: every text comes with its length.
 */
export const fingerprintOf = (value: unknown): string => createHash('sha256').update(encoded(value)).digest('base64');

const encoded = (value: unknown): string => {
  if (typeof value === 'string') return textOf(value);
  if (typeof value !== 'object' || value === null) return `${value};`;
  if (Array.isArray(value)) {
    let text = '[';
    for (const member of value) text += encoded(member);
    return `${text}]`;
  }
  const members = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members);
  if (names.length > 1) names.sort();
  let text = '{';
  for (const name of names) text += textOf(name) + encoded(members[name]);
  return `${text}}`;
};

const textOf = (text: string): string => `${text.length}:${text}`;
