import { DeploymentError } from '../errors.ts';
import { matchesWildcard } from '../iam/wildcard.ts';

/** Whether an event is one that a rule asks for. */
export type EventTest = (event: unknown) => boolean;

/** Whether one value of the event matches; undefined stands for a field that the event does not have. */
type ValueTest = (value: unknown) => boolean;

/**
 * Reads an event pattern.
 *
 * Fields named by the pattern must all match; of the values listed for a field one suffices; a list in the event
 * matches if one of its elements does.
 *
 * @throws {DeploymentError} for a comparison that is not known here.
 * @see Amazon EventBridge event patterns.
 */
export const readPattern = (pattern: unknown): EventTest => readObject(pattern, 'EventPattern');

const readObject = (pattern: unknown, where: string): EventTest => {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new DeploymentError(`${where} must be an object`);
  }
  const tests = Object.entries(pattern).map(([name, inner]): EventTest => {
    if (name === '$or') return readOr(inner, `${where}.$or`);
    if (!Array.isArray(inner)) {
      const test = readObject(inner, `${where}.${name}`);
      return (event) => elementsOf(fieldOf(event, name)).some(test);
    }
    if (inner.length === 0) throw new DeploymentError(`${where}.${name} lists nothing to match`);
    const values = inner.map((value) => readValue(value, `${where}.${name}`));
    return (event) => elementsOf(fieldOf(event, name)).some((value) => values.some((test) => test(value)));
  });
  return (event) => tests.every((test) => test(event));
};

const readOr = (alternatives: unknown, where: string): EventTest => {
  if (!Array.isArray(alternatives)) throw new DeploymentError(`${where} must be a list`);
  const tests = alternatives.map((alternative) => readObject(alternative, where));
  return (event) => tests.some((test) => test(event));
};

const fieldOf = (event: unknown, name: string): unknown =>
  typeof event === 'object' && event !== null && Object.hasOwn(event, name)
    ? (event as Record<string, unknown>)[name]
    : undefined;

/** An empty list counts as a field that is not there. */
const elementsOf = (value: unknown): unknown[] => (Array.isArray(value) && value.length > 0 ? value : [single(value)]);

const single = (value: unknown): unknown => (Array.isArray(value) ? undefined : value);

const readValue = (value: unknown, where: string): ValueTest => {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return (given) => given === value;
  const [operator, ...others] = Object.keys(value as object);
  const read = operator !== undefined && Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!read || others.length > 0) {
    throw new DeploymentError(`${where}: a comparison is one of ${Object.keys(OPERATORS).join(', ')}`);
  }
  return read((value as Record<string, unknown>)[operator as string], where);
};

const onText =
  (test: (text: string) => boolean): ValueTest =>
  (given) =>
    typeof given === 'string' && test(given);

const textual =
  (compare: (given: string, wanted: string) => boolean) =>
  (argument: unknown, where: string): ValueTest => {
    if (typeof argument === 'string') return onText((given) => compare(given, argument));
    const folded = fieldOf(argument, 'equals-ignore-case');
    if (typeof folded !== 'string') throw new DeploymentError(`${where}: a comparison of text takes text`);
    return onText((given) => compare(given.toLowerCase(), folded.toLowerCase()));
  };

const NUMERIC: Readonly<Record<string, (given: number, wanted: number) => boolean>> = {
  '<': (given, wanted) => given < wanted,
  '<=': (given, wanted) => given <= wanted,
  '=': (given, wanted) => given === wanted,
  '>': (given, wanted) => given > wanted,
  '>=': (given, wanted) => given >= wanted,
};

const OPERATORS: Readonly<Record<string, (argument: unknown, where: string) => ValueTest>> = {
  prefix: textual((given, wanted) => given.startsWith(wanted)),
  suffix: textual((given, wanted) => given.endsWith(wanted)),
  'equals-ignore-case': textual((given, wanted) => given.toLowerCase() === wanted.toLowerCase()),
  wildcard: textual((given, wanted) =>
    matchesWildcard(wanted.replaceAll('?', '\u0000'), given.replaceAll('?', '\u0000')),
  ),

  exists: (argument, where) => {
    if (typeof argument !== 'boolean') throw new DeploymentError(`${where}: exists takes true or false`);
    return (given) => (given !== undefined) === argument;
  },

  'anything-but': (argument, where) => {
    const listed = (Array.isArray(argument) ? argument : [argument]).map((value) => readValue(value, where));
    return (given) => given !== undefined && !listed.some((test) => test(given));
  },

  numeric: (argument, where) => {
    const parts: unknown[] = Array.isArray(argument) ? argument : [];
    const tests: ((given: number) => boolean)[] = [];
    for (let at = 0; at < parts.length; at += 2) {
      const compare = NUMERIC[String(parts[at])];
      const wanted = parts[at + 1];
      if (!compare || typeof wanted !== 'number') {
        throw new DeploymentError(`${where}: numeric takes pairs of ${Object.keys(NUMERIC).join(', ')} and a number`);
      }
      tests.push((given) => compare(given, wanted));
    }
    if (tests.length === 0) throw new DeploymentError(`${where}: numeric compares with nothing`);
    return (given) => typeof given === 'number' && tests.every((test) => test(given));
  },
};
