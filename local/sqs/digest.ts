import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { MessageAttribute } from './message.ts';

/** MD5 of a body's UTF-8 bytes, in hex: clients compare it with their own. */
export const bodyDigest = (body: string): string => createHash('md5').update(body, 'utf8').digest('hex');

const STRING = Buffer.from([1]);
const BINARY = Buffer.from([2]);

/**
 * MD5 over message attributes as clients compute it: by name, each part behind its length in four bytes.
 *
 * @see Amazon SQS Developer Guide, "Calculating the MD5 message digest for message attributes".
 */
export const attributesDigest = (attributes: Readonly<Record<string, MessageAttribute>>): string => {
  const hash = createHash('md5');
  const add = (bytes: Uint8Array): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes).sort(byName)) {
    add(Buffer.from(name, 'utf8'));
    add(Buffer.from(DataType, 'utf8'));
    if (BinaryValue !== undefined) {
      hash.update(BINARY);
      add(Buffer.from(BinaryValue, 'base64'));
    } else {
      hash.update(STRING);
      add(Buffer.from(StringValue ?? '', 'utf8'));
    }
  }
  return hash.digest('hex');
};

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);
