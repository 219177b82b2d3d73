import type { KeyCondition } from '#local/dynamodb/dynalite.ts';
import { validationFault } from '#local/dynamodb/errors.ts';
import type { Item } from '#local/dynamodb/values.ts';
import type { FakeTable } from './dynamodb-table.ts';
import type { TableWiring } from './wiring.ts';

/** What a query asks for beside its expressions. */
export interface QueryInput {
  readonly IndexName?: string;
  readonly Limit?: number;
  readonly ScanIndexForward?: boolean;
  readonly ExclusiveStartKey?: Item;
}

/** What is read: a table, or one of its indexes. */
export type Source = Pick<TableWiring, 'key'> & { readonly index?: string };

export const sourceOf = ({ wiring }: FakeTable, index: string | undefined): Source => {
  if (index === undefined) return wiring;
  const found = wiring.indexes.find(({ name }) => name === index);
  if (!found) throw validationFault(`The table does not have the specified index: ${index}`);
  return { key: found.key, index };
};

const inRange = (value: string, { ComparisonOperator, AttributeValueList }: KeyCondition): boolean => {
  const [first, second] = AttributeValueList.map((bound) => (bound as { readonly S: string }).S);
  switch (ComparisonOperator) {
    case 'EQ':
      return value === first!;
    case 'LT':
      return value < first!;
    case 'LE':
      return value <= first!;
    case 'GT':
      return value > first!;
    case 'GE':
      return value >= first!;
    case 'BETWEEN':
      return value >= first! && value <= second!;
    case 'BEGINS_WITH':
      return value.startsWith(first!);
  }
};

/** Items that a query's key conditions select, in the order of the sort key. */
export const rowsOf = (
  table: FakeTable,
  { key, index }: Source,
  conditions: Readonly<Record<string, KeyCondition>>,
): readonly Item[] => {
  const hash = conditions[key.hash];
  if (hash?.ComparisonOperator !== 'EQ')
    throw validationFault(`Query condition missed key schema element: ${key.hash}`);
  const range = key.range === undefined ? undefined : conditions[key.range];
  const within = (item: Item): boolean => !range || inRange((item[key.range!] as { readonly S: string }).S, range);
  const wanted = (hash.AttributeValueList[0] as { readonly S: string }).S;
  if (index === undefined) return [...table.partition(wanted)].filter(within);
  const found = [...table.all()].filter(
    (item) =>
      inRange((item[key.hash] as { readonly S?: string } | undefined)?.S ?? '\0', hash) &&
      item[key.range!] &&
      within(item),
  );
  const names = [table.wiring.key.hash, table.wiring.key.range!, key.hash, key.range!];
  const rangeOf = (item: Item): string => (item[key.range!] as { readonly S: string }).S;
  return found.map((item) => picked(item, names)).sort((left, right) => (rangeOf(left) < rangeOf(right) ? -1 : 1));
};

export const samePlace = (row: Item, start: Item): boolean =>
  Object.entries(start).every(
    ([name, value]) => (row[name] as { S?: string } | undefined)?.S === (value as { S?: string }).S,
  );

/** Some attributes of an item. */
export const picked = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries([...new Set(names)].map((name) => [name, item[name]!]));
