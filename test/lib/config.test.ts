import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { readStage } from '../../lib/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-stages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stages = (yaml: string): string => {
  const file = join(folder, 'stages.yaml');
  writeFileSync(file, yaml);
  return file;
};

test.each(['local', 'dev', 'prod'])('the shipped stage %s is valid', (name) => {
  expect(readStage('lib/stages.yaml', name)).toMatchObject({ retentionDays: expect.any(Number), endpoints: [] });
});

test('what is left out has a default', () => {
  expect(readStage(stages('stages: { dev: {} }'), 'dev')).toEqual({
    retentionDays: 540,
    inboxDays: 30,
    audit: { mode: 'governance', retentionDays: 2_555 },
    logRetentionDays: 90,
    logLevel: 'INFO',
    defaultBudgetMs: 1_000,
    api: { requestsPerSecond: 200, burst: 400 },
    concurrency: { files: 4, chunks: 20, feedback: 4, pending: 2 },
    lake: { windowSeconds: 60, waitMinutes: 15 },
    existingEndpoints: [],
    endpoints: [],
    release: { shift: 'all-at-once', p99Ms: 1_250 },
    firewall: { enabled: true },
    network: {},
    keys: {},
  });
});

const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-1111-1111-111111111111';

describe('a fault is named with its file and its place', () => {
  test.each([
    ['an unknown stage', 'stages: { dev: {} }', /has no stage 'live'; use one of dev/],
    ['a misspelt option', 'stages: { live: { retentionDay: 3 } }', /retentionDay/],
    ['a number that is none', 'stages: { live: { retentionDays: soon } }', /stages\.live\.retentionDays/],
    ['a concurrency that Lambda refuses', 'stages: { live: { concurrency: { chunks: 1 } } }', /concurrency\.chunks/],
    [
      'a key for tables in a region that is not named',
      `stages: { live: { keys: { tables: ${KEY} } } }`,
      /stages\.live\.region/,
    ],
    [
      'a key for people that functions may decrypt with',
      `stages: { live: { keys: { buckets: ${KEY}, people: ${KEY} } } }`,
      /key of its own[\s\S]*keys\.people/,
    ],
    [
      'a key of another region',
      `stages: { live: { region: eu-central-1, keys: { logs: ${KEY} } } }`,
      /key of the region[\s\S]*keys\.logs/,
    ],
    [
      'a private API that its own canary cannot reach',
      'stages: { live: { network: { apiEndpoints: [vpce-0123456789abcdef0] } } }',
      /canary[\s\S]*network\.functions/,
    ],
    ['a key that is no ARN', 'stages: { live: { keys: { logs: alias/mine } } }', /keys\.logs/],
    ['a prefix that AWS refuses', "stages: { live: { namePrefix: '1_' } }", /namePrefix/],
    ['a shift that CodeDeploy does not know', 'stages: { live: { release: { shift: slowly } } }', /release\.shift/],
    ['an account without quotes', 'stages: { live: { account: 123456789012 } }', /stages\.live\.account/],
    [
      'an endpoint without capacity',
      "stages: { live: { endpoints: [{ name: e, image: i, modelData: { s3Uri: 's3://b/k' } }] } }",
      /endpoints\[0\]\.capacity/,
    ],
  ])('%s', (_, yaml, message) => {
    const file = stages(yaml);

    expect(() => readStage(file, 'live')).toThrow(message);
    expect(() => readStage(file, 'live')).toThrow(file);
  });
});
