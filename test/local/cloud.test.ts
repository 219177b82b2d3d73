import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CloudFormationClient, DescribeStacksCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Cloud, type CloudOptions, startCore } from '#local/core.ts';
import { createDynamoDbRoom } from '#local/dynamodb-service.ts';
import type { Host, RoleSession } from '#local/resources.ts';
import { roleResource, type StackSource, temporaryFolder, writeAssembly } from './support/assembly.ts';
import { type RecordedInvocation, recordingFunctions, recordingQueues } from './support/recording-rooms.ts';

const running: Cloud[] = [];
const folders: { remove: () => void }[] = [];

afterEach(async () => {
  for (const cloud of running.splice(0)) await cloud.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

const newFolder = (): string => {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder.path;
};

/** A cloud with functions and queues that only record, and what they recorded. */
const start = async (
  path: string,
  stacks: Record<string, StackSource>,
  {
    answer,
    assets,
    ...options
  }: Partial<CloudOptions> & { answer?: () => unknown; assets?: Record<string, string> } = {},
) => {
  const invocations: RecordedInvocation[] = [];
  const messages: Record<string, unknown>[] = [];
  const notices: string[] = [];
  const hosts: Host[] = [];
  const assembly = writeAssembly(`${path}/assembly-${Math.random()}`, stacks, assets);
  const cloud = await startCore(
    { assembly, directory: `${path}/data`, log: (line) => notices.push(line), ...options },
    (host) => {
      hosts.push(host);
      const record = (invocation: RecordedInvocation) => {
        invocations.push(invocation);
        return answer?.();
      };
      return [recordingFunctions(host, record), recordingQueues(host, messages), createDynamoDbRoom(host)];
    },
  );
  running.push(cloud);
  return { cloud, invocations, messages, notices, host: hosts[0] as Host };
};

const clientOf = (cloud: Cloud, session?: RoleSession) => ({
  endpoint: cloud.endpoint,
  region: cloud.region,
  credentials: session?.credentials ?? cloud.credentials,
  maxAttempts: 1,
});

const until = async (holds: () => boolean): Promise<void> => {
  for (let left = 100; !holds(); left--) {
    if (left === 0) throw new Error('it did not come to pass within two seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const secret = (properties: object): StackSource => ({
  template: { Resources: { Secret: { Type: 'AWS::SecretsManager::Secret', Properties: properties } } },
});

describe('stacks', () => {
  const data: StackSource = {
    template: {
      Resources: {
        Table: {
          Type: 'AWS::DynamoDB::Table',
          DeletionPolicy: 'Retain',
          Properties: {
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            BillingMode: 'PAY_PER_REQUEST',
          },
        },
        Alarm: { Type: 'AWS::CloudWatch::Alarm' },
        Never: { Type: 'AWS::SQS::Queue', Condition: 'IsProd' },
      },
      Conditions: { IsProd: { 'Fn::Equals': ['dev', 'prod'] } },
      Outputs: {
        Table: { Value: { Ref: 'Table' }, Export: { Name: 'data:Table' } },
        Alarm: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] }, Description: 'of nothing' },
      },
    },
  };
  const service: StackSource = {
    dependsOn: ['data'],
    template: {
      Resources: {
        Function: { Type: 'AWS::Lambda::Function' },
        Queue: { Type: 'AWS::SQS::Queue', DependsOn: 'Function' },
      },
      Outputs: { TableName: { Value: { 'Fn::ImportValue': 'data:Table' } }, Queue: { Value: { Ref: 'Queue' } } },
    },
  };

  test('come up in the order of their dependencies, with what they export to each other', async () => {
    const { cloud, notices } = await start(newFolder(), { service, data });

    expect(cloud.outputs.service?.TableName).toBe(cloud.outputs.data?.Table);
    expect(notices).toContain('1 × AWS::CloudWatch::Alarm: metrics are not collected, so nothing watches them');
  });

  test('are described to the SDK with outputs and resources', async () => {
    const { cloud } = await start(newFolder(), { service, data });
    const client = new CloudFormationClient(clientOf(cloud));

    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: 'data' }));
    const { StackResourceSummaries = [] } = await client.send(new ListStackResourcesCommand({ StackName: 'service' }));

    expect(Stacks).toHaveLength(1);
    expect(Stacks[0]).toMatchObject({ StackName: 'data', StackStatus: 'CREATE_COMPLETE' });
    expect(Stacks[0]?.Outputs).toContainEqual({
      OutputKey: 'Table',
      OutputValue: cloud.outputs.data?.Table,
      ExportName: 'data:Table',
    });
    expect(StackResourceSummaries.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Function', 'Queue']);
  });

  test('keep names, ids and what tables hold from start to start', async () => {
    const folder = newFolder();
    const first = await start(folder, { data, service });
    const key = { pk: { S: 'one' } };
    await new DynamoDBClient(clientOf(first.cloud)).send(
      new PutItemCommand({ TableName: first.cloud.outputs.data?.Table, Item: key }),
    );
    await first.cloud.stop();

    const second = await start(folder, { data, service });

    const { Item } = await new DynamoDBClient(clientOf(second.cloud)).send(
      new GetItemCommand({ TableName: second.cloud.outputs.data?.Table, Key: key }),
    );
    expect(Item).toEqual(key);
    expect(second.cloud.outputs.data?.Table).toBe(first.cloud.outputs.data?.Table);
    const { Stacks = [] } = await new CloudFormationClient(clientOf(second.cloud)).send(
      new DescribeStacksCommand({ StackName: 'data' }),
    );
    expect(Stacks[0]?.StackStatus).toBe('UPDATE_COMPLETE');
  });

  test('lose what leaves the template, except what holds state, which stays with a notice', async () => {
    const folder = newFolder();
    const first = await start(folder, { data, service });
    await first.cloud.stop();

    const { cloud, notices } = await start(folder, {
      service: { template: { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } } },
    });

    expect(notices.join('\n')).toMatch(
      /data\/Table \(AWS::DynamoDB::Table, .+\) is no longer in the template; it stays/,
    );
    expect(notices.join('\n')).not.toContain('AWS::Lambda::Function');
    const { Stacks = [] } = await new CloudFormationClient(clientOf(cloud)).send(new DescribeStacksCommand());
    expect(Stacks.map(({ StackName }) => StackName)).toEqual(['service']);
  });

  test('with types that nobody emulates are refused before anything is made, all of them named', async () => {
    const folder = newFolder();
    const template = {
      Resources: {
        Api: { Type: 'AWS::AppSync::GraphQLApi' },
        Net: { Type: 'AWS::EC2::VPC' },
        Secret: { Type: 'AWS::SecretsManager::Secret' },
      },
    };

    await expect(start(folder, { app: { template } })).rejects.toThrow(
      'app/Api: AWS::AppSync::GraphQLApi\n  app/Net: AWS::EC2::VPC',
    );

    const { cloud } = await start(folder, {});
    const { Stacks } = await new CloudFormationClient(clientOf(cloud)).send(new DescribeStacksCommand());
    expect(Stacks ?? []).toEqual([]);
  });

  test.each([
    [
      'a property that is not known',
      secret({ ReplicaRegions: [] }),
      'app/Secret (AWS::SecretsManager::Secret): the property ReplicaRegions',
    ],
    [
      'a policy that is not understood',
      {
        template: {
          Resources: {
            Key: {
              Type: 'AWS::KMS::Key',
              Properties: {
                KeyPolicy: {
                  Statement: [
                    {
                      Effect: 'Allow',
                      Principal: '*',
                      Action: '*',
                      Resource: '*',
                      Condition: { IpAddress: { a: 'b' } },
                    },
                  ],
                },
              },
            },
          },
        },
      },
      "app/Key (AWS::KMS::Key): KeyPolicy, statement 1: condition operator 'IpAddress'",
    ],
    [
      'a circle',
      {
        template: {
          Resources: {
            A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'B' } } },
            B: { Type: 'AWS::SQS::Queue', DependsOn: 'A' },
          },
        },
      },
      'circle: A → B → A',
    ],
  ])('with %s are refused by name', async (_, app, message) => {
    await expect(start(newFolder(), { app })).rejects.toThrow(message);
  });

  test('for another account than the directory was made for are refused', async () => {
    const folder = newFolder();
    const { cloud } = await start(folder, {});
    await cloud.stop();

    await expect(
      start(folder, { app: { ...secret({}), environment: 'aws://111122223333/us-east-1' } }),
    ).rejects.toThrow('was made for accountId 000000000000, not 111122223333');
  });
});

describe('a data directory', () => {
  test('serves one cloud at a time', async () => {
    const folder = newFolder();
    const { cloud } = await start(folder, {});

    await expect(start(folder, {})).rejects.toThrow('is in use by a cloud that is running');
    await cloud.stop();

    await expect(start(folder, {})).resolves.toBeDefined();
  });

  test('is whole after the process is killed', async () => {
    const folder = newFolder();
    const assembly = writeAssembly(`${folder}/assembly`, { app: secret({ Name: 'one', GenerateSecretString: {} }) });
    const script =
      `import { startCore } from '#local/core.ts';` +
      `const cloud = await startCore({ assembly: ${JSON.stringify(assembly)}, directory: ${JSON.stringify(`${folder}/data`)} }, () => []);` +
      `process.stdout.write('up');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));

    const { cloud } = await start(folder, { app: secret({ Name: 'one', GenerateSecretString: {} }) });

    const client = new SecretsManagerClient(clientOf(cloud));
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: 'one' }));
    expect(SecretString).toHaveLength(32);
  });
});

describe('assets', () => {
  test('outlive the assembly that they came with, and go when no stack has them', async () => {
    const folder = newFolder();
    const first = await start(folder, {}, { assets: { hash1: '{"catalog":1}' } });
    const asset = first.host.asset('cdk-hnb659fds-assets-000000000000-us-east-1', 'hash1');
    await first.cloud.stop();

    expect(asset).toEqual({ path: `${folder}/data/assets/hash1`, packaging: 'file', hash: 'hash1' });
    expect(existsSync(asset?.path ?? '')).toBe(true);

    await start(folder, {}, { assets: { hash2: '{"catalog":2}' } });
    expect(existsSync(asset?.path ?? '')).toBe(false);
  });
});

describe('secrets', () => {
  test('are generated once, into the template that the stack gives', async () => {
    const folder = newFolder();
    const app = secret({
      Name: 'token-key',
      GenerateSecretString: {
        SecretStringTemplate: '{"version":1}',
        GenerateStringKey: 'key',
        PasswordLength: 64,
        ExcludePunctuation: true,
      },
    });
    const read = async (cloud: Cloud) =>
      (await new SecretsManagerClient(clientOf(cloud)).send(new GetSecretValueCommand({ SecretId: 'token-key' })))
        .SecretString;
    const first = await start(folder, { app });
    const value = await read(first.cloud);
    await first.cloud.stop();

    const second = await start(folder, { app });

    expect(JSON.parse(value ?? '')).toEqual({ version: 1, key: expect.stringMatching(/^[a-zA-Z0-9]{64}$/) });
    expect(await read(second.cloud)).toBe(value);
  });

  test('have versions: the newest is current, the one before it previous', async () => {
    const { cloud } = await start(newFolder(), { app: secret({ Name: 'one', SecretString: 'first' }) });
    const client = new SecretsManagerClient(clientOf(cloud));
    const read = (VersionStage: string) => client.send(new GetSecretValueCommand({ SecretId: 'one', VersionStage }));

    const put = await client.send(new PutSecretValueCommand({ SecretId: 'one', SecretString: 'second' }));

    expect(await read('AWSCURRENT')).toMatchObject({ SecretString: 'second', VersionId: put.VersionId });
    expect(await read('AWSPREVIOUS')).toMatchObject({ SecretString: 'first' });
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: 'one' }));
    expect(Object.values(VersionIdsToStages)).toEqual([['AWSPREVIOUS'], ['AWSCURRENT']]);
    await expect(read('AWSPENDING')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('under a key of their own ask a role for the key as well', async () => {
    const reader = (...actions: string[]) => roleResource({ Effect: 'Allow', Action: actions, Resource: '*' });
    const { cloud, host } = await start(newFolder(), {
      app: {
        template: {
          Resources: {
            Key: { Type: 'AWS::KMS::Key' },
            Secret: {
              Type: 'AWS::SecretsManager::Secret',
              Properties: { Name: 'one', SecretString: 'x', KmsKeyId: { Ref: 'Key' } },
            },
            Reader: reader('secretsmanager:GetSecretValue', 'kms:Decrypt'),
            Keyless: reader('secretsmanager:GetSecretValue'),
            Nobody: roleResource(),
          },
          Outputs: Object.fromEntries(
            ['Reader', 'Keyless', 'Nobody'].map((id) => [id, { Value: { 'Fn::GetAtt': [id, 'Arn'] } }]),
          ),
        },
      },
    });
    const read = (role: string) => {
      const session = host.assumeRole(cloud.outputs.app?.[role] ?? '', 'lambda.amazonaws.com');
      return new SecretsManagerClient(clientOf(cloud, session)).send(new GetSecretValueCommand({ SecretId: 'one' }));
    };

    await expect(read('Reader')).resolves.toMatchObject({ SecretString: 'x' });
    await expect(read('Keyless')).rejects.toThrow(/not authorized to perform: kms:Decrypt on resource: arn:aws:kms:/);
    await expect(read('Nobody')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/add to role app-Nobody-\w+: Allow secretsmanager:GetSecretValue on arn:aws:/),
    });
  });
});

describe('keys', () => {
  const app: StackSource = {
    template: {
      Resources: {
        Key: { Type: 'AWS::KMS::Key', Properties: { EnableKeyRotation: true } },
        Other: { Type: 'AWS::KMS::Key' },
        Alias: {
          Type: 'AWS::KMS::Alias',
          Properties: { AliasName: 'alias/people', TargetKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
        },
      },
      Outputs: { Key: { Value: { Ref: 'Key' } }, Other: { Value: { Ref: 'Other' } } },
    },
  };
  const Plaintext = Buffer.from('4111');
  const EncryptionContext = { person: 'p1' };

  test('open what they sealed, also after a new start, and only in the same context', async () => {
    const folder = newFolder();
    const first = await start(folder, { app });
    const { CiphertextBlob } = await new KMSClient(clientOf(first.cloud)).send(
      new EncryptCommand({ KeyId: 'alias/people', Plaintext, EncryptionContext }),
    );
    await first.cloud.stop();
    const { cloud } = await start(folder, { app });
    const kms = new KMSClient(clientOf(cloud));

    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));

    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
    await expect(
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: cloud.outputs.app?.Other })),
    ).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });

  test('give data keys whose sealed form opens to the plain one', async () => {
    const { cloud } = await start(newFolder(), { app });
    const kms = new KMSClient(clientOf(cloud));

    const key = await kms.send(new GenerateDataKeyCommand({ KeyId: cloud.outputs.app?.Key, KeySpec: 'AES_256' }));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: key.CiphertextBlob }));

    expect(key.Plaintext).toHaveLength(32);
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.from(key.Plaintext ?? []));
  });

  test('of AWS serve roles of the account, and no service', async () => {
    const { host } = await start(newFolder(), { app });
    const need = host.keyNeed('alias/aws/sqs', 'kms:GenerateDataKey', 'sqs');

    expect(() => host.authorise({ arn: 'arn:aws:iam::000000000000:role/any', accessKeyId: 'A' }, [need])).not.toThrow();
    expect(() => host.authorise({ arn: 's3.amazonaws.com', accessKeyId: '' }, [need])).toThrow('not authorized');
  });
});

describe('a table with a key of its own', () => {
  test('asks every caller for the key as well', async () => {
    const { cloud, host } = await start(newFolder(), {
      app: {
        template: {
          Resources: {
            Key: { Type: 'AWS::KMS::Key' },
            Table: {
              Type: 'AWS::DynamoDB::Table',
              Properties: {
                TableName: 'events',
                AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
                KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
                SSESpecification: {
                  SSEEnabled: true,
                  SSEType: 'KMS',
                  KMSMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
                },
              },
            },
            Role: roleResource({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' }),
          },
          Outputs: { Role: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
        },
      },
    });
    const session = host.assumeRole(cloud.outputs.app?.Role ?? '', 'lambda.amazonaws.com');
    const client = new DynamoDBClient(clientOf(cloud, session));

    await expect(client.send(new GetItemCommand({ TableName: 'events', Key: { pk: { S: 'a' } } }))).rejects.toThrow(
      'kms:Decrypt',
    );
    await expect(client.send(new PutItemCommand({ TableName: 'events', Item: { pk: { S: 'a' } } }))).rejects.toThrow(
      'dynamodb:PutItem',
    );
  });
});

describe('the event bus', () => {
  const functionAndRule = (rule: object, permitted = true): StackSource => ({
    template: {
      Resources: {
        Function: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'registrar' } },
        Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
        DeadPolicy: {
          Type: 'AWS::SQS::QueuePolicy',
          Properties: {
            Queues: [{ Ref: 'Dead' }],
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { Service: 'events.amazonaws.com' },
                  Action: 'sqs:SendMessage',
                  Resource: '*',
                  Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Rule', 'Arn'] } } },
                },
              ],
            },
          },
        },
        Rule: { Type: 'AWS::Events::Rule', Properties: rule },
        ...(permitted
          ? {
              Permission: {
                Type: 'AWS::Lambda::Permission',
                Properties: {
                  FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
                  Principal: 'events.amazonaws.com',
                  SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
                },
              },
            }
          : {}),
      },
    },
  });
  const toFunction = (rest: object = {}) => [
    {
      Id: 'T0',
      Arn: { 'Fn::GetAtt': ['Function', 'Arn'] },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
      ...rest,
    },
  ];
  const completed = {
    EventPattern: { source: ['aws.cloudformation'], detail: { 'status-details': { status: ['CREATE_COMPLETE'] } } },
  };

  test('says when a stack is complete, to the functions that may be invoked', async () => {
    const app = functionAndRule({ ...completed, Targets: toFunction() });
    const { invocations } = await start(newFolder(), { app });

    await until(() => invocations.length > 0);

    expect(invocations).toHaveLength(1);
    expect(invocations[0]).toMatchObject({
      functionName: 'registrar',
      caller: 'events.amazonaws.com',
      payload: {
        'detail-type': 'CloudFormation Stack Status Change',
        detail: { 'stack-id': expect.stringContaining(':stack/app/'), 'status-details': { status: 'CREATE_COMPLETE' } },
      },
    });
  });

  test('keeps what it may not deliver in the dead-letter queue, and says why', async () => {
    const app = functionAndRule({ ...completed, Targets: toFunction() }, false);
    const { invocations, messages, notices } = await start(newFolder(), { app });

    await until(() => messages.length > 0);

    expect(invocations).toEqual([]);
    expect(String(messages[0]?.QueueUrl)).toMatch(/dead$/);
    expect(notices.join()).toContain('events.amazonaws.com is not authorized to perform: lambda:InvokeFunction');
  });

  test('takes events of its users, shaped for their target, and refuses bad ones one by one', async () => {
    const app = functionAndRule({
      EventPattern: { source: ['assay'], detail: { score: [{ numeric: ['>=', 900] }] } },
      Targets: toFunction({
        InputTransformer: { InputPathsMap: { id: '$.detail.id' }, InputTemplate: '{"eventId":<id>}' },
      }),
    });
    const { cloud, invocations } = await start(newFolder(), { app });
    const entry = (detail: string, Source = 'assay') => ({ Source, DetailType: 'Decided', Detail: detail });

    const { FailedEntryCount, Entries = [] } = await new EventBridgeClient(clientOf(cloud)).send(
      new PutEventsCommand({
        Entries: [
          entry('{"id":"a","score":950}'),
          entry('{"id":"b","score":100}'),
          entry('not json'),
          entry('{}', 'aws.s3'),
        ],
      }),
    );
    await until(() => invocations.length > 0);

    expect(FailedEntryCount).toBe(2);
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      undefined,
      'MalformedDetail',
      'NotAuthorizedForSourceException',
    ]);
    expect(invocations.map(({ payload }) => payload)).toEqual([{ eventId: 'a' }]);
  });

  test('delivers after a new start what the last one left undone', async () => {
    const folder = newFolder();
    let down = true;
    const answer = () => {
      if (down) throw new Error('the function is not to be had');
    };
    const app = functionAndRule({ ...completed, Targets: toFunction() });
    const first = await start(folder, { app }, { answer });
    await until(() => first.invocations.length > 0);
    await first.cloud.stop();
    down = false;

    const second = await start(folder, { app });
    await until(() => second.invocations.length > 0);

    expect(second.invocations[0]?.payload.id).toBe(first.invocations[0]?.payload.id);
  });
});
