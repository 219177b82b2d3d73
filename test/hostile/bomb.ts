import { gzipSync } from 'node:zlib';

/** A file that is made to cost whoever reads it far more than it cost to make. */
export interface Bomb {
  readonly name: string;
  readonly key: string;
  /** Made when it is needed: some take a second. */
  readonly make: () => Buffer;
  /** Reasons that may be given: of the whole file, or of its rows and at last of where it breaks off. None: no row. */
  readonly reasons: readonly string[];
}

/** Where bombs are dropped; an ending may follow. */
export const KEY = 'events/payment/bomb';
export const MB = 1024 ** 2;

/** Gzip data of the same again and again: a member of so many bytes, so many times. */
export const gzipOf = (line: string, bytes: number, members = 1): Buffer => {
  const member = gzipSync(Buffer.alloc(bytes, line), { level: 9 });
  return Buffer.concat(Array<Buffer>(members).fill(member));
};
