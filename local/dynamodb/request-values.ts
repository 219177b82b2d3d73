import { validations } from './dynalite.ts';
import { validationFault } from './errors.ts';
import { type AttributeValue, type Item, membersOf } from './values.ts';

/** How deep a value may nest. */
const MAX_LEVELS = 32;

const TOO_DEEP = 'Nesting Levels have exceeded supported limits';

/** What dynalite does not look for: values nested too deep, and sets with an empty member. */
const problemWithin = (value: AttributeValue, level = 1): string | undefined => {
  const members = 'L' in value ? value.L : 'M' in value ? Object.values(value.M) : undefined;
  if (members && level > MAX_LEVELS) return TOO_DEEP;
  if (members) return members.map((member) => problemWithin(member, level + 1)).find(Boolean);
  if (!membersOf(value)?.includes('')) return undefined;
  const kind =
    'SS' in value ? 'An string set may not have a empty string' : 'An binary set may not have a empty binary';
  return `One or more parameter values were invalid: ${kind} as a member`;
};

/** What is wrong with a value, if anything. Numbers are brought into plain decimal notation in place. */
const problemOf = (value: AttributeValue): string | undefined =>
  validations.validateAttributeValue(value) ?? problemWithin(value);

/**
 * Checks every value of an item, key or set of expression values.
 *
 * @param describe - puts a problem and the name it belongs to into the message for the client.
 * @throws {Fault} a ValidationException for the first value that DynamoDB does not store.
 */
export const checkValues = (values: Item, describe = (message: string, _name: string): string => message): void => {
  for (const [name, value] of Object.entries(values)) {
    const problem = problemOf(value);
    if (problem) throw validationFault(describe(problem, name));
  }
};

const isObject = (node: unknown): node is object => typeof node === 'object' && node !== null;

const refuseName = (name: string): void => {
  if (name === '__proto__') {
    throw validationFault("Attributes named '__proto__' are not supported here; choose another name");
  }
};

/** Deeper than any request that will be accepted, shallow enough for every step to walk it. */
const MAX_JSON_DEPTH = 3 * MAX_LEVELS;

/**
 * Refuses what no later step may meet: JSON deep enough to exhaust the stack, and the one attribute
 * name that cannot be an ordinary property in JavaScript, be it a name itself or behind a placeholder.
 */
export const refuseUnsafe = (body: unknown, depth = 1): void => {
  if (!isObject(body)) return;
  if (depth > MAX_JSON_DEPTH) throw validationFault(TOO_DEEP);
  for (const [name, member] of Object.entries(body)) {
    refuseName(name);
    if (isObject(member)) refuseUnsafe(member, depth + 1);
    else if (name.startsWith('#') && typeof member === 'string') refuseName(member);
  }
};
