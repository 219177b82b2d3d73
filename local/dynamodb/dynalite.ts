import { createRequire } from 'node:module';
import { Fault } from './errors.ts';
import type { AttributeType, AttributeValue, Item } from './values.ts';

/*
 * dynalite is CommonJS without types. This file is the only one that loads it, and gives what we use
 * of it a type: request shapes and their checks, the expression grammars, key rules, and the
 * messages of all of them. Evaluating expressions, sizes and order are ours, because dynalite's
 * compare documents by identity, treat '' as absent, and count UTF-16 units instead of bytes.
 */
const load = createRequire(import.meta.url);

/** A shape that a request is checked against, in dynalite's notation. */
export type RequestShape = Readonly<Record<string, unknown>>;

export type KeyType = 'S' | 'N' | 'B';
export interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}
export interface AttributeDefinition {
  readonly AttributeName: string;
  readonly AttributeType: KeyType;
}

/** As much of a table as the key rules look at. */
export interface TableShape {
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly GlobalSecondaryIndexes?: readonly { IndexName: string; KeySchema: readonly KeySchemaElement[] }[];
  readonly LocalSecondaryIndexes?: readonly { IndexName: string; KeySchema: readonly KeySchemaElement[] }[];
}

/** Where a value is inside an item: an attribute name, then map keys and list indexes. */
export type Path = readonly (string | number)[];

type Nested = Readonly<Record<string, boolean>>;
export type Operand = Path | AttributeValue | FunctionCall;
export interface FunctionCall {
  readonly type: 'function';
  readonly name: string;
  readonly args: readonly Operand[];
}
export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'between' | 'in';
export type Condition =
  | { readonly type: 'and' | 'or' | 'not'; readonly args: readonly Condition[] }
  | { readonly type: Comparator; readonly args: readonly Operand[] }
  | FunctionCall;
export type UpdateOperand =
  | Path
  | AttributeValue
  | { readonly type: 'add' | 'subtract'; readonly args: readonly UpdateOperand[] }
  | { readonly type: 'function'; readonly name: string; readonly args: readonly UpdateOperand[] };
export type UpdateAction =
  | { readonly type: 'set'; readonly path: Path; readonly val: UpdateOperand; readonly attrType?: AttributeType }
  | { readonly type: 'remove'; readonly path: Path }
  | { readonly type: 'add' | 'delete'; readonly path: Path; readonly val: AttributeValue };

export interface ParsedCondition {
  readonly expression: Condition;
  readonly nestedPaths: Nested;
  /** Names of the attributes that the expression reads. */
  readonly pathHeads: Nested;
}
export interface ParsedUpdate {
  readonly sections: readonly UpdateAction[];
  readonly paths: readonly Path[];
  readonly nestedPaths: Nested;
}
export interface ParsedProjection {
  readonly paths: readonly Path[];
  readonly nestedPaths: Nested;
}

/** The expressions of a request; the parsed ones appear beside them. */
export interface ExpressionHolder {
  UpdateExpression?: string;
  ConditionExpression?: string;
  KeyConditionExpression?: string;
  FilterExpression?: string;
  ProjectionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
  _updates?: ParsedUpdate;
  _condition?: ParsedCondition;
  _keyCondition?: ParsedCondition;
  _filter?: ParsedCondition;
  _projection?: ParsedProjection;
}

export interface KeyCondition {
  readonly ComparisonOperator: 'EQ' | 'LT' | 'LE' | 'GT' | 'GE' | 'BETWEEN' | 'BEGINS_WITH';
  readonly AttributeValueList: readonly AttributeValue[];
}
export type KeyConditions = Readonly<Record<string, KeyCondition>>;

interface DynaliteError extends Error {
  readonly statusCode?: number;
  readonly body?: Record<string, unknown>;
}
interface KeyRules {
  validateKey(key: Item, table: TableShape): DynaliteError | undefined;
  validateItem(item: Item, table: TableShape): DynaliteError | undefined;
  validateUpdates(legacy: undefined, updates: ParsedUpdate, table: TableShape): DynaliteError | undefined;
  validateKeyPaths(nested: Nested | undefined, table: TableShape): DynaliteError | undefined;
  validateKeyPiece(key: Item, name: string, type: KeyType, isHash: boolean): DynaliteError | null | undefined;
}
interface Validations {
  checkTypes(body: object, shape: RequestShape): object;
  checkValidations(body: object, shape: RequestShape, custom?: (body: object) => string | undefined): void;
  validateAttributeValue(value: AttributeValue): string | undefined;
  validateExpressionParams(
    request: ExpressionHolder,
    expressions: readonly string[],
    legacy: string[],
  ): string | undefined;
  validateExpressions(request: ExpressionHolder): string | undefined;
  convertKeyCondition(expression: Condition): KeyConditions | string;
  validateConditions(conditions: KeyConditions): string | undefined;
}
interface OperationModule {
  readonly types: RequestShape;
  readonly custom: (body: object) => string | undefined;
}
interface BigNumber {
  plus(other: string): BigNumber;
  minus(other: string): BigNumber;
  toFixed(): string;
}

const dynaliteDb = 'dynalite/db';

/** Checks and messages for values and expressions; each answers with a message, or nothing when all is well. */
export const validations = load('dynalite/validations') as Validations;

/** Arbitrary-precision decimals, the ones dynalite itself counts with. */
export const Big = createRequire(load.resolve(dynaliteDb))('big.js') as new (text: string) => BigNumber;

/** The shape of an operation's request, such as `putItem`, and the rules beyond its shape. */
export const operationModule = (name: string): OperationModule =>
  load(`dynalite/validations/${name}`) as OperationModule;

const keyRules = load(dynaliteDb) as KeyRules;

const faultOf = (error: DynaliteError): Fault =>
  new Fault({ message: error.message, ...error.body }, 'ValidationError', error.statusCode ?? 400);

const refuse = (error: DynaliteError | null | undefined): void => {
  if (error) throw faultOf(error);
};

/** Rules for keys, against a table's schema; each throws the fault that the client gets. */
export const checkKey = (key: Item, table: TableShape): void => refuse(keyRules.validateKey(key, table));
export const checkItemKey = (item: Item, table: TableShape): void => refuse(keyRules.validateItem(item, table));
export const checkUpdates = (updates: ParsedUpdate, table: TableShape): void =>
  refuse(keyRules.validateUpdates(undefined, updates, table));
export const checkKeyPaths = (nested: Nested | undefined, table: TableShape): void =>
  refuse(keyRules.validateKeyPaths(nested, table));
export const checkKeyPiece = (key: Item, name: string, type: KeyType, isHash: boolean): void =>
  refuse(keyRules.validateKeyPiece(key, name, type, isHash));

/**
 * The part of a request body that its shape knows, checked for types, lengths and allowed values.
 *
 * @throws {Fault} a SerializationException or ValidationException with DynamoDB's own wording.
 */
export const checkShape = <T>(body: object, { types, custom }: Partial<OperationModule>): T => {
  try {
    const known = validations.checkTypes(body, types ?? {});
    validations.checkValidations(known, types ?? {}, custom);
    return known as T;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw faultOf(error as DynaliteError);
    throw error;
  }
};
