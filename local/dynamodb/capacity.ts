import type { ReturnConsumedCapacity } from './requests.ts';

/** Capacity units that requests used on one table: on its items, and on each index. */
export interface Usage {
  readonly table: number;
  readonly indexes: readonly { readonly name: string; readonly global: boolean; readonly units: number }[];
}

/** What ConsumedCapacity looks like in an answer. */
export interface ConsumedCapacity {
  readonly TableName: string;
  readonly CapacityUnits: number;
  readonly ReadCapacityUnits?: number;
  readonly WriteCapacityUnits?: number;
  readonly Table?: { readonly CapacityUnits: number };
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits: number }>>;
  readonly LocalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits: number }>>;
}

const WRITE_BYTES = 1024;
const READ_BYTES = 4096;

/** Units of a write: one for each KB begun, of the item before or after, whichever is larger. */
export const writeUnits = (...bytes: readonly number[]): number =>
  Math.max(1, Math.ceil(Math.max(...bytes) / WRITE_BYTES));

/** Units of a read: one for each 4 KB begun, half as many when it may be a moment behind. */
export const readUnits = (bytes: number, consistent: boolean | undefined): number =>
  Math.max(1, Math.ceil(bytes / READ_BYTES)) * (consistent ? 1 : 0.5);

/** What several actions on one table used together. */
const totalUsage = (usages: readonly Usage[]): Usage => {
  const indexes = new Map<string, Usage['indexes'][number]>();
  for (const index of usages.flatMap((usage) => usage.indexes)) {
    indexes.set(index.name, { ...index, units: index.units + (indexes.get(index.name)?.units ?? 0) });
  }
  return { table: usages.reduce((sum, { table }) => sum + table, 0), indexes: [...indexes.values()] };
};

/** A usage counted several times: a transaction pays each unit twice. */
export const timesUsage = ({ table, indexes }: Usage, times: number): Usage => ({
  table: table * times,
  indexes: indexes.map((index) => ({ ...index, units: index.units * times })),
});

const indexPart = (usage: Usage, global: boolean) => {
  const part = usage.indexes.filter((index) => index.global === global);
  return part.length > 0
    ? Object.fromEntries(part.map(({ name, units }) => [name, { CapacityUnits: units }]))
    : undefined;
};

/** What an answer says about capacity: nothing, the total, or the total by index. */
export const consumedCapacity = (
  asked: ReturnConsumedCapacity | undefined,
  tableName: string,
  usage: Usage,
): ConsumedCapacity | undefined => {
  if (asked !== 'TOTAL' && asked !== 'INDEXES') return undefined;
  const total = usage.indexes.reduce((sum, { units }) => sum + units, usage.table);
  if (asked === 'TOTAL') return { TableName: tableName, CapacityUnits: total };
  return {
    TableName: tableName,
    CapacityUnits: total,
    Table: { CapacityUnits: usage.table },
    GlobalSecondaryIndexes: indexPart(usage, true),
    LocalSecondaryIndexes: indexPart(usage, false),
  };
};

/** The same for the actions of a batch or transaction, one entry a table. */
export const consumedCapacities = (
  asked: ReturnConsumedCapacity | undefined,
  actions: readonly { readonly tableName: string; readonly usage: Usage }[],
): ConsumedCapacity[] | undefined => {
  const names = [...new Set(actions.map(({ tableName }) => tableName))];
  const all = names.map((name) => {
    const usages = actions.filter(({ tableName }) => tableName === name).map(({ usage }) => usage);
    return consumedCapacity(asked, name, totalUsage(usages));
  });
  return asked === 'TOTAL' || asked === 'INDEXES' ? all.filter((one) => one !== undefined) : undefined;
};
