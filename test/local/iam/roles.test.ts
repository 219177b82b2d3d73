import { expect, test } from '@jest/globals';
import { createIam, type Iam } from '#local/iam/roles.ts';
import type { Need, Principal } from '#local/service.ts';

const ACCOUNT = '111122223333';
const developer: Principal = { arn: `arn:aws:iam::${ACCOUNT}:user/developer`, accessKeyId: 'AKIA' };
const trust = {
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
};
const send: Need = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:111122223333:chunks' };

const deploy = (iam: Iam, type: string, logicalId: string, properties: object) =>
  iam.resources
    .find((provider) => provider.type === type)
    ?.deploy({ stackName: 'app', logicalId, type, properties: properties as Record<string, unknown> });

const iamWithRole = async (properties: object = {}) => {
  const iam = createIam({ accountId: ACCOUNT, developer });
  const role = await deploy(iam, 'AWS::IAM::Role', 'Role', { AssumeRolePolicyDocument: trust, ...properties });
  if (!role) throw new Error('there is no provider of roles');
  return { iam, name: role.physicalId, principal: { arn: role.attributes.Arn ?? '', accessKeyId: 'ASIA' } };
};

test('a refusal names who, what, on what, and the statement that is missing', async () => {
  const { iam, name, principal } = await iamWithRole();

  expect(() => iam.authorise(principal, [send])).toThrow(
    `${principal.arn} is not authorized to perform: sqs:SendMessage on resource: ${send.resource}; ` +
      `add to role ${name}: Allow sqs:SendMessage on ${send.resource}`,
  );
});

test('every need of a call must be granted', async () => {
  const { iam, principal } = await iamWithRole({
    Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: { Effect: 'Allow', Action: 'sqs:*', Resource: '*' } } }],
  });

  expect(() => iam.authorise(principal, [send])).not.toThrow();
  expect(() => iam.authorise(principal, [send, { action: 'kms:Decrypt', resource: '*' }])).toThrow('kms:Decrypt');
});

test('a policy attached later counts for the role it names, and for no other', async () => {
  const { iam, name, principal } = await iamWithRole();
  const PolicyDocument = { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: send.resource }] };

  await deploy(iam, 'AWS::IAM::Policy', 'Other', { PolicyName: 'other', PolicyDocument, Roles: ['somebody'] });
  expect(() => iam.authorise(principal, [send])).toThrow('not authorized');
  await deploy(iam, 'AWS::IAM::Policy', 'Own', { PolicyName: 'own', PolicyDocument, Roles: [name] });

  expect(() => iam.authorise(principal, [send])).not.toThrow();
});

test('managed policies of AWS bring the statements that they have there', async () => {
  const { iam, principal } = await iamWithRole({
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
  });

  expect(() => iam.authorise(principal, [{ action: 'logs:PutLogEvents', resource: '*' }])).not.toThrow();
  expect(() => iam.authorise(principal, [send])).toThrow('not authorized');
});

test('a managed policy that is not known is refused, and not taken as empty', async () => {
  await expect(iamWithRole({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] })).rejects.toThrow(
    'AdministratorAccess is not known here',
  );
});

test('a service takes on only a role that trusts it', async () => {
  const { iam, principal } = await iamWithRole();

  expect(() => iam.checkTrust(principal.arn, 'lambda.amazonaws.com')).not.toThrow();
  expect(() => iam.checkTrust(principal.arn, 'apigateway.amazonaws.com')).toThrow('AssumeRolePolicyDocument');
  expect(() => iam.checkTrust(`${principal.arn}2`, 'lambda.amazonaws.com')).toThrow('no such role');
});

test('the developer may do everything', () => {
  const iam = createIam({ accountId: ACCOUNT, developer });

  expect(() => iam.authorise(developer, [send])).not.toThrow();
});
