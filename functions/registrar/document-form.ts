import type * as z from 'zod';

import { catalogJson } from '#domain/catalog/catalog-json.ts';
import { type List, ListHeadSchema, RegisteredListSchema } from '#domain/catalog/documents.ts';
import { listObjectOf, valuesInListObject } from '#domain/catalog/list-object.ts';
import { contentOfList } from './look-up-form.ts';

/** How a kind of catalog document is kept, and what of it makes another version. */
export interface DocumentForm<Document> {
  /** The part of the document that makes another version. */
  contentOf(document: Document): object;
  /** The bytes that are kept: of the document, and of what is too large to stand in it. */
  write(document: Document): { readonly bytes: Uint8Array; readonly beside?: Uint8Array };
  /**
   * Reads what was kept, as this release reads documents: a default that came later is filled in.
   *
   * @param beside - gives what stands in another object; undefined when this version has none.
   */
  read(bytes: Uint8Array, beside: (() => Promise<Uint8Array>) | undefined): Promise<Document>;
}

const jsonIn = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** A document that is kept whole, and all of which makes another version. */
export const wholeForm = <Document extends object>(schema: z.ZodType<Document>): DocumentForm<Document> => ({
  contentOf: (document) => document,
  write: (document) => ({ bytes: Buffer.from(catalogJson(document)) }),
  read: async (bytes) => schema.parse(jsonIn(bytes)),
});

/** A list, whose values are an object of their own. Release 0.1 kept them within the document. */
export const LIST_FORM: DocumentForm<List> = {
  contentOf: contentOfList,
  write: ({ values, ...head }) => ({ bytes: Buffer.from(catalogJson(head)), beside: listObjectOf(values) }),
  read: async (bytes, beside) => {
    const kept = jsonIn(bytes);
    if (!beside) return RegisteredListSchema.parse(kept);
    return { ...ListHeadSchema.parse(kept), values: valuesInListObject(await beside()) };
  },
};
