import {
  type AttributeDefinition,
  checkShape,
  type KeySchemaElement,
  operationModule,
  type RequestShape,
} from './dynalite.ts';
import type { StreamViewType } from './streams.ts';

interface Projection {
  readonly ProjectionType?: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly NonKeyAttributes?: readonly string[];
}

interface IndexDefinition {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: Projection;
}

interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

/**
 * A table to have: the properties of CreateTable, of `AWS::DynamoDB::Table` and of
 * `AWS::DynamoDB::GlobalTable` alike. What this store has no use for is ignored.
 */
export interface TableDefinition {
  readonly TableName: string;
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly KeySchema: readonly KeySchemaElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexDefinition[];
  readonly LocalSecondaryIndexes?: readonly IndexDefinition[];
  /** @default 'PAY_PER_REQUEST', unless a throughput is given. */
  readonly BillingMode?: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly ProvisionedThroughput?: Throughput;
  /** `StreamEnabled` is said in the API and implied in a template. @default no stream. */
  readonly StreamSpecification?: { readonly StreamEnabled?: boolean; readonly StreamViewType?: StreamViewType };
  /** @default items do not expire. */
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled?: boolean };
  /** @default false */
  readonly DeletionProtectionEnabled?: boolean;
}

/** A definition that has been checked, with its defaults filled in. */
export interface NormalDefinition {
  readonly TableName: string;
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly KeySchema: readonly KeySchemaElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexDefinition[];
  readonly LocalSecondaryIndexes?: readonly IndexDefinition[];
  readonly BillingMode?: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly ProvisionedThroughput?: Throughput;
  readonly StreamViewType?: StreamViewType;
  /** The attribute that holds when an item expires, in seconds since 1970. */
  readonly TimeToLive?: string;
  readonly DeletionProtectionEnabled?: boolean;
}

const dynalite = operationModule('createTable');

const shape: RequestShape = {
  ...dynalite.types,
  StreamSpecification: {
    type: 'FieldStruct<StreamSpecification>',
    children: {
      StreamEnabled: 'Boolean',
      StreamViewType: { type: 'String', enum: ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'] },
    },
  },
  TimeToLiveSpecification: {
    type: 'FieldStruct<TimeToLiveSpecification>',
    children: { AttributeName: { type: 'String', lengthGreaterThanOrEqual: 1 }, Enabled: 'Boolean' },
  },
  DeletionProtectionEnabled: 'Boolean',
};

/** Checks the body of a CreateTable request, or a definition, by DynamoDB's rules. */
export const checkedDefinition = (body: object): TableDefinition =>
  checkShape<TableDefinition>(structuredClone(body), { types: shape, custom: dynalite.custom });

/**
 * A definition with its defaults, ready to be kept.
 *
 * @throws {Fault} a ValidationException that names the rule it breaks.
 */
export const tableDefinitionOf = (definition: TableDefinition): NormalDefinition => {
  const billing = definition.BillingMode ?? (definition.ProvisionedThroughput ? 'PROVISIONED' : 'PAY_PER_REQUEST');
  const { StreamSpecification, TimeToLiveSpecification, ...rest } = checkedDefinition({
    ...definition,
    BillingMode: billing,
  });
  const streaming = StreamSpecification && StreamSpecification.StreamEnabled !== false;
  return {
    ...rest,
    StreamViewType: streaming ? StreamSpecification.StreamViewType : undefined,
    TimeToLive: TimeToLiveSpecification?.Enabled === false ? undefined : TimeToLiveSpecification?.AttributeName,
  };
};

/** Whether two key schemas name the same attributes, in the same roles, of the same types. */
export const sameKeys = (
  left: readonly KeySchemaElement[],
  leftTable: Pick<NormalDefinition, 'AttributeDefinitions'>,
  right: readonly KeySchemaElement[],
  rightTable: Pick<NormalDefinition, 'AttributeDefinitions'>,
): boolean => {
  const text = (schema: readonly KeySchemaElement[], { AttributeDefinitions }: typeof leftTable): string =>
    schema
      .map(({ AttributeName, KeyType }) => {
        const type = AttributeDefinitions.find((known) => known.AttributeName === AttributeName)?.AttributeType;
        return JSON.stringify([KeyType, AttributeName, type]);
      })
      .sort()
      .join();
  return text(left, leftTable) === text(right, rightTable);
};
