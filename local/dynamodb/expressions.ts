import {
  type ExpressionHolder,
  type KeyConditions,
  type ParsedCondition,
  type ParsedProjection,
  type ParsedUpdate,
  validations,
} from './dynalite.ts';
import { validationFault } from './errors.ts';
import { checkValues } from './request-values.ts';
import type { AttributeValue, Item } from './values.ts';

/** The parsed expressions of one request. */
export interface Expressions {
  readonly update?: ParsedUpdate;
  readonly condition?: ParsedCondition;
  readonly keyConditions?: KeyConditions;
  readonly filter?: ParsedCondition;
  readonly projection?: ParsedProjection;
}

type ExpressionName =
  | 'UpdateExpression'
  | 'ConditionExpression'
  | 'KeyConditionExpression'
  | 'FilterExpression'
  | 'ProjectionExpression';

type Parsed = Pick<ExpressionHolder, '_updates' | '_condition' | '_keyCondition' | '_filter' | '_projection'>;

/** Stands for a value in a remembered expression, under the name that the request gives it. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Expressions that parsed, without their values. Parsing takes up to 0.2 ms, more than all the rest
 * of a write, and an application repeats the same few expressions.
 */
const remembered = new Map<string, unknown>();
const REMEMBERED_AT_MOST = 1000;

// These two look at values while parsing, so their outcome is not one of the text alone.
const LOOKS_AT_VALUES = /between|attribute_type/i;

const shapeOf = (request: ExpressionHolder): string | undefined => {
  const texts = [
    request.UpdateExpression,
    request.ConditionExpression,
    request.KeyConditionExpression,
    request.FilterExpression,
    request.ProjectionExpression,
  ];
  if (texts.some((text) => text !== undefined && LOOKS_AT_VALUES.test(text))) return undefined;
  const types = Object.entries(request.ExpressionAttributeValues ?? {}).map(([name, value]) => [
    name,
    Object.keys(value)[0],
  ]);
  return JSON.stringify([texts, request.ExpressionAttributeNames, types]);
};

const isRecord = (node: unknown): node is Record<string, unknown> => typeof node === 'object' && node !== null;

/** A copy of a parse tree in which every node that has a substitute is replaced by it. */
const replaced = (node: unknown, substitute: (node: object) => unknown): unknown => {
  if (!isRecord(node)) return node;
  const other = substitute(node);
  if (other !== undefined) return other;
  if (Array.isArray(node)) return node.map((member) => replaced(member, substitute));
  return Object.fromEntries(Object.entries(node).map(([name, member]) => [name, replaced(member, substitute)]));
};

const withoutValues = (parsed: Parsed, values: Item): unknown => {
  const placeholders = new Map<object, Placeholder>(
    Object.entries(values).map(([name, value]) => [value, new Placeholder(name)]),
  );
  return replaced(parsed, (node) => placeholders.get(node));
};

const withValues = (template: unknown, values: Item): Parsed =>
  replaced(template, (node): AttributeValue | undefined =>
    node instanceof Placeholder ? values[node.name] : undefined,
  ) as Parsed;

const parse = (request: ExpressionHolder): Parsed => {
  const values = request.ExpressionAttributeValues ?? {};
  const shape = shapeOf(request);
  const template = shape === undefined ? undefined : remembered.get(shape);
  if (template !== undefined) {
    checkValues(
      values,
      (message, name) => `ExpressionAttributeValues contains invalid value: ${message} for key ${name}`,
    );
    return withValues(template, values);
  }

  const holder: ExpressionHolder = { ...request };
  const message = validations.validateExpressions(holder);
  if (message) throw validationFault(message);
  const { _updates, _condition, _keyCondition, _filter, _projection } = holder;
  const parsed = { _updates, _condition, _keyCondition, _filter, _projection };
  if (shape !== undefined) {
    if (remembered.size >= REMEMBERED_AT_MOST) remembered.clear();
    remembered.set(shape, withoutValues(parsed, values));
  }
  return parsed;
};

const keyConditionsOf = ({ expression }: ParsedCondition): KeyConditions => {
  const conditions = validations.convertKeyCondition(expression);
  if (typeof conditions === 'string') throw validationFault(conditions);
  const message = validations.validateConditions(conditions);
  if (message) throw validationFault(message);
  const count = Object.keys(conditions).length;
  if (count !== 1 && count !== 2) throw validationFault('Conditions can be of length 1 or 2 only');
  return conditions;
};

/**
 * Parses the expressions of a request and checks their names and values.
 *
 * @param names - the expressions that this operation knows.
 * @throws {Fault} a ValidationException that says what is wrong with which expression.
 */
export const parseExpressions = (request: ExpressionHolder, names: readonly ExpressionName[]): Expressions => {
  const message = validations.validateExpressionParams(request, names, []);
  if (message) throw validationFault(message);
  if (names.every((name) => request[name] === undefined)) return {};

  const { _updates, _condition, _keyCondition, _filter, _projection } = parse(request);
  return {
    update: _updates,
    condition: _condition,
    keyConditions: _keyCondition && keyConditionsOf(_keyCondition),
    filter: _filter,
    projection: _projection,
  };
};
