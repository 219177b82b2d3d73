import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { BANK } from '../support/stages.ts';
import { ofType, type Resources, statementsOf, synthesize } from '../support/templates.ts';

const { keys: key, network } = BANK;
const { functions } = network;
const BOUNDARY = 'arn:aws:iam::111111111111:policy/acme-boundary';

const { data, service, operations } = synthesize(BANK);
const all: Resources = { ...data, ...service, ...operations };
/** The properties of the one resource of a type. */
const theOne = (type: string): Readonly<Record<string, unknown>> => {
  const [found, ...others] = ofType(service, type);
  expect(others).toEqual([]);
  return found?.[1].Properties ?? {};
};
const functionsOf = (resources: Resources) => ofType(resources, 'AWS::Lambda::Function');

describe('a private API', () => {
  const api = theOne('AWS::ApiGateway::RestApi');

  test('answers through the endpoints of the VPC', () => {
    expect(api.EndpointConfiguration).toEqual({ Types: ['PRIVATE'], VpcEndpointIds: ['vpce-01234567'] });
  });

  test('denies who comes another way, and leaves to IAM who of the account may call', () => {
    const { Statement } = api.Policy as { Statement: unknown };

    expect(Statement).toEqual([
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: 'execute-api:Invoke',
      }),
      expect.objectContaining({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'execute-api:Invoke',
        Condition: { StringNotEquals: { 'aws:SourceVpce': ['vpce-01234567'] } },
      }),
    ]);
  });
});

describe('functions in a VPC', () => {
  test.each(functionsOf(service).map(([id, { Properties }]) => [id, Properties] as const))(
    '%s runs in the subnets given',
    (_, { VpcConfig }) => {
      expect(VpcConfig).toEqual({ SubnetIds: functions.subnets, SecurityGroupIds: functions.securityGroups });
    },
  );

  test('Lambda may make interfaces for each of them, and their code may not', () => {
    const network = statementsOf(service).filter(([, { Action }]) => Action.includes('ec2:CreateNetworkInterface'));
    const allowed = network.filter(([, { Effect }]) => Effect === 'Allow');
    const denied = network.filter(([, { Effect }]) => Effect === 'Deny');

    expect(allowed).toHaveLength(functionsOf(service).length);
    expect(denied.map(([id]) => id)).toEqual(allowed.map(([id]) => id));
  });
});

describe('own keys', () => {
  test('encrypt all buckets but that of the access logs, all queues, tables, logs, and the secret', () => {
    const keyOf = (type: string, path: (properties: Record<string, never>) => unknown): unknown[] => [
      ...new Set(ofType(all, type).map(([, { Properties }]) => path(Properties as Record<string, never>))),
    ];
    const buckets = ofType(data, 'AWS::S3::Bucket').filter(([id]) => !id.startsWith('AccessLogs'));

    expect(buckets.length).toBeGreaterThan(3);
    for (const [, { Properties }] of buckets) {
      expect(JSON.stringify(Properties.BucketEncryption)).toContain(key.buckets);
    }
    expect(keyOf('AWS::SQS::Queue', ({ KmsMasterKeyId }) => KmsMasterKeyId)).toEqual([key.queues]);
    expect(keyOf('AWS::SNS::Topic', ({ KmsMasterKeyId }) => KmsMasterKeyId)).toEqual([key.queues]);
    expect(keyOf('AWS::Logs::LogGroup', ({ KmsKeyId }) => KmsKeyId)).toEqual([key.logs]);
    expect(keyOf('AWS::SecretsManager::Secret', ({ KmsKeyId }) => KmsKeyId)).toEqual([key.buckets]);
    const tables = ofType(data, 'AWS::DynamoDB::GlobalTable');
    expect(tables.length).toBeGreaterThan(4);
    for (const [, { Properties }] of tables) {
      expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(JSON.stringify(Properties.Replicas)).toContain(key.tables);
    }
  });

  test('take the place of the keys for buckets and queues', () => {
    const own = ofType(data, 'AWS::KMS::Key').map(([id]) => id);

    expect(own.filter((id) => /^(Bucket|Queue)Key/.test(id))).toEqual([]);
  });

  test('of tables serve every function, for tables alone', () => {
    const statements = statementsOf(service).filter(([, { Resource }]) => Resource.includes(key.tables));

    expect(statements).toHaveLength(functionsOf(service).length);
  });
});

test('every role has the permissions boundary', () => {
  const roles = ofType(all, 'AWS::IAM::Role');

  expect(roles.length).toBeGreaterThan(functionsOf(service).length);
  for (const [, { Properties }] of roles) expect(Properties.PermissionsBoundary).toEqual(BOUNDARY);
});

/** Properties by which a resource gets a name that is not made from the stack's. */
const NAMES = [
  'AlarmName',
  'AliasName',
  'ApplicationName',
  'BucketName',
  'DashboardName',
  'DatabaseName',
  'FunctionName',
  'LogGroupName',
  'Name',
  'QueueName',
  'RoleName',
  'RuleName',
  'TableName',
  'TopicName',
  'UserPoolName',
];
/** Types whose `Name` is within something that has the prefix, or refers to it. */
const NAMED_WITHIN = /^AWS::(ApiGateway::(Model|RequestValidator)|Lambda::)/;

test('stacks, and all that has a name of its own, have the prefix', () => {
  const named = Object.entries(all)
    .filter(([, { Type }]) => !NAMED_WITHIN.test(Type))
    .flatMap(([id, { Properties = {} }]) =>
      NAMES.filter((property) => typeof Properties[property] === 'string').map(
        (property) => `${id}.${property}: ${Properties[property]}`,
      ),
    );
  const without = named.filter((name) => !/: (aws-waf-logs-)?acme[-_]assay[-_]/.test(name));

  expect(named.length).toBeGreaterThan(40);
  expect(without).toEqual([]);
  expect(JSON.stringify(service)).toContain('"acme-Assay-test-Data:Exports');
  expect(JSON.stringify(service)).not.toMatch(/"Assay-test/);
});

describe('the firewall', () => {
  const firewall = theOne('AWS::WAFv2::WebACL');
  const rules = firewall.Rules as { Name: string; Action?: object; Statement: Record<string, never> }[];

  test('stands before the stage of the API', () => {
    const associations = ofType(service, 'AWS::WAFv2::WebACLAssociation');

    expect(associations).toHaveLength(1);
    expect(JSON.stringify(associations[0]?.[1].Properties.ResourceArn)).toContain('/stages/');
  });

  test('blocks who asks too often', () => {
    expect(rules[0]).toMatchObject({
      Action: { Block: {} },
      Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 500, EvaluationWindowSec: 300 } },
    });
  });

  test('has the managed rules, of which those that look into bodies only count', () => {
    const groups = rules.slice(1).map(({ Statement }) => Statement.ManagedRuleGroupStatement as unknown) as {
      Name: string;
      RuleActionOverrides: { Name: string; ActionToUse: object }[];
    }[];

    expect(groups.map(({ Name }) => Name)).toEqual([
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
    ]);
    const counted = groups.flatMap(({ RuleActionOverrides }) => RuleActionOverrides);
    expect(counted).toContainEqual({ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } });
    for (const { Name, ActionToUse } of counted) {
      expect(Name).toMatch(/_BODY$/);
      expect(ActionToUse).toEqual({ Count: {} });
    }
  });

  test('logs what it blocked, without what a request is signed with and without ids', () => {
    const logging = theOne('AWS::WAFv2::LoggingConfiguration');

    expect(JSON.stringify(logging.RedactedFields)).toMatch(/UriPath.*QueryString.*authorization.*x-amz-security-token/);
    expect(JSON.stringify(logging.LoggingFilter)).toContain('"DefaultBehavior":"DROP"');
  });
});

describe('a gradual release', () => {
  const groups = ofType(service, 'AWS::CodeDeploy::DeploymentGroup').map(([, { Properties }]) => Properties);

  test('shifts traffic of every function but the registrar, and back on alarms', () => {
    const [shifted, atOnce] = [true, false].map((isShifted) =>
      ofType(service, 'AWS::Lambda::Alias').filter(([, alias]) => 'UpdatePolicy' in alias === isShifted),
    );

    // Two versions of it at once would write the catalogs of two checkouts over each other, in turns.
    expect(atOnce?.map(([id]) => id)).toEqual([expect.stringMatching(/^Registrar/)]);
    expect(shifted).toHaveLength(functionsOf(service).length - 1);
    expect(groups).toHaveLength(functionsOf(service).length - 1);
    for (const group of groups) {
      expect(group).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AlarmConfiguration: { Enabled: true, Alarms: expect.arrayContaining([expect.anything()]) },
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
        },
      });
    }
  });

  test('keeps the old version, to go back to', () => {
    for (const [, { DeletionPolicy }] of ofType(service, 'AWS::Lambda::Version')) expect(DeletionPolicy).toBe('Retain');
  });

  test('watches errors of the new version, and for callers its p99 and the answers of the API', () => {
    const alarms = ofType(service, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    const p99 = alarms.filter(({ ExtendedStatistic }) => ExtendedStatistic === 'p99');

    expect(alarms.filter(({ MetricName }) => MetricName === 'Errors')).toHaveLength(functionsOf(service).length - 1);
    expect(alarms.filter(({ MetricName }) => MetricName === '5XXError')).toHaveLength(1);
    expect(p99).toHaveLength(3);
    for (const { Threshold, EvaluateLowSampleCountPercentile, Dimensions } of p99) {
      expect(Threshold).toBe(800);
      expect(EvaluateLowSampleCountPercentile).toBe('ignore');
      expect((Dimensions as { Name: string }[]).map(({ Name }) => Name).sort()).toEqual([
        'ExecutedVersion',
        'FunctionName',
        'Resource',
      ]);
    }
  });

  test('is told of in the runbook', () => {
    const anchors = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );

    for (const [, { Properties }] of ofType(service, 'AWS::CloudWatch::Alarm')) {
      expect(anchors).toContain(/docs\/runbook\.md#(\S+)/.exec(String(Properties.AlarmDescription))?.[1]);
    }
  });
});
