import { describe, expect, test } from '@jest/globals';
import { judge } from '#local/iam/judge.ts';
import { readPolicy } from '#local/iam/policy.ts';
import type { Need, PolicyDocument, Principal } from '#local/service.ts';

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/scoring`;
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/events`;
const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:files`;
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`;

const role: Principal = { arn: ROLE, accessKeyId: 'ASIA' };
const s3: Principal = {
  arn: 's3.amazonaws.com',
  accessKeyId: '',
  context: { 'aws:SourceArn': 'arn:aws:s3:::inbox', 'aws:SourceAccount': ACCOUNT },
};

const allowed = ({
  principal = role,
  identity = [],
  resource = [],
  need,
}: {
  principal?: Principal;
  identity?: object[];
  resource?: object[];
  need: Need;
}): boolean =>
  judge(
    { principal, accountId: ACCOUNT, identity: readPolicy({ Statement: identity }, 'role', 'identity') },
    need,
    readPolicy({ Statement: resource }, 'resource', 'resource'),
  ).allowed;

const allow = (rest: object) => ({ Effect: 'Allow', ...rest });
const deny = (rest: object) => ({ Effect: 'Deny', ...rest });
const get: Need = { action: 'dynamodb:GetItem', resource: TABLE };
const send: Need = { action: 'sqs:SendMessage', resource: QUEUE };
const decrypt: Need = { action: 'kms:Decrypt', resource: KEY };

describe('what a role may do', () => {
  test.each([
    { why: 'nothing by default', identity: [], expected: false },
    {
      why: 'what is allowed by name',
      identity: [allow({ Action: 'dynamodb:GetItem', Resource: TABLE })],
      expected: true,
    },
    {
      why: 'an action in other letters',
      identity: [allow({ Action: 'DynamoDB:getitem', Resource: TABLE })],
      expected: true,
    },
    { why: 'another action', identity: [allow({ Action: 'dynamodb:PutItem', Resource: TABLE })], expected: false },
    {
      why: 'a wildcard in the action',
      identity: [allow({ Action: ['s3:*', 'dynamodb:Get*'], Resource: '*' })],
      expected: true,
    },
    { why: 'one character by ?', identity: [allow({ Action: 'dynamodb:?etItem', Resource: '*' })], expected: true },
    { why: 'another resource', identity: [allow({ Action: '*', Resource: `${TABLE}2` })], expected: false },
    {
      why: 'a table, when only its indexes are named',
      identity: [allow({ Action: '*', Resource: `${TABLE}/*` })],
      expected: false,
    },
    {
      why: 'a wildcard in the resource',
      identity: [allow({ Action: '*', Resource: 'arn:aws:dynamodb:*' })],
      expected: true,
    },
    {
      why: 'all but the excluded actions',
      identity: [allow({ NotAction: 'dynamodb:GetItem', Resource: '*' })],
      expected: false,
    },
    {
      why: 'all but other actions',
      identity: [allow({ NotAction: 'dynamodb:PutItem', Resource: '*' })],
      expected: true,
    },
    { why: 'all but the excluded resources', identity: [allow({ Action: '*', NotResource: TABLE })], expected: false },
    {
      why: 'nothing that is denied',
      identity: [allow({ Action: '*', Resource: '*' }), deny({ Action: 'dynamodb:*', Resource: TABLE })],
      expected: false,
    },
  ])('$why: $expected', ({ identity, expected }) => {
    expect(allowed({ identity, need: get })).toBe(expected);
  });
});

describe('what a policy on the resource adds', () => {
  test.each([
    {
      why: 'names the role',
      resource: [allow({ Principal: { AWS: ROLE }, Action: 'sqs:*', Resource: '*' })],
      expected: true,
    },
    { why: 'names everyone', resource: [allow({ Principal: '*', Action: 'sqs:*', Resource: '*' })], expected: true },
    {
      why: 'names another role',
      resource: [allow({ Principal: { AWS: `${ROLE}2` }, Action: 'sqs:*', Resource: '*' })],
      expected: false,
    },
    {
      why: 'trusts the account, whose role says nothing',
      resource: [allow({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sqs:*', Resource: '*' })],
      expected: false,
    },
    {
      why: 'insists on TLS, which loopback counts as',
      resource: [
        allow({ Principal: { AWS: ROLE }, Action: 'sqs:*', Resource: '*' }),
        deny({
          Principal: { AWS: '*' },
          Action: 'sqs:*',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ],
      expected: true,
    },
  ])('it $why: $expected', ({ resource, expected }) => {
    expect(allowed({ resource, need: send })).toBe(expected);
  });

  test('it can deny what the role allows', () => {
    const identity = [allow({ Action: '*', Resource: '*' })];
    const resource = [deny({ Principal: '*', Action: 'sqs:SendMessage', Resource: QUEUE })];

    expect(allowed({ identity, resource, need: send })).toBe(false);
  });
});

describe('a key answers to its own policy first', () => {
  const identity = [allow({ Action: 'kms:Decrypt', Resource: KEY })];
  const trustsAccount = allow({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' });
  test.each([
    { why: 'a role alone', identity, resource: [], expected: false },
    { why: 'trust in the account alone', identity: [], resource: [trustsAccount], expected: false },
    { why: 'trust in the account and a role', identity, resource: [trustsAccount], expected: true },
    {
      why: 'the role named by the key',
      identity: [],
      resource: [allow({ Principal: { AWS: ROLE }, Action: 'kms:Decrypt', Resource: '*' })],
      expected: true,
    },
  ])('$why: $expected', ({ identity, resource, expected }) => {
    expect(allowed({ identity, resource, need: decrypt })).toBe(expected);
  });
});

describe('a service acts only where a policy lets it in', () => {
  const statement = { Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: QUEUE };
  test.each([
    { why: 'no policy', resource: [], expected: false },
    { why: 'the service is named', resource: [allow(statement)], expected: true },
    {
      why: 'another service is named',
      resource: [allow({ ...statement, Principal: { Service: 'events.amazonaws.com' } })],
      expected: false,
    },
    {
      why: 'its bucket is the one that is asked for',
      resource: [
        allow({
          ...statement,
          Condition: {
            ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::in*' },
            StringEquals: { 'aws:SourceAccount': ACCOUNT },
          },
        }),
      ],
      expected: true,
    },
    {
      why: 'another bucket is asked for',
      resource: [allow({ ...statement, Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::other' } } })],
      expected: false,
    },
  ])('$why: $expected', ({ resource, expected }) => {
    expect(allowed({ principal: s3, resource, need: send })).toBe(expected);
  });
});

describe('conditions', () => {
  const context = { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com', 'x:count': '5' };
  test.each([
    [{ StringEquals: { 'kms:viaservice': 'sqs.us-east-1.amazonaws.com' } }, true],
    [{ StringEquals: { 'kms:ViaService': ['s3.amazonaws.com', 'sqs.us-east-1.amazonaws.com'] } }, true],
    [{ StringEquals: { 'kms:ViaService': 'SQS.us-east-1.amazonaws.com' } }, false],
    [{ StringEqualsIgnoreCase: { 'kms:ViaService': 'SQS.us-east-1.amazonaws.com' } }, true],
    [{ StringLike: { 'kms:ViaService': 'sqs.*.amazonaws.com' } }, true],
    [{ StringNotLike: { 'kms:ViaService': 'sqs.*.amazonaws.com' } }, false],
    [{ StringNotEquals: { missing: 'x' } }, true],
    [{ StringEquals: { missing: 'x' } }, false],
    [{ StringEqualsIfExists: { missing: 'x' } }, true],
    [{ StringEqualsIfExists: { 'x:count': '6' } }, false],
    [{ Null: { missing: 'true' } }, true],
    [{ Null: { 'x:count': 'true' } }, false],
    [{ NumericLessThan: { 'x:count': '10' } }, true],
    [{ NumericGreaterThanEquals: { 'x:count': 6 } }, false],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }, true],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:*' } }, false],
    [{ StringEquals: { 'x:count': '5' }, Bool: { 'aws:SecureTransport': true } }, true],
    [{ StringEquals: { 'x:count': '5', missing: 'x' } }, false],
  ])('%j: %s', (Condition, expected) => {
    const identity = [allow({ Action: '*', Resource: '*', Condition })];

    expect(allowed({ identity, need: { ...get, context } })).toBe(expected);
  });

  test.each([
    [{ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }, "operator 'IpAddress' is not known"],
    [{ Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } } }, 'is not known'],
    [{ Condition: { StringEquals: { 'aws:userid': '$' + '{aws:userid}' } } }, 'policy variables'],
    [{ Principal: { AWS: ROLE } }, 'Principal has no place in a role'],
    [{ NotPrincipal: { AWS: ROLE } }, "'NotPrincipal' is not known"],
    [{ Effect: 'Maybe' }, 'Effect must be Allow or Deny'],
  ])('a statement that is not understood is refused when it is read: %j', (rest, message) => {
    const document: PolicyDocument = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', ...rest }] };

    expect(() => readPolicy(document, 'role', 'identity')).toThrow(message);
  });
});
