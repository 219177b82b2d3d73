import { NO_VALUE, resolveValue, type Scope } from '#local/assembly/intrinsics.ts';
import { DeploymentError } from '#local/errors.ts';
import { FUNCTION_ENTRIES, type FunctionEntry, functionName } from '../../../lib/bundle.ts';
import type { Resources, TemplateResource } from '../../support/templates.ts';

/** Names of a key's attributes. */
export interface KeyWiring {
  readonly hash: string;
  readonly range?: string;
}
export interface TableWiring {
  readonly name: string;
  readonly key: KeyWiring;
  readonly indexes: readonly { readonly name: string; readonly key: KeyWiring }[];
}
export interface QueueWiring {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly visibilityMs: number;
  readonly retentionMs: number;
  readonly delayMs: number;
  /** Deduplication and order are per group. */
  readonly perGroup: boolean;
  readonly deadLetters?: { readonly arn: string; readonly maxReceiveCount: number };
}
export interface BucketWiring {
  readonly name: string;
  /** Queues that are told of new objects, by prefix. */
  readonly notifies: readonly { readonly prefix: string; readonly queueArn: string }[];
}
export interface FunctionWiring {
  readonly entry: FunctionEntry;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}
export interface MappingWiring {
  readonly queueArn: string;
  readonly entry: FunctionEntry;
  readonly batchSize: number;
  readonly maxConcurrency: number;
  readonly reportsFailures: boolean;
}
/** How everything hangs together, as the synthesized templates have it. */
export interface Wiring {
  readonly tables: readonly TableWiring[];
  readonly queues: readonly QueueWiring[];
  readonly buckets: readonly BucketWiring[];
  readonly functions: readonly FunctionWiring[];
  readonly mappings: readonly MappingWiring[];
}

const REGION = 'eu-west-1';
const ACCOUNT = '111111111111';

type Properties = Readonly<Record<string, unknown>>;

/**
 * Reads the wiring out of the templates of a stage. Nothing of it is written down a second time, so it cannot drift
 * from what is deployed.
 */
export const wiringOf = (templates: Readonly<Record<string, Resources>>): Wiring => {
  const resources: Resources = Object.assign({}, ...Object.values(templates));
  const scope = scopeOf(resources);
  const of = <Result>(type: string, make: (id: string, properties: Properties) => Result): Result[] =>
    Object.entries(resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties: properties }]) => make(id, resolvedIn(properties, scope)));
  const functions = of('AWS::Lambda::Function', functionOf).filter((found) => found !== undefined);
  const byId = new Map(functions.map(({ id, ...wiring }) => [id, wiring]));
  return {
    tables: of('AWS::DynamoDB::GlobalTable', tableOf),
    queues: of('AWS::SQS::Queue', queueOf),
    buckets: of('AWS::S3::Bucket', bucketOf),
    functions: [...byId.values()],
    mappings: of('AWS::Lambda::EventSourceMapping', (_, properties) => mappingOf(properties, byId)).filter(
      (found) => found !== undefined,
    ),
  };
};

/** Properties as far as they can be resolved here: what names other parts of the deployment is none of this wiring. */
const resolvedIn = (properties: Properties, scope: Scope): Properties => {
  const resolved = (value: unknown): unknown => {
    try {
      return resolveValue(value, scope);
    } catch (error) {
      if (error instanceof DeploymentError) return undefined;
      throw error;
    }
  };
  const { Environment, ...others } = properties as { Environment?: { Variables?: Properties } };
  const each = (values: Properties) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, resolved(value)]));
  return { ...each(others), ...(Environment && { Environment: { Variables: each(Environment.Variables ?? {}) } }) };
};

const nameOf = (id: string, { Type, Properties }: TemplateResource): string => {
  if (Type === 'AWS::SQS::Queue') return Properties.FifoQueue ? `${id}.fifo` : id;
  return Type === 'AWS::S3::Bucket' ? id.toLowerCase() : id;
};

const urlOf = (name: string): string => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;

const SERVICES: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'sqs',
  'AWS::S3::Bucket': 's3',
  'AWS::DynamoDB::GlobalTable': 'dynamodb',
  'AWS::SecretsManager::Secret': 'secretsmanager',
  'AWS::KMS::Key': 'kms',
};

const refOf = (id: string, resource: TemplateResource): string => {
  const name = nameOf(id, resource);
  if (resource.Type === 'AWS::SQS::Queue') return urlOf(name);
  if (resource.Type === 'AWS::Lambda::Alias') return aliasArnOf(resource.Properties);
  return resource.Type === 'AWS::SecretsManager::Secret' ? arnOf(id, resource) : name;
};

/** An alias's reference is its ARN, out of which a mapping takes the function's name. */
const aliasArnOf = ({ FunctionName, Name }: Properties): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${(FunctionName as { readonly Ref: string }).Ref}:${String(Name)}`;

const arnOf = (id: string, resource: TemplateResource): string =>
  `arn:aws:${SERVICES[resource.Type] ?? 'other'}:${REGION}:${ACCOUNT}:${nameOf(id, resource)}`;

const scopeOf = (resources: Resources): Scope => {
  const ref = (name: string): unknown => {
    if (name === 'AWS::NoValue') return NO_VALUE;
    if (name === 'AWS::Region') return REGION;
    if (name === 'AWS::AccountId') return ACCOUNT;
    const resource = resources[name];
    return resource ? refOf(name, resource) : name;
  };
  const attribute = (id: string, name: string): unknown => {
    const resource = resources[id];
    if (resource && name === 'Arn') return arnOf(id, resource);
    return resource && name === 'QueueName' ? nameOf(id, resource) : `${id}.${name}`;
  };
  return {
    ref,
    attribute,
    region: REGION,
    condition: () => false,
    mapping: () => undefined,
    // An export's name says which resource it is about, and whether it is its name or an attribute.
    importValue: (exported) => {
      const [, attributed, rest = ''] = /:ExportsOutput(?:Ref|(FnGetAtt))(.*)$/.exec(exported) ?? [];
      const id = Object.keys(resources).find((candidate) => rest.startsWith(candidate));
      if (id === undefined) return exported;
      const [, attributeName = 'Arn'] = /^(.*?)[0-9A-F]{8}$/.exec(rest.slice(id.length)) ?? [];
      return attributed ? attribute(id, attributeName) : ref(id);
    },
  };
};

interface SchemaElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

const keyOf = (schema: unknown): KeyWiring => {
  const named = (type: string) => (schema as readonly SchemaElement[]).find(({ KeyType }) => KeyType === type);
  const range = named('RANGE')?.AttributeName;
  return { hash: named('HASH')!.AttributeName, ...(range !== undefined && { range }) };
};

const tableOf = (name: string, { KeySchema, GlobalSecondaryIndexes = [] }: Properties): TableWiring => ({
  name,
  key: keyOf(KeySchema),
  indexes: (GlobalSecondaryIndexes as readonly { IndexName: string; KeySchema: unknown }[]).map((index) => ({
    name: index.IndexName,
    key: keyOf(index.KeySchema),
  })),
});

const queueOf = (id: string, properties: Properties): QueueWiring => {
  const { VisibilityTimeout = 30, MessageRetentionPeriod = 345_600, DelaySeconds = 0, RedrivePolicy } = properties;
  const fifo = properties.FifoQueue === true;
  const name = fifo ? `${id}.fifo` : id;
  const redrive = RedrivePolicy as { deadLetterTargetArn: string; maxReceiveCount: number } | undefined;
  return {
    name,
    url: urlOf(name),
    arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    fifo,
    visibilityMs: Number(VisibilityTimeout) * 1_000,
    retentionMs: Number(MessageRetentionPeriod) * 1_000,
    delayMs: Number(DelaySeconds) * 1_000,
    perGroup: properties.DeduplicationScope === 'messageGroup',
    ...(redrive && { deadLetters: { arn: redrive.deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount } }),
  };
};

interface QueueNotification {
  readonly Queue: string;
  readonly Filter?: { readonly S3Key: { readonly Rules: readonly { Name: string; Value: string }[] } };
}

const bucketOf = (id: string, { NotificationConfiguration }: Properties): BucketWiring => {
  const { QueueConfigurations = [] } = (NotificationConfiguration ?? {}) as {
    QueueConfigurations?: readonly QueueNotification[];
  };
  return {
    name: id.toLowerCase(),
    notifies: QueueConfigurations.map(({ Queue, Filter }) => ({
      queueArn: Queue,
      prefix: Filter?.S3Key.Rules.find(({ Name }) => Name.toLowerCase() === 'prefix')?.Value ?? '',
    })),
  };
};

const functionOf = (id: string, properties: Properties): (FunctionWiring & { readonly id: string }) | undefined => {
  const { Variables } = properties.Environment as { Variables: Record<string, unknown> };
  const entry = FUNCTION_ENTRIES.find((name) => functionName(name) === Variables.POWERTOOLS_SERVICE_NAME);
  if (!entry) return undefined;
  return {
    id,
    entry,
    timeoutMs: Number(properties.Timeout ?? 3) * 1_000,
    memoryMb: Number(properties.MemorySize ?? 128),
    environment: Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, String(value)])),
  };
};

const mappingOf = (
  properties: Properties,
  functions: ReadonlyMap<string, FunctionWiring>,
): MappingWiring | undefined => {
  const queueArn = String(properties.EventSourceArn);
  const worker = functions.get(String(properties.FunctionName).split(':')[0]!);
  if (!queueArn.startsWith('arn:aws:sqs:')) return undefined;
  // Left out in silence, its queue would never be worked on here, and nobody would know why.
  if (!worker) throw new Error(`the function that works on ${queueArn} cannot be told: ${properties.FunctionName}`);
  const { MaximumConcurrency = 1_000 } = (properties.ScalingConfig ?? {}) as { MaximumConcurrency?: number };
  return {
    queueArn,
    entry: worker.entry,
    batchSize: Number(properties.BatchSize ?? 10),
    maxConcurrency: MaximumConcurrency,
    reportsFailures: JSON.stringify(properties.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures'),
  };
};
