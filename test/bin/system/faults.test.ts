import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';
import * as yaml from 'yaml';

import { readXgboost } from '#model/xgboost-read.ts';
import { readCatalog } from '../../../bin/catalog/read-catalog.ts';
import { withEndpoint } from '../../../bin/system/example-endpoint.ts';
import { faultSummaryOf } from '../../../bin/system/fault-summary.ts';
import { MetricSums } from '../../../bin/system/metric-sums.ts';
import { readStage } from '../../../lib/config.ts';
import { wordsOf } from '../../support/words.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'assay-endpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('for faults of SageMaker', () => {
  const starter = { catalog: join(ROOT, 'catalog'), stages: join(ROOT, 'lib', 'stages.yaml') };

  test('a catalog that asks no endpoint gets a detector that does, and the stage its endpoint', () => {
    const sources = withEndpoint(starter, join(folder, 'added'));

    const catalog = readCatalog(sources.catalog);
    const [endpoint] = readStage(sources.stages, 'local').endpoints;
    expect(catalog.ok && catalog.asset.detectors.flatMap(({ members }) => members.map(({ kind }) => kind))).toContain(
      'sagemaker',
    );
    expect(sources.added).toBe(true);
    expect(endpoint?.name).toBe('card-payments-remote');
    // Three questions, in the order in which the detector's member sends them.
    const file = endpoint && 'file' in endpoint.modelData ? endpoint.modelData.file : '';
    expect(readXgboost(readFileSync(file)).featureCount).toBe(3);
  });

  test('a catalog with such a detector stays as it is', () => {
    const added = withEndpoint(starter, join(folder, 'first'));

    expect(withEndpoint({ catalog: added.catalog, stages: added.stages }, join(folder, 'second'))).toEqual({
      catalog: added.catalog,
      stages: added.stages,
      added: false,
    });
  });

  test('endpoints that the stage has already stay', () => {
    const stages = join(folder, 'own.yaml');
    const own = { name: 'own', image: 'i', modelData: { s3Uri: 's3://b/k' }, capacity: { kind: 'serverless' } };
    writeFileSync(stages, yaml.stringify({ stages: { local: { endpoints: [own] } } }));

    const { endpoints } = readStage(withEndpoint({ ...starter, stages }, join(folder, 'beside')).stages, 'local');

    expect(endpoints.map(({ name }) => name)).toEqual(['own', 'card-payments-remote']);
  });

  test('a catalog that the example does not fit is told what to add', () => {
    const catalog = join(folder, 'transfers');
    mkdirSync(join(catalog, 'event-types'), { recursive: true });
    cpSync(join(ROOT, 'test/fixtures/catalog/event-types/transfer.yaml'), join(catalog, 'event-types/transfer.yaml'));

    expect(() => withEndpoint({ ...starter, catalog }, join(folder, 'unfit'))).toThrow(
      /no detector of the catalog asks a SageMaker endpoint.*give one a member of kind sagemaker/,
    );
  });
});

const emf = (metrics: Record<string, number | number[]>): string =>
  JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: [] }, service: 'scoring-queue', ...metrics });

test('metrics in logs are summed up by name, whatever stands between them', () => {
  const sums = new MetricSums();

  sums.add(`START RequestId: 1\n${emf({ AwsRetries: 2, QueueAgeMs: [7, 9] })}\n{"_aws": broken\n`);
  sums.add(`${emf({ AwsRetries: [1, 1], DecisionsDegraded: 5 })}\n{"message":"AwsRetries","AwsRetries":9}\n`);

  expect(sums.of('AwsRetries')).toBe(4);
  expect(sums.of('DecisionsDegraded')).toBe(5);
  expect(sums.of('BreakersOpened')).toBe(0);
});

describe('the summary of faults', () => {
  const report = {
    seed: 7,
    injected: [
      { fault: 'dynamodb=throttle:5%', times: 1_234 },
      { fault: 's3=delete:100%', times: 0 },
    ],
    retries: 1_300,
    retriesForbidden: 2,
    redeliveries: 12,
    degradedDecisions: 3,
    breakersOpened: 1,
    pendingDecisions: 9,
    rivalDecisions: 0,
    caller: { asked: 65, committed: 61, pending: 3, degraded: 64, refused: 1, refusals: { 503: 1 }, lost: 0 },
  };

  test('says what struck how often, what became of it, and what struck nothing', () => {
    const text = wordsOf(faultSummaryOf(report));

    expect(text).toContain('dynamodb=throttle:5% 1,234');
    expect(text).toContain('calls tried again 1,300');
    expect(text).toContain('messages delivered again 12');
    expect(text).toContain('struck nothing: s3=delete:100%');
    expect(text).toContain(
      '65 asked by API = 61 committed + 3 pending + 1 refused (1 × 503); 64 degraded; every answered one',
    );
    expect(text).toContain('--fault-seed 7');
  });

  test('says when an answered decision is nowhere', () => {
    const lost = { ...report, caller: { ...report.caller, lost: 2 } };

    expect(wordsOf(faultSummaryOf(lost))).toContain('2 answered ones are not on record');
  });
});
