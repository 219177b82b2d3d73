import { crc32 } from 'node:zlib';
import { EMPTY, LAST } from './buffers.ts';
import type { AttributeDefinition, KeySchemaElement, KeyType } from './dynalite.ts';
import { validationFault } from './errors.ts';
import { encodeNumber } from './numbers.ts';
import type { AttributeValue, Item } from './values.ts';

/** One attribute of a key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** The attributes of a key: a hash, and a range where items share it. */
export interface KeyAttributes {
  readonly hash: KeyAttribute;
  readonly range?: KeyAttribute;
}

/** A key as the bytes that the store sorts by; without a range attribute the range is empty. */
export interface EncodedKey {
  readonly hash: Buffer;
  readonly range: Buffer;
}

const MAX_HASH_BYTES = 2048;
const MAX_RANGE_BYTES = 1024;

/** The key attributes that a schema names, with their types from the definitions. */
export const keyAttributesOf = (
  schema: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): KeyAttributes => {
  const attributeOf = (role: KeySchemaElement['KeyType']): KeyAttribute | undefined => {
    const name = schema.find(({ KeyType }) => KeyType === role)?.AttributeName;
    const type = definitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
    return name !== undefined && type ? { name, type } : undefined;
  };
  const hash = attributeOf('HASH');
  if (!hash) throw validationFault('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  return { hash, range: attributeOf('RANGE') };
};

/** The names of a key's attributes. */
export const keyNames = ({ hash, range }: KeyAttributes): string[] => (range ? [hash.name, range.name] : [hash.name]);

/** Whether a value can be a key of this type: the right type and not empty. */
export const isKeyValue = (value: AttributeValue | undefined, type: KeyType): boolean =>
  value !== undefined && type in value && Object.values(value)[0] !== '';

const pieceOf = (value: AttributeValue): Buffer => {
  if ('S' in value) return Buffer.from(value.S, 'utf8');
  if ('N' in value) return encodeNumber(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64');
  throw validationFault('One or more parameter values were invalid: a key is a string, a number or binary');
};

/** A range value as bytes that sort as DynamoDB sorts it: UTF-8, unsigned bytes, or numerically. */
export const encodeRange = (value: AttributeValue): Buffer => {
  const bytes = pieceOf(value);
  if (bytes.length <= MAX_RANGE_BYTES) return bytes;
  throw validationFault(
    'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
  );
};

/**
 * A hash value as bytes: two of its checksum, then its own. The checksum spreads a scan as
 * DynamoDB's own hash does, and lets a parallel scan divide the table into even segments.
 */
export const encodeHash = (value: AttributeValue): Buffer => {
  const bytes = pieceOf(value);
  if (bytes.length > MAX_HASH_BYTES) {
    throw validationFault(
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
    );
  }
  const prefixed = Buffer.alloc(2 + bytes.length);
  prefixed.writeUInt16BE(crc32(bytes) >>> 16);
  bytes.copy(prefixed, 2);
  return prefixed;
};

/** First bytes of the hashes in a segment of a parallel scan; the next segment's bound closes it. */
export const segmentBound = (segment: number, segments: number): Buffer => {
  const bound = Math.ceil((0x10000 * segment) / segments);
  return bound > 0xffff ? LAST : Buffer.from([bound >> 8, bound & 0xff]);
};

/** The bytes of an item's key. The attributes must be there and of the right types. */
export const encodeKey = (item: Item, { hash, range }: KeyAttributes): EncodedKey => ({
  hash: encodeHash(item[hash.name]!),
  range: range ? encodeRange(item[range.name]!) : EMPTY,
});

/** A table key as one piece of bytes, to tell apart and order items that share an index key. */
export const tieBreakOf = ({ hash, range }: EncodedKey): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(hash.length);
  return Buffer.concat([length, hash, range]);
};

/** The attributes of an item that are its key, or its key in an index. */
export const pick = (item: Item, names: readonly string[]): Item => {
  const picked: Item = {};
  for (const name of names) if (Object.hasOwn(item, name)) picked[name] = item[name]!;
  return picked;
};
