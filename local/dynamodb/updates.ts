import { type Path, type UpdateAction, type UpdateOperand, validations } from './dynalite.ts';
import { validationFault } from './errors.ts';
import { addNumbers, subtractNumbers } from './numbers.ts';
import { valueAt } from './paths.ts';
import { type AttributeValue, type Item, membersOf, typeOf } from './values.ts';

const wrongType = () => validationFault('An operand in the update expression has an incorrect data type');

const checked = (value: AttributeValue): AttributeValue => {
  const message = validations.validateAttributeValue(value);
  if (message) throw validationFault(message);
  return value;
};

const isPath = (operand: UpdateOperand): operand is Path => Array.isArray(operand);

const resolveCall = (name: string, [first, second]: readonly UpdateOperand[], item: Item): AttributeValue => {
  if (name === 'if_not_exists') return (isPath(first!) && valueAt(item, first)) || resolve(second!, item);
  const [head, tail] = [resolve(first!, item), resolve(second!, item)];
  if (!('L' in head && 'L' in tail)) throw wrongType();
  return { L: [...head.L, ...tail.L] };
};

/** What the right side of SET stands for; it sees the item as it was before the update. */
const resolve = (operand: UpdateOperand, item: Item): AttributeValue => {
  if (isPath(operand)) {
    const value = valueAt(item, operand);
    if (value) return value;
    throw validationFault('The provided expression refers to an attribute that does not exist in the item');
  }
  if (!('type' in operand)) return operand;
  if (operand.type === 'function') return resolveCall(operand.name, operand.args, item);

  const [left, right] = [resolve(operand.args[0]!, item), resolve(operand.args[1]!, item)];
  if (!('N' in left && 'N' in right)) throw wrongType();
  return checked({ N: (operand.type === 'add' ? addNumbers : subtractNumbers)(left.N, right.N) });
};

/** ADD: the sum of two numbers, or the union of two sets of one type. */
const added = (existing: AttributeValue | undefined, value: AttributeValue): AttributeValue => {
  if (!existing) return value;
  if ('N' in existing && 'N' in value) return checked({ N: addNumbers(existing.N, value.N) });
  const [members, more] = [membersOf(existing), membersOf(value)];
  if (!members || !more || typeOf(existing) !== typeOf(value)) throw wrongType();
  return { [typeOf(existing)]: [...new Set([...members, ...more])] } as AttributeValue;
};

/** DELETE: a set without some members; undefined when none is left, for there are no empty sets. */
const without = (existing: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined => {
  if (!existing) return undefined;
  const [members, fewer] = [membersOf(existing), membersOf(value)];
  if (!members || !fewer || typeOf(existing) !== typeOf(value)) throw wrongType();
  const left = members.filter((member) => !fewer.includes(member));
  return left.length > 0 ? ({ [typeOf(existing)]: left } as AttributeValue) : undefined;
};

const place = (item: Item, path: Path, value: AttributeValue | undefined, sparse: Set<AttributeValue[]>): void => {
  const parent = valueAt(item, path.slice(0, -1));
  const last = path[path.length - 1]!;
  if (parent && 'M' in parent && typeof last === 'string') {
    if (value) parent.M[last] = value;
    else delete parent.M[last];
  } else if (parent && 'L' in parent && typeof last === 'number') {
    // Holes keep every index meaning what it meant before the update; they close at the end.
    sparse.add(parent.L);
    if (value) parent.L[last] = value;
    else delete parent.L[last];
  } else {
    throw validationFault('The document path provided in the update expression is invalid for update');
  }
};

const newValue = (action: UpdateAction, item: Item): AttributeValue | undefined => {
  if (action.type === 'remove') return undefined;
  // A copy, because two attributes set from one value must not become one object.
  if (action.type === 'set') return structuredClone(resolve(action.val, item));
  const existing = valueAt(item, action.path);
  return action.type === 'add' ? added(existing, action.val) : without(existing, action.val);
};

/**
 * The item after an update expression: all right sides see the item as it was, then all changes are made.
 *
 * @param item - stays as it is.
 * @throws {Fault} when a path leads nowhere, an operand has the wrong type or a number grows too large.
 */
export const updated = (item: Item, actions: readonly UpdateAction[]): Item => {
  const result = structuredClone(item);
  const values = actions.map((action) => newValue(action, item));
  const sparse = new Set<AttributeValue[]>();
  for (const [at, action] of actions.entries()) place(result, action.path, values[at], sparse);
  for (const list of sparse) list.splice(0, list.length, ...list.filter((member) => member !== undefined));
  return result;
};
