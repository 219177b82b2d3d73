import type { List } from '#domain/catalog/documents.ts';
import { listObjectOf } from '#domain/catalog/list-object.ts';
import type { SnapshotList } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import { contentOfList } from './look-up-form.ts';
import { objectKey, type Registered } from './register-version.ts';

/** A list as snapshots have it: its values are an object of their own. */
export type ListEntry = Extract<SnapshotList, { readonly values: unknown }>;

/**
 * The entry of a registered list, with the object that holds its values in the look-up form of now: of a list that was
 * registered before a key was added, the registered form has fewer tokens.
 *
 * @param keys - under how many keys there are tokens of each value; absent for a list of plain values.
 * @param standing - the entry before, whose object is there already.
 */
export const listEntryOf = async (
  { version, hash, document }: Registered<List>,
  { keys, standing }: { readonly keys: number | undefined; readonly standing: SnapshotList | undefined },
  deadline: Deadline,
  objects: ObjectStore,
): Promise<ListEntry> => {
  const { values, ...head } = document;
  const bytes = listObjectOf(values);
  const sha256 = sha256Hex(bytes);
  const key = objectKey(sha256);
  const isThere = standing && 'values' in standing && standing.values.sha256 === sha256;
  if (!isThere) await objects.put(key, bytes, 'application/json', deadline);
  const count = contentOfList(document).values.length;
  const pointer = { key, sha256, count, ...(head.of !== undefined && keys !== undefined && { keys }) };
  return { version, hash, document: head, values: pointer };
};
