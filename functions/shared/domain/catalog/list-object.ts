import * as z from 'zod';

import type { List } from './documents.ts';

/** The values of a list: plain text, or tokens, each with or without an instant until which it counts. */
export type ListValue = List['values'][number];

/** The text of a list's value, with or without an end. */
export const textOf = (value: ListValue): string => (typeof value === 'string' ? value : value.value);

/** A value of a list in its object: alone, or with the instant until which it counts. */
type Kept = string | readonly [value: string, until: string];

const ListObjectSchema = z.object({ v: z.literal(1), values: z.array(z.unknown()) });

/**
 * The values of a list as the one object that holds them in the models bucket. Equal values in equal order, equal
 * bytes; a list of 100,000 values is about 3 MB.
 */
export const listObjectOf = (values: readonly ListValue[]): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      v: 1,
      values: values.map((value): Kept => (typeof value === 'string' ? value : [value.value, value.until])),
    }),
  );

/**
 * The values that such an object holds. Checked by hand: a schema for each of 100,000 values takes longer than all the
 * rest, and the bytes have been checked against their hash.
 *
 * @throws {Error} when the bytes are no such object.
 */
export const valuesInListObject = (bytes: Uint8Array): List['values'] =>
  ListObjectSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).values.map((kept): ListValue => {
    if (typeof kept === 'string') return kept;
    if (Array.isArray(kept) && kept.length === 2 && kept.every((part) => typeof part === 'string')) {
      const [value, until] = kept as [string, string];
      return { value, until };
    }
    throw new Error('an object of list values holds something else; restore it from the versions of the models bucket');
  });
