import { existsSync, globSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type * as z from 'zod';

import { type FailureType, failureResponse, readGatewayResponse } from '#local/apigateway/gateway-responses.ts';
import { ROUTES } from '../../bin/openapi/routes/index.ts';
import { FUNCTION_ENTRIES, functionName } from '../../lib/bundle.ts';
import { routesOf } from '../support/api-routes.ts';
import { contradictionOf } from '../support/openapi.ts';
import { ofType, type Resources, statementsOf, synthesize, type TemplateResource } from '../support/templates.ts';

const templates = synthesize({
  existingEndpoints: ['fraud-xgb'],
  endpoints: [
    {
      name: 'fraud-new',
      image: 'image',
      modelData: { s3Uri: 's3://bucket/model.tar.gz' },
      capacity: { kind: 'serverless', memoryMb: 2048, maxConcurrency: 5 },
    },
  ],
});
const all: Resources = { ...templates.data, ...templates.service, ...templates.operations };

const functionsByName = new Map<string, TemplateResource>(
  ofType(templates.service, 'AWS::Lambda::Function').map(([, resource]) => {
    const environment = resource.Properties.Environment as { Variables: Record<string, unknown> };
    return [String(environment.Variables.POWERTOOLS_SERVICE_NAME), resource];
  }),
);
const functionNamed = (name: string): TemplateResource => {
  const found = functionsByName.get(name);
  if (!found) throw new Error(`no function '${name}' in the template`);
  return found;
};
const referenced = (value: unknown): string => {
  const text = JSON.stringify(value);
  return (
    /"(?:Ref|Fn::GetAtt)":\s*\[?"([^"]+)"/.exec(text)?.[1] ??
    /ExportsOutput(?:Ref|FnGetAtt)([A-Za-z0-9]+)/.exec(text)?.[1] ??
    text
  );
};

/** The function whose version an alias stands for. */
const functionBehind = (alias: TemplateResource | undefined): TemplateResource | undefined =>
  alias?.Type === 'AWS::Lambda::Alias' ? templates.service[referenced(alias.Properties.FunctionName)] : undefined;

describe('what is kept', () => {
  test('the ids of stateful resources never change: another id is another, empty resource', () => {
    const stateful = Object.entries(templates.data)
      .filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')
      .map(([id, { Type }]) => `${Type} ${id}`)
      .sort();

    expect(stateful).toMatchInlineSnapshot(`
[
  "AWS::DynamoDB::GlobalTable EventTable3F3CD4B2",
  "AWS::DynamoDB::GlobalTable FeedbackTableF528636C",
  "AWS::DynamoDB::GlobalTable FileTableE63FDBC8",
  "AWS::DynamoDB::GlobalTable PeopleTableAF298A5B",
  "AWS::DynamoDB::GlobalTable ProfileTable0598D89D",
  "AWS::DynamoDB::GlobalTable RegistryTableF2430F90",
  "AWS::KMS::Key BucketKey7092080A",
  "AWS::KMS::Key PersonKey12C7366D",
  "AWS::KMS::Key QueueKey8E59F72C",
  "AWS::S3::Bucket AccessLogs8B620ECA",
  "AWS::S3::Bucket Audit3D8ADE0A",
  "AWS::S3::Bucket InboxA8E05DC3",
  "AWS::S3::Bucket Lake5F1B88EA",
  "AWS::S3::Bucket ModelsC55D3500",
  "AWS::S3::Bucket Quarantine23FF09FE",
  "AWS::S3::Bucket Results25575328",
  "AWS::SQS::Queue ChunksDeadLetters16A5CB83",
  "AWS::SQS::Queue ChunksQueue701EA5E3",
  "AWS::SQS::Queue FeedbackChunksDeadLettersC3656A87",
  "AWS::SQS::Queue FeedbackChunksQueueD020C6FA",
  "AWS::SQS::Queue FilesDeadLetters309A4A8B",
  "AWS::SQS::Queue FilesQueueA4BC72F9",
  "AWS::SQS::Queue PendingDeadLetters3D86DB60",
  "AWS::SQS::Queue PendingQueue7B407E87",
  "AWS::SQS::Queue StreamRecordsDeadLetters614EABE5",
  "AWS::SQS::Queue StreamRecordsQueue4FBC5D07",
  "AWS::SecretsManager::Secret TokenKeyD1D1A236",
]
`);
  });

  test('everything that keeps state is retained, and nothing in the other stacks keeps any', () => {
    const kinds = [
      'AWS::S3::Bucket',
      'AWS::DynamoDB::GlobalTable',
      'AWS::SQS::Queue',
      'AWS::KMS::Key',
      'AWS::SecretsManager::Secret',
    ];
    const inData = kinds.flatMap((kind) => ofType(templates.data, kind));
    const elsewhere = kinds.flatMap((kind) => ofType({ ...templates.service, ...templates.operations }, kind));

    expect(inData.length).toBeGreaterThan(15);
    expect(inData.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain')).toEqual([]);
    expect(elsewhere).toEqual([]);
  });

  test.each(ofType(templates.data, 'AWS::S3::Bucket'))(
    'bucket %s is versioned, encrypted by key and never public',
    (id, { Properties }) => {
      // S3 delivers its access logs to no bucket under a key of KMS.
      const SSEAlgorithm = id.startsWith('AccessLogs') ? 'AES256' : 'aws:kms';
      expect(Properties).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm } }],
        },
      });
      expect(JSON.stringify(Properties.LifecycleConfiguration)).toContain('AbortIncompleteMultipartUpload');
    },
  );

  test('the bucket of the audit log locks each version that comes in, for as long as the stage says', () => {
    const [locked, ...others] = ofType(templates.data, 'AWS::S3::Bucket').filter(
      ([, { Properties }]) => Properties.ObjectLockConfiguration,
    );

    expect(others).toEqual([]);
    expect(locked?.[0]).toMatch(/^Audit/);
    expect(locked?.[1].Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2_555 } } },
    });
    expect(JSON.stringify(locked?.[1].Properties.LifecycleConfiguration)).not.toContain('"ExpirationInDays"');
  });

  test('buckets and queues take TLS alone', () => {
    const denied = statementsOf(templates.data)
      .filter(([, { Effect }]) => Effect === 'Deny')
      .map(([id]) => id);
    const policies = [
      ...ofType(templates.data, 'AWS::S3::BucketPolicy'),
      ...ofType(templates.data, 'AWS::SQS::QueuePolicy'),
    ];

    const kept = [...ofType(templates.data, 'AWS::S3::Bucket'), ...ofType(templates.data, 'AWS::SQS::Queue')];

    expect(policies).toHaveLength(kept.length);
    for (const [id] of policies) expect(denied).toContain(id);
  });

  test.each(ofType(templates.data, 'AWS::DynamoDB::GlobalTable'))(
    'table %s is on demand, recoverable, protected, and forgets by TTL',
    (_, { Properties }) => {
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        Replicas: [
          { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
        ],
      });
    },
  );

  test('every bucket but that of the access logs says who asked for what', () => {
    const silent = ofType(templates.data, 'AWS::S3::Bucket').filter(
      ([, { Properties }]) => !referenced(Properties.LoggingConfiguration ?? {}).startsWith('AccessLogs'),
    );

    expect(silent.map(([id]) => id)).toEqual(['AccessLogs8B620ECA']);
  });

  test('raw files are gone on the stated day, older versions and what stands for them included', () => {
    const [inbox] = ofType(templates.data, 'AWS::S3::Bucket').filter(([id]) => id.startsWith('Inbox'));

    // Days count to the next midnight, once for each of the two steps: 25 + 1 for the second midnight + 4 = 30.
    expect(inbox?.[1].Properties.LifecycleConfiguration).toMatchObject({
      Rules: expect.arrayContaining([
        expect.objectContaining({
          Id: 'raw-files',
          ExpirationInDays: 25,
          NoncurrentVersionExpiration: { NoncurrentDays: 4 },
        }),
      ]),
    });
  });

  test('nothing that runs may open people’s keys: doors encrypt, and say for what', () => {
    const onKey = statementsOf(templates.service).filter(([, { Resource }]) =>
      JSON.stringify(Resource).includes('PersonKey'),
    );

    expect(onKey).toHaveLength(3);
    for (const [, statement] of onKey) {
      expect(statement).toMatchObject({
        Effect: 'Allow',
        Action: ['kms:Encrypt'],
        Condition: { StringEquals: { 'kms:EncryptionContext:use': 'person-keys' } },
      });
    }
    const onTable = statementsOf(templates.service).filter(([, { Resource }]) =>
      JSON.stringify(Resource).includes('PeopleTable'),
    );
    expect(new Set(onTable.flatMap(([, { Action }]) => Action))).toEqual(
      new Set(['dynamodb:BatchGetItem', 'dynamodb:PutItem']),
    );
  });

  test('the inbox notifies the files queue of events and feedback, and a queue under another key', () => {
    const [inbox] = ofType(templates.data, 'AWS::S3::Bucket').filter(
      ([, { Properties }]) => Properties.NotificationConfiguration,
    );

    expect(JSON.stringify(inbox?.[1].Properties.NotificationConfiguration)).toContain('events/');
    expect(JSON.stringify(inbox?.[1].Properties.NotificationConfiguration)).toContain('feedback/');
    expect(JSON.stringify(inbox?.[1].Properties.BucketEncryption)).toContain('BucketKey');
  });
});

describe('queues and their workers', () => {
  const queues = ofType(templates.data, 'AWS::SQS::Queue');
  const all = ofType(templates.service, 'AWS::Lambda::EventSourceMapping');
  const mappings = all.filter(([, { Properties }]) => Properties.StartingPosition === undefined);
  const followers = all.filter(([, { Properties }]) => Properties.StartingPosition !== undefined);

  test.each(queues)(
    'queue %s is encrypted by key; sources keep 4 days and try often, dead letters keep 14',
    (_, { Properties }) => {
      const redrive = Properties.RedrivePolicy as { maxReceiveCount: number } | undefined;

      expect(Properties.KmsMasterKeyId).toBeDefined();
      expect(Properties.MessageRetentionPeriod).toBe(redrive ? 4 * 86_400 : 14 * 86_400);
      if (redrive) expect(redrive.maxReceiveCount).toBeGreaterThanOrEqual(8);
    },
  );

  test('every worker reports failures one by one, is bounded, and has six timeouts before a message shows again', () => {
    expect(mappings).toHaveLength(7);
    for (const [, { Properties }] of mappings) {
      const worker = functionBehind(templates.service[referenced(Properties.FunctionName)]);
      const queue = queues.find(([id]) => referenced(Properties.EventSourceArn).startsWith(id))?.[1];

      expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect((Properties.ScalingConfig as { MaximumConcurrency: number }).MaximumConcurrency).toBeGreaterThanOrEqual(2);
      expect(Number(queue?.Properties.VisibilityTimeout)).toBeGreaterThanOrEqual(
        6 * Number(worker?.Properties.Timeout),
      );
    }
  });

  test('every follower of a stream begins at its beginning, halves what fails, and gives up into the same queue', () => {
    expect(followers).toHaveLength(5);
    for (const [, { Properties }] of followers) {
      expect(Properties).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 200,
        FilterCriteria: { Filters: [expect.anything()] },
      });
      expect(referenced(Properties.DestinationConfig)).toContain('StreamRecordsDeadLetters');
    }
  });

  test('no stream has more than the two followers that it bears', () => {
    const perStream = Map.groupBy(followers, ([, { Properties }]) => JSON.stringify(Properties.EventSourceArn));

    expect(perStream.size).toBe(3);
    for (const of of perStream.values()) expect(of.length).toBeLessThanOrEqual(2);
  });

  test('whatever dies has an alarm', () => {
    const alarms = JSON.stringify(ofType(templates.operations, 'AWS::CloudWatch::Alarm'));
    const deadLetters = queues.filter(([, { Properties }]) => !Properties.RedrivePolicy);

    expect(deadLetters).toHaveLength(5);
    for (const [id] of deadLetters) expect(alarms).toContain(id);
  });
});

describe('functions', () => {
  test.each(FUNCTION_ENTRIES.map(functionName))(
    '%s runs on arm64 and Node 24, traced, with its own log group',
    (name) => {
      expect(functionNamed(name).Properties).toMatchObject({
        Architectures: ['arm64'],
        Runtime: 'nodejs24.x',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogGroup: { Ref: expect.any(String) } },
      });
    },
  );

  test('every environment schema is bound to the one function beside it, key by key', async () => {
    const schemas = globSync('functions/{*,*/*}/environment.ts').filter((file) => !file.includes('shared'));
    expect(schemas).toHaveLength(FUNCTION_ENTRIES.length);
    for (const file of schemas) {
      const entry = file.replace(/^functions\//, '').replace(/\/environment\.ts$/, '');
      const exported: Record<string, z.ZodObject> = await import(resolve(file));
      const [schema] = Object.values(exported);
      const environment = functionNamed(entry.replaceAll('/', '-')).Properties.Environment as { Variables: object };

      const given = Object.keys(environment.Variables).filter((key) => key !== 'NODE_OPTIONS');
      expect(given.sort()).toEqual(Object.keys(schema?.shape ?? {}).sort());
      expect(existsSync(file.replace('environment.ts', 'index.ts'))).toBe(true);
    }
  });

  test('a function may invoke the endpoints of the stage and no others', () => {
    const endpoints = statementsOf(templates.service)
      .filter(([, { Action }]) => Action.includes('sagemaker:InvokeEndpoint'))
      .map(([, { Resource }]) => JSON.stringify(Resource));

    expect(endpoints).toHaveLength(2);
    for (const resources of endpoints) {
      expect(resources).toContain('endpoint/fraud-xgb');
      expect(resources).toContain('endpoint/fraud-new');
    }
  });
});

/** Where a wildcard stands for a reason. */
const WILDCARDS: readonly {
  readonly reason: string;
  readonly allows: (
    id: string,
    statement: { Action: readonly string[]; Resource: readonly unknown[]; Effect: string },
  ) => boolean;
}[] = [
  {
    reason: 'X-Ray has no resources to name',
    allows: (_, { Action }) => Action.every((action) => action.startsWith('xray:Put')),
  },
  {
    reason: 'streams are listed for the account, and X-Ray has no resources to name',
    allows: (_, { Action }) =>
      Action.every((action) => action.startsWith('xray:Put') || action === 'dynamodb:ListStreams'),
  },
  { reason: 'what is denied is denied in all its forms', allows: (_, { Effect }) => Effect === 'Deny' },
  { reason: "a key policy's resource is the key itself", allows: (id) => templates.data[id]?.Type === 'AWS::KMS::Key' },
];

/** What each function may do, beside writing its logs and traces. Less breaks it, more is not needed. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  'ingestion-files': [
    'dynamodb:BatchGetItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    's3:AbortMultipartUpload',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:ListBucket',
    's3:PutObject',
    'secretsmanager:GetSecretValue',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ],
  'ingestion-api': [
    'dynamodb:BatchGetItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    's3:GetObject',
    'secretsmanager:GetSecretValue',
    'sqs:SendMessage',
  ],
  'scoring-api': [
    'dynamodb:BatchGetItem',
    'dynamodb:ConditionCheckItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    's3:GetObject',
    'sagemaker:InvokeEndpoint',
    'secretsmanager:GetSecretValue',
    'sqs:SendMessage',
  ],
  'scoring-queue': [
    'dynamodb:BatchGetItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:GetObject',
    's3:PutObject',
    'sagemaker:InvokeEndpoint',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
  ],
  'scoring-pending': [
    'dynamodb:BatchGetItem',
    'dynamodb:ConditionCheckItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
  ],
  'feedback-api': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'kms:Decrypt', 's3:GetObject'],
  'feedback-queue': [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:PutObject',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
  ],
  'dead-letters': [
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:PutObject',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
  ],
  canary: ['execute-api:Invoke', 'kms:GenerateDataKey', 's3:PutObject'],
  reconciler: [
    'dynamodb:BatchGetItem',
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:GetObject',
    's3:ListBucket',
    'sqs:GetQueueAttributes',
    'sqs:SendMessage',
  ],
  'publishing-stream': [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    'events:PutEvents',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'sqs:SendMessage',
  ],
  'publishing-replay': [
    'dynamodb:GetItem',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'events:PutEvents',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:PutObject',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ],
  'lake-collect': [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:PutObject',
    'sqs:SendMessage',
  ],
  'lake-compact': ['kms:Decrypt', 'kms:GenerateDataKey', 's3:GetObject', 's3:ListBucket', 's3:PutObject'],
  administration: [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    'secretsmanager:GetSecretValue',
  ],
  registrar: [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    'secretsmanager:GetSecretValue',
  ],
};

describe('releases', () => {
  test('every function has one version in use, which is the one that this template makes', () => {
    const aliases = ofType(templates.service, 'AWS::Lambda::Alias').map(([, { Properties }]) => Properties);
    const versions = new Set(ofType(templates.service, 'AWS::Lambda::Version').map(([id]) => id));

    expect(aliases.map(({ FunctionName }) => referenced(FunctionName)).sort()).toEqual(
      ofType(templates.service, 'AWS::Lambda::Function')
        .map(([id]) => id)
        .sort(),
    );
    for (const { Name, FunctionVersion } of aliases) {
      expect(Name).toBe('live');
      expect(versions).toContain(referenced(FunctionVersion));
    }
  });

  test('nothing invokes a function but by the version in use', () => {
    const callers = ofType(templates.service, 'AWS::Lambda::EventSourceMapping')
      .map(([, { Properties }]) => Properties.FunctionName)
      .concat(ofType(templates.service, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties.FunctionName))
      .concat(
        ofType(all, 'AWS::Events::Rule')
          .flatMap(([, { Properties }]) => Properties.Targets as { Arn: unknown }[])
          .map(({ Arn }) => Arn),
      )
      .concat(
        ofType(templates.service, 'AWS::ApiGateway::Method').map(
          ([, { Properties }]) =>
            (Properties.Integration as { Uri: { 'Fn::Join': [string, unknown[]] } }).Uri['Fn::Join'][1][3],
        ),
      );

    const kinds = callers.map((caller) => templates.service[referenced(caller)]?.Type);

    expect(kinds.filter((kind) => kind === 'AWS::Lambda::Alias').length).toBeGreaterThan(15);
    expect(kinds).not.toContain('AWS::Lambda::Function');
  });
});

describe('grants', () => {
  test('no statement has a wildcard in an action, or stands on all resources, without a reason', () => {
    const statements = statementsOf(all);
    const wild = statements.filter(
      ([, { Action, Resource }]) => Action.some((action) => action.includes('*')) || Resource.includes('*'),
    );
    const unexplained = wild.filter(([id, statement]) => !WILDCARDS.some(({ allows }) => allows(id, statement)));

    expect(statements.length).toBeGreaterThan(50);
    expect(wild.length).toBeGreaterThan(0);
    expect(unexplained).toEqual([]);
  });

  test.each(FUNCTION_ENTRIES.map(functionName))('%s may do what it is for and no more', (name) => {
    const role = referenced(functionNamed(name).Properties.Role);
    const actions = Object.values(templates.service)
      .filter(
        ({ Type, Properties }) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties.Roles).includes(`"${role}"`),
      )
      .flatMap((policy) => statementsOf({ policy }))
      .flatMap(([, { Action }]) => Action)
      .filter((action) => !/^(logs|xray):/.test(action));

    expect([...new Set(actions)].sort()).toEqual([...(GRANTS[name] ?? [])].sort());
  });

  test('the registrar and the administration alone write the catalog, and only where they must', () => {
    const writing = Object.entries(templates.service).filter(([, { Type }]) => Type === 'AWS::IAM::Policy');
    const writesTo = (policy: TemplateResource, action: string, target: string): string[] =>
      statementsOf({ policy })
        .filter(([, { Effect, Action }]) => Effect === 'Allow' && Action.includes(action))
        .flatMap(([, { Resource }]) => Resource.map((resource) => JSON.stringify(resource)))
        .filter((resource) => resource.includes(target));
    const rolesThat = (action: string, target: string) =>
      writing
        .filter(([, policy]) => writesTo(policy, action, target).length > 0)
        .map(([id]) => /^(Administration|Registrar)/.exec(id)?.[1] ?? id);

    for (const target of ['RegistryTable', 'Models', 'Audit']) {
      const action = target === 'RegistryTable' ? 'dynamodb:PutItem' : 's3:PutObject';
      expect([target, rolesThat(action, target).sort()]).toEqual([target, ['Administration', 'Registrar']]);
    }
    for (const [, policy] of writing) {
      const written = [...writesTo(policy, 's3:PutObject', 'Models'), ...writesTo(policy, 's3:PutObject', 'Audit')];
      expect(written.filter((resource) => !/\/(objects|snapshots|copies|entries)\/\*/.test(resource))).toEqual([]);
    }
  });

  test('what administrators upload, which may be personal and in the clear, is read by the administration alone', () => {
    const readers = Object.entries(templates.service)
      .filter(([, { Type }]) => Type === 'AWS::IAM::Policy')
      .filter(([, policy]) =>
        statementsOf({ policy }).some(
          ([, { Action, Resource }]) =>
            Action.includes('s3:GetObject') &&
            Resource.some(
              (resource) =>
                JSON.stringify(resource).includes('Models') &&
                !/\/(objects|snapshots|copies)\/\*/.test(JSON.stringify(resource)),
            ),
        ),
      );

    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^Administration/)]);
  });

  test('no function deletes from a table or a bucket, scans, or administers', () => {
    const actions = statementsOf(templates.service).flatMap(([, { Effect, Action }]) =>
      Effect === 'Allow' ? Action : [],
    );

    expect(actions.filter((action) => /Delete(?!Message)|Scan|BatchWrite|CreateTable|PutBucket/.test(action))).toEqual(
      [],
    );
  });
});

describe('the API', () => {
  test('every method is signed with IAM credentials', () => {
    const methods = ofType(templates.service, 'AWS::ApiGateway::Method');

    expect(methods.map(([, { Properties }]) => [Properties.HttpMethod, Properties.AuthorizationType])).toEqual(
      methods.map(([, { Properties }]) => [Properties.HttpMethod, 'AWS_IAM']),
    );
    expect(methods).toHaveLength(19);
  });

  test('what the gateway refuses is problem+json', () => {
    const responses = ofType(templates.service, 'AWS::ApiGateway::GatewayResponse');

    expect(responses.length).toBeGreaterThanOrEqual(16);
    for (const [, { Properties }] of responses) {
      const answer = JSON.parse((Properties.ResponseTemplates as Record<string, string>)['application/json'] ?? '');
      expect(answer).toMatchObject({
        code: expect.any(String),
        detail: expect.any(String),
        requestId: '$context.requestId',
      });
      expect(String(answer.status)).toBe(Properties.StatusCode);
    }
  });

  const gatewayAnswers = () => {
    const responses = new Map(
      ofType(templates.service, 'AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => {
        const response = readGatewayResponse(Properties);
        return [response.type, response] as const;
      }),
    );
    const answerTo = (type: string, status?: number) => {
      const failure = { type: type as FailureType, message: 'Internal server error', ...(status && { status }) };
      const { headers = {}, body, ...answer } = failureResponse(failure, responses, { requestId: 'request-1' });
      return { ...answer, contentType: headers['content-type'], body: JSON.parse(String(body)) };
    };
    return { types: [...responses.keys()], answerTo };
  };

  test('of a function that died the gateway says what a fault of ours is, in place of its own 502', () => {
    // A status of DEFAULT_5XX becomes that of all other 5xx: see "Gateway response types" of the API Gateway guide.
    expect(gatewayAnswers().answerTo('DEFAULT_5XX', 502)).toEqual({
      status: 500,
      contentType: 'application/problem+json',
      body: expect.objectContaining({ status: 500, code: 'internal', requestId: 'request-1' }),
    });
  });

  test('what the gateway answers by itself is documented for every route', () => {
    const { types, answerTo } = gatewayAnswers();
    // That there is no such resource is said of no route.
    const answers = types.filter((type) => type !== 'RESOURCE_NOT_FOUND').map((type) => answerTo(type));

    const contradictions = ROUTES.flatMap((route) => answers.map((answer) => contradictionOf({ ...route, ...answer })));

    expect(answers.length).toBeGreaterThanOrEqual(15);
    expect(contradictions.filter((contradiction) => contradiction !== undefined)).toEqual([]);
  });

  test('the stage is throttled, traced and logged', () => {
    const [stage] = ofType(templates.service, 'AWS::ApiGateway::Stage');

    expect(stage?.[1].Properties).toMatchObject({
      TracingEnabled: true,
      AccessLogSetting: { DestinationArn: expect.anything() },
      MethodSettings: [expect.objectContaining({ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 })],
    });
  });
});

test('there are no custom resources: they would bring functions of other languages', () => {
  expect(Object.values(all).filter(({ Type }) => /^Custom::|CustomResource/.test(Type))).toEqual([]);
});

test('the API has the routes that openapi.json documents, and no others; bin/openapi/routes lists them', () => {
  const documented = ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort();

  expect(routesOf(templates.service)).toEqual(documented);
});
