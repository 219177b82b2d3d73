import { expect, test } from '@jest/globals';
import { referencesIn, resolveValue } from '#local/assembly/intrinsics.ts';
import { inOrder } from '#local/assembly/order.ts';
import { scopeOf } from '#local/assembly/scope.ts';
import { TemplateSchema } from '#local/assembly/template.ts';

const scope = scopeOf({
  stackName: 'app',
  stackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1',
  region: 'eu-west-1',
  accountId: '111122223333',
  template: TemplateSchema.parse({
    Parameters: {
      Bootstrap: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
      Stage: { Type: 'String', Default: 'dev' },
      Zones: { Type: 'CommaDelimitedList', Default: 'a,b' },
      Unset: { Type: 'String' },
    },
    Mappings: { Sizes: { 'eu-west-1': { memory: 512 } } },
    Conditions: {
      IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
      IsProd: { 'Fn::Not': [{ Condition: 'IsDev' }] },
      Both: { 'Fn::And': [{ Condition: 'IsDev' }, { 'Fn::Equals': ['a', 'a'] }] },
      Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { 'Fn::Equals': ['a', 'b'] }] },
    },
    Resources: {},
  }),
  resources: new Map([['Queue', { physicalId: 'queue-url', attributes: { Arn: 'queue-arn', 'Nested.Value': 'n' } }]]),
  exports: new Map([['other:Table', 'table-1']]),
});

test.each([
  [{ Ref: 'AWS::Region' }, 'eu-west-1'],
  [{ Ref: 'AWS::Partition' }, 'aws'],
  [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
  [{ Ref: 'AWS::AccountId' }, '111122223333'],
  [{ Ref: 'AWS::StackName' }, 'app'],
  [{ Ref: 'AWS::StackId' }, 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1'],
  [{ Ref: 'Bootstrap' }, '30'],
  [{ Ref: 'Zones' }, ['a', 'b']],
  [{ Ref: 'Queue' }, 'queue-url'],
  [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'queue-arn'],
  [{ 'Fn::GetAtt': 'Queue.Nested.Value' }, 'n'],
  [
    { 'Fn::Sub': '$' + '{AWS::Region}/$' + '{Queue}/$' + '{Queue.Arn}/$' + '{!Kept}' },
    'eu-west-1/queue-url/queue-arn/$' + '{Kept}',
  ],
  [{ 'Fn::Sub': ['$' + '{name}-$' + '{Stage}', { name: { Ref: 'AWS::Region' } }] }, 'eu-west-1-dev'],
  [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':', 7]] }, 'arn:aws:7'],
  [{ 'Fn::Join': [',', { 'Fn::Split': ['/', 'a/b'] }] }, 'a,b'],
  [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'x:y:z'] }] }, 'y'],
  [{ 'Fn::Select': ['0', { 'Fn::GetAZs': '' }] }, 'eu-west-1a'],
  [{ 'Fn::If': ['IsDev', 'yes', 'no'] }, 'yes'],
  [{ 'Fn::If': ['IsProd', 'yes', { Ref: 'Stage' }] }, 'dev'],
  [{ 'Fn::If': ['Both', 1, 2] }, 1],
  [{ 'Fn::If': ['Either', 1, 2] }, 2],
  [{ 'Fn::ImportValue': { 'Fn::Sub': 'other:Table' } }, 'table-1'],
  [{ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, 512],
  [{ 'Fn::Base64': 'hi' }, 'aGk='],
  [
    { a: [1, { Ref: 'AWS::NoValue' }], b: { Ref: 'AWS::NoValue' }, c: { d: { Ref: 'Stage' } } },
    { a: [1], c: { d: 'dev' } },
  ],
  [{ a: { 'Fn::If': ['IsProd', 1, { Ref: 'AWS::NoValue' }] } }, {}],
  [{ constructor: 'stays' }, { constructor: 'stays' }],
  [null, null],
])('%j becomes %j', (value, expected) => {
  expect(resolveValue(value, scope)).toEqual(expected);
});

test.each([
  [{ Ref: 'Nowhere' }, 'Ref Nowhere: there is no such parameter or resource'],
  [{ Ref: 'Unset' }, 'parameter Unset has no default'],
  [{ 'Fn::GetAtt': ['Queue', 'Url'] }, 'known attributes: Arn, Nested.Value'],
  [{ 'Fn::ImportValue': 'nobody:exports' }, 'no stack that is up exports it'],
  [{ 'Fn::Cidr': ['10.0.0.0/16', 1, 8] }, 'Fn::Cidr is not emulated'],
  [{ 'Fn::If': ['NoSuch', 1, 2] }, 'there is no condition NoSuch'],
  [{ 'Fn::FindInMap': ['Sizes', 'mars', 'memory'] }, 'there is no Sizes.mars.memory'],
  [{ 'Fn::Join': ['', 'text'] }, 'a list is expected'],
  ['{{resolve:secretsmanager:x}}', 'dynamic references'],
])('%j is refused: %s', (value, message) => {
  expect(() => resolveValue(value, scope)).toThrow(message);
});

test('references are found wherever they stand, and literals and own variables are none', () => {
  const value = {
    a: [{ Ref: 'A' }, { 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }],
    d: { 'Fn::Sub': ['$' + '{D.Arn}$' + '{own}$' + '{!E}', { own: { Ref: 'F' } }] },
  };

  expect([...referencesIn(value)].sort()).toEqual(['A', 'B', 'C', 'D', 'F']);
});

test('what depends on something comes after it, and a circle is written out', () => {
  const edges: Record<string, string[]> = { api: ['function'], function: ['role', 'table'], role: [], table: [] };

  expect(inOrder(Object.keys(edges), (name) => edges[name] ?? [], 'circle')).toEqual([
    'role',
    'table',
    'function',
    'api',
  ]);
  edges.table = ['api'];
  expect(() => inOrder(Object.keys(edges), (name) => edges[name] ?? [], 'circle')).toThrow(
    'circle: api → function → table → api',
  );
});
