import type { Table, TableIndex } from './catalog.ts';
import { checkKeyPaths } from './dynalite.ts';
import { validationFault } from './errors.ts';
import type { Expressions } from './expressions.ts';
import { type KeyAttributes, keyNames } from './keys.ts';
import type { QueryRequest } from './requests.ts';
import type { ServiceContext } from './service-context.ts';

/** What a page is read from: a table, or one of its indexes. */
export interface Source {
  readonly table: Table;
  readonly index?: TableIndex;
  readonly keys: KeyAttributes;
  /** The attributes of a LastEvaluatedKey. */
  readonly startNames: readonly string[];
}

/** Finds what a page is read from. @throws {Fault} for a table or index that is not there. */
export const sourceOf = (context: ServiceContext, request: QueryRequest): Source => {
  const table = context.catalog.get(request.TableName);
  const index = table.indexes.find(({ name }) => name === request.IndexName);
  if (request.IndexName !== undefined && !index) {
    throw validationFault(`The table does not have the specified index: ${request.IndexName}`);
  }
  if (index?.global && request.ConsistentRead) {
    throw validationFault('Consistent reads are not supported on global secondary indexes');
  }
  const keys = index?.keys ?? table.keys;
  return { table, index, keys, startNames: [...new Set([...keyNames(table.keys), ...keyNames(keys)])] };
};

const checkSelect = ({ Select, ProjectionExpression }: QueryRequest, index?: TableIndex): void => {
  if (ProjectionExpression !== undefined && Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES') {
    const what = Select === 'COUNT' ? 'only the Count' : Select;
    throw validationFault(`Cannot specify the ProjectionExpression when choosing to get ${what}`);
  }
  if (Select === 'SPECIFIC_ATTRIBUTES' && ProjectionExpression === undefined) {
    throw validationFault(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (Select === 'ALL_PROJECTED_ATTRIBUTES' && !index) {
    throw validationFault('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (Select === 'ALL_ATTRIBUTES' && index?.global && index.projected) {
    throw validationFault(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
};

/** Names that a projection asks for and an index does not hold. */
export const notProjected = ({ projection }: Expressions, index: TableIndex): string[] => {
  const names = projection?.paths.map(([head]) => String(head)) ?? [];
  return index.projected ? names.filter((name) => !index.projected!.has(name)) : [];
};

/** Checks what a page shows against what its source holds. @throws {Fault} a ValidationException. */
export const checkShown = (request: QueryRequest, expressions: Expressions, { table, index }: Source): void => {
  checkSelect(request, index);
  checkKeyPaths(expressions.projection?.nestedPaths, table.definition);
  checkKeyPaths(expressions.filter?.nestedPaths, table.definition);
  const missing = index?.global ? notProjected(expressions, index) : [];
  if (missing.length > 0) {
    throw validationFault(
      `One or more parameter values were invalid: Global secondary index ${index!.name} does not project [${missing.join(', ')}]`,
    );
  }
};

/** A query's filter comes after its key conditions, so it may not be about the key. */
export const checkFilter = ({ filter }: Expressions, keys: KeyAttributes): void => {
  const name = keyNames(keys).find((key) => filter?.pathHeads[key]);
  if (name !== undefined) {
    throw validationFault(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
    );
  }
};
