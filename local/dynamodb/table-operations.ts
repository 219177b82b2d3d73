import type { Table, TableIndex } from './catalog.ts';
import { checkShape, operationModule } from './dynalite.ts';
import { serviceFault, validationFault } from './errors.ts';
import type { ServiceContext } from './service-context.ts';
import { checkedDefinition, type TableDefinition } from './table-definition.ts';

interface TableRequest {
  readonly TableName: string;
}

const requestOf = <T>(operation: string, body: object): T =>
  checkShape<T>({ ...body }, { types: operationModule(operation).types });

const NO_THROUGHPUT = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

const describedIndexes = ({ arn, definition, indexes, store }: Table, global: boolean) => {
  const definitions = (global ? definition.GlobalSecondaryIndexes : definition.LocalSecondaryIndexes) ?? [];
  const countOf = (name: string): number => {
    const index = indexes.find((known: TableIndex) => known.name === name);
    return index ? store.indexCount(index.id) : 0;
  };
  const described = definitions.map(({ IndexName, KeySchema, Projection }) => ({
    IndexName,
    KeySchema,
    Projection,
    IndexArn: `${arn}/index/${IndexName}`,
    ItemCount: countOf(IndexName),
    IndexSizeBytes: 0,
    ...(global ? { IndexStatus: 'ACTIVE', ProvisionedThroughput: NO_THROUGHPUT } : {}),
  }));
  return described.length > 0 ? described : undefined;
};

/** A table as DescribeTable shows it; counts are exact, where AWS refreshes them every six hours. */
const descriptionOf = (table: Table) => {
  const { definition, stream } = table;
  const { items, bytes } = table.store.totals();
  const onDemand = definition.BillingMode === 'PAY_PER_REQUEST';
  return {
    TableName: table.name,
    TableArn: table.arn,
    TableId: table.uuid,
    TableStatus: 'ACTIVE',
    CreationDateTime: table.createdMs / 1000,
    AttributeDefinitions: definition.AttributeDefinitions,
    KeySchema: definition.KeySchema,
    ItemCount: items,
    TableSizeBytes: bytes,
    ProvisionedThroughput: { NumberOfDecreasesToday: 0, ...(definition.ProvisionedThroughput ?? NO_THROUGHPUT) },
    BillingModeSummary: onDemand ? { BillingMode: 'PAY_PER_REQUEST' } : undefined,
    GlobalSecondaryIndexes: describedIndexes(table, true),
    LocalSecondaryIndexes: describedIndexes(table, false),
    StreamSpecification: stream && { StreamEnabled: true, StreamViewType: stream.viewType },
    LatestStreamArn: stream?.arn,
    LatestStreamLabel: stream?.label,
    DeletionProtectionEnabled: definition.DeletionProtectionEnabled ?? false,
  };
};

export const createTable = ({ catalog }: ServiceContext, body: object) => {
  // The API's own rule: without a billing mode a throughput must be given.
  const definition = checkedDefinition(body);
  if (catalog.find(definition.TableName)) {
    throw serviceFault('ResourceInUseException', `Table already exists: ${definition.TableName}`);
  }
  return { TableDescription: descriptionOf(catalog.ensure(definition)) };
};

export const deleteTable = ({ catalog }: ServiceContext, body: object) => {
  const { TableName } = requestOf<TableRequest>('deleteTable', body);
  const {
    GlobalSecondaryIndexes: _,
    LocalSecondaryIndexes: __,
    ...description
  } = descriptionOf(catalog.get(TableName));
  catalog.delete(TableName);
  return { TableDescription: { ...description, TableStatus: 'DELETING' } };
};

export const describeTable = ({ catalog }: ServiceContext, body: object) => {
  const { TableName } = requestOf<TableRequest>('describeTable', body);
  return {
    Table: descriptionOf(catalog.get(TableName, `Requested resource not found: Table: ${TableName} not found`)),
  };
};

interface ListRequest {
  readonly Limit?: number;
  readonly ExclusiveStartTableName?: string;
}

export const listTables = ({ catalog }: ServiceContext, body: object) => {
  const { Limit = 100, ExclusiveStartTableName: start } = requestOf<ListRequest>('listTables', body);
  const names = catalog.all().map(({ name }) => name);
  const rest = names.filter((name) => start === undefined || name > start);
  const page = rest.slice(0, Limit);
  return {
    TableNames: page,
    LastEvaluatedTableName: page.length < rest.length ? page[page.length - 1] : undefined,
  };
};

const timeToLiveShape = {
  ...operationModule('describeTimeToLive').types,
  TimeToLiveSpecification: {
    type: 'FieldStruct<TimeToLiveSpecification>',
    notNull: true,
    children: {
      AttributeName: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 255 },
      Enabled: { type: 'Boolean', notNull: true },
    },
  },
};

interface TimeToLiveRequest extends TableRequest {
  readonly TimeToLiveSpecification: { readonly AttributeName: string; readonly Enabled: boolean };
}

/** The definition that a table has now, as one may ask for it. */
const definitionOf = ({ definition: { StreamViewType, TimeToLive, ...rest } }: Table): TableDefinition => ({
  ...rest,
  StreamSpecification: StreamViewType && { StreamViewType },
  TimeToLiveSpecification: TimeToLive ? { AttributeName: TimeToLive, Enabled: true } : undefined,
});

export const updateTimeToLive = ({ catalog }: ServiceContext, body: object) => {
  const request = checkShape<TimeToLiveRequest>({ ...body }, { types: timeToLiveShape });
  const { AttributeName, Enabled } = request.TimeToLiveSpecification;
  const table = catalog.get(request.TableName);
  const current = table.definition.TimeToLive;
  if (Enabled && current === AttributeName) throw validationFault('TimeToLive is already enabled');
  if (!Enabled && current === undefined) throw validationFault('TimeToLive is already disabled');
  if (current !== undefined && current !== AttributeName) {
    throw validationFault(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
  catalog.ensure({ ...definitionOf(table), TimeToLiveSpecification: request.TimeToLiveSpecification });
  return { TimeToLiveSpecification: request.TimeToLiveSpecification };
};

export const describeTimeToLive = ({ catalog }: ServiceContext, body: object) => {
  const { TableName } = requestOf<TableRequest>('describeTimeToLive', body);
  const { TimeToLive } = catalog.get(
    TableName,
    `Requested resource not found: Table: ${TableName} not found`,
  ).definition;
  return {
    TimeToLiveDescription: TimeToLive
      ? { TimeToLiveStatus: 'ENABLED', AttributeName: TimeToLive }
      : { TimeToLiveStatus: 'DISABLED' },
  };
};
