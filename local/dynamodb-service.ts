import type { Buffer } from 'node:buffer';
import { readBody } from './bodies.ts';
import { createDynamoDb, type DynamoDbService, type TableDefinition } from './dynamodb/index.ts';
import { meterCapacity } from './dynamodb/meter.ts';
import { createMishaps } from './dynamodb/mishaps.ts';
import { AwsError, DeploymentError } from './errors.ts';
import { checkProperties } from './properties.ts';
import { type DeployedResource, generatedName, type Host, type ResourceDeclaration, type Room } from './resources.ts';
import type { AwsResponse, Need } from './service.ts';

/** DynamoDB as a room: tables of the templates, and the two JSON services (tables, streams) over them. */
export interface DynamoDbRoom extends Room {
  /** Reads streams without the wire, for event source mappings. */
  readonly dynamoDb: DynamoDbService;
}

const LARGEST_REQUEST_BYTES = 17 * 1024 * 1024;
const SWEEP_EVERY_MS = 60_000;

type Properties = Readonly<Record<string, unknown>>;

export const createDynamoDbRoom = (
  host: Pick<Host, 'region' | 'accountId' | 'directoryOf' | 'keyNeed' | 'notice' | 'faults' | 'onUnits'>,
): DynamoDbRoom => {
  const { region, accountId } = host;
  const mishaps = createMishaps(host.faults);
  const dynamoDb = createDynamoDb({
    directory: host.directoryOf('dynamodb'),
    region,
    accountId,
    interfere: mishaps.interfere,
    onInternalError: (error) => host.notice(`DynamoDB failed: ${error instanceof Error ? error.stack : error}`),
  });
  /** Keys of tables that have one of their own, by table ARN. */
  const keys = new Map<string, string>();
  let sweeper: NodeJS.Timeout | undefined;

  const deploy = (resource: ResourceDeclaration, definition: Properties, encryption: unknown): DeployedResource => {
    const TableName = String(resource.properties.TableName ?? generatedName(resource, { maxLength: 255 }));
    const { tableArn, streamArn } = dynamoDb.createTable({ ...definition, TableName } as unknown as TableDefinition);
    const keyId = (encryption as { KMSMasterKeyId?: string } | undefined)?.KMSMasterKeyId;
    if (keyId === undefined) keys.delete(tableArn);
    else keys.set(tableArn, keyId);
    return {
      physicalId: TableName,
      attributes: { Arn: tableArn, TableId: TableName, ...(streamArn === undefined ? {} : { StreamArn: streamArn }) },
    };
  };

  /** A table with its own key asks every caller for the key as well. */
  const withKeys = (needs: readonly Need[]): Need[] => {
    const tables = new Set(needs.map(({ resource }) => resource.replace(/(:table\/[^/]+)\/.*$/, '$1')));
    return [
      ...needs,
      ...[...tables].flatMap((arn) => {
        const keyId = keys.get(arn);
        return keyId === undefined ? [] : [host.keyNeed(keyId, 'kms:Decrypt', 'dynamodb')];
      }),
    ];
  };

  return {
    dynamoDb,
    resources: [
      {
        type: 'AWS::DynamoDB::Table',
        deploy(resource) {
          checkProperties(resource, [...DEFINITION, ...WITHOUT_EFFECT, 'SSESpecification', 'TableName']);
          return deploy(resource, pick(resource.properties, DEFINITION), resource.properties.SSESpecification);
        },
      },
      {
        type: 'AWS::DynamoDB::GlobalTable',
        deploy(resource) {
          checkProperties(resource, [
            ...GLOBAL_DEFINITION,
            ...WITHOUT_EFFECT,
            'Replicas',
            'SSESpecification',
            'TableName',
          ]);
          const replica = onlyReplica(resource, region);
          const definition = {
            ...pick(resource.properties, GLOBAL_DEFINITION),
            DeletionProtectionEnabled: replica.DeletionProtectionEnabled === true,
          };
          return deploy(resource, definition, replica.SSESpecification);
        },
      },
    ],
    start() {
      sweeper = setInterval(() => dynamoDb.sweepExpired(Date.now()), SWEEP_EVERY_MS);
    },
    stop() {
      clearInterval(sweeper);
    },
    service: {
      signingName: 'dynamodb',
      protocol: 'json-1.0',
      async handle(request, authorise): Promise<AwsResponse> {
        const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
        const body = parse(await readBody(request.body, LARGEST_REQUEST_BYTES));
        authorise(request.principal, withKeys(dynamoDb.authorize(operation, body)));
        mishaps.beginCall(operation, request.principal.arn);
        const handle = (asked: unknown) => dynamoDb.handle(operation, asked);
        const answer = host.onUnits ? meterCapacity(operation, body, handle, host.onUnits) : handle(body);
        return {
          status: answer.status,
          headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': request.requestId },
          body: JSON.stringify(answer.body),
        };
      },
      close: () => dynamoDb.close(),
    },
  };
};

const DEFINITION = [
  'AttributeDefinitions',
  'BillingMode',
  'DeletionProtectionEnabled',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'LocalSecondaryIndexes',
  'ProvisionedThroughput',
  'StreamSpecification',
  'TimeToLiveSpecification',
];

const GLOBAL_DEFINITION = DEFINITION.filter(
  (name) => !['DeletionProtectionEnabled', 'ProvisionedThroughput'].includes(name),
);

/** Backups, classes of storage and labels change nothing about what a table does. */
const WITHOUT_EFFECT = ['ContributorInsightsSpecification', 'PointInTimeRecoverySpecification', 'TableClass'];

const onlyReplica = ({ properties }: ResourceDeclaration, region: string): Properties => {
  const [replica, ...others] = (properties.Replicas ?? []) as Properties[];
  if (replica?.Region === region && others.length === 0) return replica;
  throw new DeploymentError(`Replicas other than one in ${region} are not emulated`);
};

const pick = (properties: Properties, names: readonly string[]): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'the body is not JSON');
  }
};
