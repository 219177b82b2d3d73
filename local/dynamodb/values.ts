/** The type of an attribute value, as it is named on the wire. */
export type AttributeType = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'L' | 'M' | 'BOOL' | 'NULL';

/** One value as DynamoDB's JSON carries it: numbers as decimal text, binary as base64. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { L: AttributeValue[] }
  | { M: Item }
  | { BOOL: boolean }
  | { NULL: boolean };

/** An item, or a part of one: attribute values by name. */
export type Item = Record<string, AttributeValue>;

/** The type of a value. */
export const typeOf = (value: AttributeValue): AttributeType => Object.keys(value)[0] as AttributeType;

/** The members of a set, or undefined for a value that is not a set. */
export const membersOf = (value: AttributeValue): string[] | undefined => {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
};

const sameMembers = (left: string[], right: string[]): boolean =>
  left.length === right.length && left.every((member) => right.includes(member));

/** Whether two items hold the same attributes with the same values. */
export const sameItem = (left: Item, right: Item): boolean => {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameValue(left[name]!, right[name]!))
  );
};

/** Whether two values are equal: same type, sets without regard to order, documents member by member. */
export const sameValue = (left: AttributeValue, right: AttributeValue): boolean => {
  if (typeOf(left) !== typeOf(right)) return false;
  if ('L' in left && 'L' in right) {
    return left.L.length === right.L.length && left.L.every((value, at) => sameValue(value, right.L[at]!));
  }
  if ('M' in left && 'M' in right) return sameItem(left.M, right.M);
  const [members, others] = [membersOf(left), membersOf(right)];
  if (members && others) return sameMembers(members, others);
  return Object.values(left)[0] === Object.values(right)[0];
};

const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
const base64Bytes = (text: string): number => Buffer.byteLength(text, 'base64');

/** Bytes of a number: half a byte a significant digit, one for the exponent, one more for a minus sign. */
const numberBytes = (text: string): number => {
  const digits = text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
  if (digits === 0) return 1;
  return 1 + Math.ceil(digits / 2) + (text.startsWith('-') ? 1 : 0);
};

const sum = <T>(values: readonly T[], bytes: (value: T) => number): number =>
  values.reduce((total, value) => total + bytes(value), 0);

const valueBytes = (value: AttributeValue): number => {
  if ('S' in value) return utf8Bytes(value.S);
  if ('N' in value) return numberBytes(value.N);
  if ('B' in value) return base64Bytes(value.B);
  if ('M' in value) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  if ('L' in value) return 3 + sum(value.L, (member) => 1 + valueBytes(member));
  if ('SS' in value) return sum(value.SS, utf8Bytes);
  if ('NS' in value) return sum(value.NS, numberBytes);
  if ('BS' in value) return sum(value.BS, base64Bytes);
  return 1;
};

/**
 * Bytes that an item counts for limits and capacity: names and values in UTF-8, documents with
 * their overhead. DynamoDB documents number sizes as approximate, so this is within a byte a number.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemBytes = (item: Item): number => {
  let total = 0;
  for (const name of Object.keys(item)) total += utf8Bytes(name) + valueBytes(item[name]!);
  return total;
};
