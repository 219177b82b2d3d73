/** No bytes: sorts before every key. */
export const EMPTY = Buffer.alloc(0);

/** Sorts after every key, for none is longer than 2,050 bytes. */
export const LAST = Buffer.alloc(2051, 0xff);

/** Negative, zero or positive as the left bytes sort before, with or after the right ones. */
export const compareBuffers = (left: Uint8Array, right: Uint8Array): number => Buffer.compare(left, right);

/** The smallest bytes that sort after the given ones. */
export const after = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.from([0])]);

/** The smallest bytes that sort after everything that begins with the given ones. */
export const afterPrefix = (bytes: Buffer): Buffer => {
  const kept = bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0xff) + 1);
  if (kept.length === 0) return LAST;
  const next = Buffer.from(kept);
  next[next.length - 1]! += 1;
  return next;
};
