import { createHash } from 'node:crypto';
import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Deadline } from '#ports/clock.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import type { Change } from './landing.ts';
import type { Partition } from './tables.ts';

/** Bytes that stand for one row: enough that no two of a partition ever share them. */
const DIGEST_BYTES = 16;
const READS_AT_ONCE = 16;

/** What a row is known by: a change of the same item is the same row, in whichever batch it comes. */
export const digestOf = ({ pk, sk }: Pick<Change, 'pk' | 'sk'>): Buffer =>
  createHash('sha256').update(pk).update('\n').update(sk).digest().subarray(0, DIGEST_BYTES);

const folderOf = ({ table, eventType, hour }: Partition): string => `index/${table}/${eventType}/${hour}/`;

const nameOf = (planId: number): string => `${String(planId).padStart(12, '0')}.bin`;

/** Key of the list of rows that a plan adds to a partition. */
export const indexKey = (partition: Partition, planId: number): string => `${folderOf(partition)}${nameOf(planId)}`;

/** The list itself: digests in their order, one behind the other. */
export const indexOf = (digests: readonly Buffer[]): Uint8Array => Buffer.concat([...digests].sort(Buffer.compare));

/** Tells rows that an earlier plan has added already. */
export type IsKnown = (digest: Buffer) => boolean;

/**
 * The rows that a partition had before a plan. Plans behind it do not count, nor does the plan itself, so that it comes
 * to the same however often it is carried out. Holds 16 bytes a row of that hour.
 */
export const knownRows = async (
  partition: Partition,
  planId: number,
  lake: Pick<LakeStore, 'get' | 'list'>,
  deadline: Deadline,
): Promise<IsKnown> => {
  const folder = folderOf(partition);
  const keys: string[] = [];
  for await (const { key } of lake.list(folder, folder, deadline)) if (key < folder + nameOf(planId)) keys.push(key);
  const lists = await mapSideBySide(keys, READS_AT_ONCE, async (key) => {
    const found = await lake.get(key, deadline);
    return Buffer.from(found?.bytes ?? new Uint8Array());
  });
  return (digest) => lists.some((list) => holds(list, digest));
};

/** Binary search. */
const holds = (list: Buffer, digest: Buffer): boolean => {
  let low = 0;
  let high = list.length / DIGEST_BYTES;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = digest.compare(list, middle * DIGEST_BYTES, (middle + 1) * DIGEST_BYTES);
    if (order === 0) return true;
    if (order > 0) low = middle + 1;
    else high = middle;
  }
  return false;
};
