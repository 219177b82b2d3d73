import { DeploymentError } from '../errors.ts';
import { matchesArn, matchesWildcard } from './wildcard.ts';

/** Condition keys and their values for one request; keys in lower case. */
export type Context = Readonly<Record<string, string>>;

/** One line of a `Condition` block. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  holds(context: Context): boolean;
}

type Comparison = (wanted: string, given: string) => boolean;

const lower = (text: string): string => text.toLowerCase();
const numerically =
  (compare: (given: number, wanted: number) => boolean): Comparison =>
  (wanted, given) =>
    compare(Number(given), Number(wanted));

const POSITIVE: Readonly<Record<string, Comparison>> = {
  StringEquals: (wanted, given) => wanted === given,
  StringEqualsIgnoreCase: (wanted, given) => lower(wanted) === lower(given),
  StringLike: matchesWildcard,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (wanted, given) => lower(wanted) === lower(given),
  NumericEquals: numerically((given, wanted) => given === wanted),
  NumericLessThan: numerically((given, wanted) => given < wanted),
  NumericLessThanEquals: numerically((given, wanted) => given <= wanted),
  NumericGreaterThan: numerically((given, wanted) => given > wanted),
  NumericGreaterThanEquals: numerically((given, wanted) => given >= wanted),
};

/** Operators that hold when no value matches, a missing key included. */
const NEGATED: Readonly<Record<string, Comparison>> = {
  StringNotEquals: (wanted, given) => wanted === given,
  StringNotEqualsIgnoreCase: (wanted, given) => lower(wanted) === lower(given),
  StringNotLike: matchesWildcard,
  ArnNotEquals: matchesArn,
  ArnNotLike: matchesArn,
  NumericNotEquals: numerically((given, wanted) => given === wanted),
};

/**
 * Reads a `Condition` block.
 *
 * Several keys must all hold; of several values one suffices (for a negated operator: none may match). With `IfExists`
 * a missing key holds.
 *
 * @param where - names the policy in errors.
 * @throws {DeploymentError} for an operator or a policy variable that is not known here: guessing would allow too much.
 */
export const readConditions = (block: unknown, where: string): Condition[] => {
  if (block === undefined) return [];
  return entriesOf(block, `${where}: Condition`).flatMap(([operator, keys]) =>
    entriesOf(keys, `${where}: Condition.${operator}`).map(([key, values]) =>
      conditionOf(operator, key, listOf(values), where),
    ),
  );
};

const conditionOf = (operator: string, key: string, wanted: string[], where: string): Condition => {
  const variable = wanted.find((value) => value.includes('${'));
  if (variable !== undefined) {
    throw new DeploymentError(`${where}: policy variables are not known here; write out the value of '${key}'`);
  }
  const name = lower(key);
  if (operator === 'Null') {
    const absent = wanted.includes('true');
    return { operator, key, holds: (context) => (context[name] === undefined) === absent };
  }

  const ifExists = operator.endsWith('IfExists');
  const base = ifExists ? operator.slice(0, -'IfExists'.length) : operator;
  const positive = POSITIVE[base];
  if (positive) {
    return {
      operator,
      key,
      holds: (context) => {
        const given = context[name];
        return given === undefined ? ifExists : wanted.some((value) => positive(value, given));
      },
    };
  }
  const negated = NEGATED[base];
  if (!negated) {
    const known = [...Object.keys(POSITIVE), ...Object.keys(NEGATED), 'Null'].sort().join(', ');
    throw new DeploymentError(`${where}: condition operator '${operator}' is not known here; use one of ${known}`);
  }
  return {
    operator,
    key,
    holds: (context) => {
      const given = context[name];
      return given === undefined || !wanted.some((value) => negated(value, given));
    },
  };
};

const entriesOf = (value: unknown, where: string): [string, unknown][] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DeploymentError(`${where} must be an object`);
  }
  return Object.entries(value);
};

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
