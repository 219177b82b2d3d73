import { compareBuffers } from './buffers.ts';
import type { Comparator, Condition, FunctionCall, Operand, Path } from './dynalite.ts';
import { compareNumbers } from './numbers.ts';
import { valueAt } from './paths.ts';
import { type AttributeValue, type Item, membersOf, sameValue, typeOf } from './values.ts';

const isPath = (operand: Operand): operand is Path => Array.isArray(operand);
const isCall = (operand: Operand): operand is FunctionCall => 'type' in operand;

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

const sizeOf = (value: AttributeValue): number | undefined => {
  if ('S' in value) return Buffer.byteLength(value.S, 'utf8');
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return membersOf(value)?.length;
};

const resolve = (operand: Operand, item: Item): AttributeValue | undefined => {
  if (isPath(operand)) return valueAt(item, operand);
  if (!isCall(operand)) return operand;
  // Validation lets no function but size stand where a value is expected.
  const value = resolve(operand.args[0]!, item);
  const size = value && sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
};

/** Order of two values of one scalar type; undefined when they have none. */
const orderOf = (left?: AttributeValue, right?: AttributeValue): number | undefined => {
  if (!left || !right) return undefined;
  if ('N' in left && 'N' in right) return compareNumbers(left.N, right.N);
  if ('S' in left && 'S' in right) return compareBuffers(Buffer.from(left.S), Buffer.from(right.S));
  if ('B' in left && 'B' in right) return compareBuffers(bytesOf(left.B), bytesOf(right.B));
  return undefined;
};

const ordered = (
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
  holds: (order: number) => boolean,
) => {
  const order = orderOf(left, right);
  return order !== undefined && holds(order);
};

const equal = (left?: AttributeValue, right?: AttributeValue): boolean =>
  left !== undefined && right !== undefined && sameValue(left, right);

const compares = (comparator: Comparator, operands: readonly (AttributeValue | undefined)[]): boolean => {
  const [value, first, second] = operands;
  switch (comparator) {
    case '=':
      return equal(value, first);
    case '<>':
      return !equal(value, first);
    case '<':
      return ordered(value, first, (order) => order < 0);
    case '<=':
      return ordered(value, first, (order) => order <= 0);
    case '>':
      return ordered(value, first, (order) => order > 0);
    case '>=':
      return ordered(value, first, (order) => order >= 0);
    case 'between':
      return ordered(value, first, (order) => order >= 0) && ordered(value, second, (order) => order <= 0);
    case 'in':
      return operands.slice(1).some((candidate) => equal(value, candidate));
  }
};

const beginsWith = (value?: AttributeValue, prefix?: AttributeValue): boolean => {
  if (!value || !prefix) return false;
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if (!('B' in value && 'B' in prefix)) return false;
  const start = bytesOf(prefix.B);
  return bytesOf(value.B).subarray(0, start.length).equals(start);
};

const contains = (container?: AttributeValue, member?: AttributeValue): boolean => {
  if (!container || !member) return false;
  if ('L' in container) return container.L.some((value) => sameValue(value, member));
  if ('S' in container && 'S' in member) return container.S.includes(member.S);
  if ('B' in container && 'B' in member) return bytesOf(container.B).includes(bytesOf(member.B));
  // A set holds values of its own kind: 'SS' has members of type 'S'.
  const members = membersOf(container);
  return (
    members !== undefined &&
    typeOf(container)[0] === typeOf(member) &&
    members.includes(Object.values(member)[0] as string)
  );
};

const holdsFunction = (name: string, [value, argument]: readonly (AttributeValue | undefined)[]): boolean => {
  switch (name) {
    case 'attribute_exists':
      return value !== undefined;
    case 'attribute_not_exists':
      return value === undefined;
    case 'attribute_type':
      return value !== undefined && argument !== undefined && 'S' in argument && typeOf(value) === argument.S;
    case 'begins_with':
      return beginsWith(value, argument);
    case 'contains':
      return contains(value, argument);
    default:
      return false;
  }
};

/**
 * Whether a condition or filter holds for an item; an item that does not exist is one without attributes.
 *
 * A comparison with something missing, or of different types, is false, except `<>`, which is true.
 */
export const holds = (condition: Condition, item: Item): boolean => {
  switch (condition.type) {
    case 'and':
      return condition.args.every((part) => holds(part, item));
    case 'or':
      return condition.args.some((part) => holds(part, item));
    case 'not':
      return !condition.args.some((part) => holds(part, item));
    case 'function':
      return holdsFunction(
        condition.name,
        condition.args.map((operand) => resolve(operand, item)),
      );
    default:
      return compares(
        condition.type,
        condition.args.map((operand) => resolve(operand, item)),
      );
  }
};
