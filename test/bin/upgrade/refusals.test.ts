import { describe, expect, test } from '@jest/globals';

import {
  type JudgedResource,
  type JudgedTemplate,
  refusalsOf,
  STATEFUL_TYPES,
  statefulOf,
} from '../../../bin/upgrade/refusals.ts';
import { readRelease } from '../../../bin/upgrade/releases.ts';
import { synthesize } from '../../support/templates.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';
const index = (IndexName: string, hash = IndexName) => ({
  IndexName,
  KeySchema: [{ AttributeName: hash, KeyType: 'HASH' }],
  Projection: { ProjectionType: 'KEYS_ONLY' },
});
const table = (...indexes: object[]): JudgedResource => ({
  Type: TABLE,
  DeletionPolicy: 'Retain',
  Properties: { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], GlobalSecondaryIndexes: indexes },
});
const holding = (Kept: JudgedResource): JudgedTemplate => ({ Resources: { Kept } });
const of = (Type: string, Properties: Record<string, unknown>, DeletionPolicy = 'Retain') =>
  holding({ Type, DeletionPolicy, Properties });

describe('an upgrade is refused that would', () => {
  test.each<[string, JudgedTemplate, JudgedTemplate, RegExp]>([
    ['remove a table', holding(table()), { Resources: {} }, /Kept \(AWS::DynamoDB::GlobalTable\) would be removed/],
    [
      'give a table another key',
      holding(table()),
      of(TABLE, { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], GlobalSecondaryIndexes: [] }),
      /would be replaced by an empty one, since KeySchema changes/,
    ],
    ['name a table', of(TABLE, {}), of(TABLE, { TableName: 'mine' }), /since TableName changes/],
    [
      'rename a bucket',
      of('AWS::S3::Bucket', { BucketName: 'one' }),
      of('AWS::S3::Bucket', { BucketName: 'two' }),
      /since BucketName changes/,
    ],
    [
      'make a FIFO queue a plain one',
      of('AWS::SQS::Queue', { FifoQueue: true }),
      of('AWS::SQS::Queue', {}),
      /FifoQueue/,
    ],
    ['make a table a bucket', holding(table()), of('AWS::S3::Bucket', {}), /since its type changes/],
    [
      'generate a secret anew',
      of('AWS::SecretsManager::Secret', { GenerateSecretString: { PasswordLength: 64 } }),
      of('AWS::SecretsManager::Secret', { GenerateSecretString: { PasswordLength: 32 } }),
      /would be generated anew/,
    ],
    [
      'let a key die with its stack',
      of('AWS::KMS::Key', {}),
      of('AWS::KMS::Key', {}, 'Delete'),
      /no longer be retained/,
    ],
    ['add two indexes', holding(table()), holding(table(index('a'), index('b'))), /a, b change at once/],
    ['remove two indexes', holding(table(index('a'), index('b'))), holding(table()), /a, b change at once/],
    ['remove one index and add another', holding(table(index('a'))), holding(table(index('b'))), /a, b change at once/],
    [
      'change an index in place',
      holding(table(index('a'))),
      holding(table(index('a', 'other'))),
      /index a cannot change: add one of another name/,
    ],
  ])('%s', (_, before, after, message) => {
    expect(refusalsOf(before, after).join('\n')).toMatch(message);
  });
});

describe('an upgrade passes that would', () => {
  test.each<[string, JudgedTemplate, JudgedTemplate]>([
    ['change nothing', holding(table(index('a'))), holding(table(index('a')))],
    ['add an index', holding(table(index('a'))), holding(table(index('a'), index('b')))],
    ['remove an index', holding(table(index('a'), index('b'))), holding(table(index('a')))],
    ['keep indexes in another order', holding(table(index('a'), index('b'))), holding(table(index('b'), index('a')))],
    ['add a table', { Resources: {} }, holding(table(index('a'), index('b')))],
    [
      'let messages wait longer',
      of('AWS::SQS::Queue', { VisibilityTimeout: 1 }),
      of('AWS::SQS::Queue', { VisibilityTimeout: 2 }),
    ],
    [
      'remove what keeps nothing',
      { Resources: { Rule: { Type: 'AWS::Events::Rule', Properties: {} } } },
      { Resources: {} },
    ],
  ])('%s', (_, before, after) => {
    expect(refusalsOf(before, after)).toEqual([]);
  });
});

describe('the last release', () => {
  const templates = synthesize({}, { validated: false });
  const now: Readonly<Record<string, JudgedTemplate>> = {
    Data: { Resources: templates.data },
    Service: { Resources: templates.service },
    Operations: { Resources: templates.operations },
  };
  const { stacks } = readRelease('test/fixtures/upgrade/released.json');

  test('kept something', () => {
    expect(Object.keys(stacks.Data?.Resources ?? {}).length).toBeGreaterThan(20);
  });

  test.each(Object.entries(stacks))('can be upgraded to this template: %s', (part, released) => {
    expect(refusalsOf(released, now[part] ?? { Resources: {} })).toEqual([]);
  });

  test('and whatever this template retains with data in it is judged', () => {
    const retained = Object.entries(templates.data).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain');

    expect(Object.keys(statefulOf({ Resources: templates.data }).Resources).sort()).toEqual(
      retained.map(([id]) => id).sort(),
    );
    for (const [, { Type }] of retained) expect(STATEFUL_TYPES).toContain(Type);
  });
});
