import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { COUNT_METRICS, DURATION_METRICS } from '#ports/telemetry.ts';
import { FUNCTION_ENTRIES, functionName } from '../../lib/bundle.ts';
import { ofType, statementsOf, synthesize } from '../support/templates.ts';

const { data, operations } = synthesize({}, { validated: false });
const alarms = ofType(operations, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
const names = alarms.map(({ AlarmName }) => String(AlarmName).replace('assay-test-', ''));
const runbook = readFileSync('docs/runbook.md', 'utf8');

test('every alarm has a section in the runbook with its severity, and every section an alarm', () => {
  const sections = [...runbook.matchAll(/^## ([a-z0-9-]+)$/gm)].map(([, name]) => name);

  expect(names.length).toBeGreaterThan(30);
  expect([...sections].sort()).toEqual([...names].sort());
  for (const { AlarmName, AlarmDescription } of alarms) {
    const name = String(AlarmName).replace('assay-test-', '');
    const [, severity] = /^\[(page|ticket)\] docs\/runbook\.md#/.exec(String(AlarmDescription)) ?? [];
    expect(`${AlarmDescription}`).toContain(`#${name}`);
    expect(runbook).toMatch(new RegExp(`## ${name}\n\n\\*${severity}\\.\\*`));
  }
});

test('an alarm on a metric of ours is on one that the functions count', () => {
  const watched = alarms.flatMap(({ MetricName, Namespace, Metrics }) => [
    { MetricName, Namespace },
    ...(
      (Metrics as { MetricStat?: { Metric: { MetricName: string; Namespace: string } } }[] | undefined) ?? []
    ).flatMap(({ MetricStat }) => MetricStat?.Metric ?? []),
  ]);
  const ours = watched.filter(({ Namespace }) => Namespace === 'Assay/test').map(({ MetricName }) => MetricName);

  expect(ours.length).toBeGreaterThan(5);
  for (const metric of ours) expect(COUNT_METRICS).toContain(metric);
});

interface MetricQuery {
  readonly Expression?: string;
  readonly MetricStat?: object;
}

const alarmNamed = (name: string) => {
  const found = alarms.find(({ AlarmName }) => AlarmName === `assay-test-${name}`);
  if (!found) throw new Error(`there is no alarm '${name}'`);
  return found;
};
const queriesOf = (name: string): readonly MetricQuery[] => (alarmNamed(name).Metrics ?? []) as MetricQuery[];

test('no alarm takes more metrics than CloudWatch allows one', () => {
  for (const { Metrics = [] } of alarms) {
    expect((Metrics as MetricQuery[]).filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
  }
});

test.each([
  { name: 'degraded-decisions', floor: 50, above: 10 },
  { name: 'quarantined-rows', floor: 100, above: 20 },
  { name: 'absent-decisions', floor: 20, above: 0 },
  { name: 'api-latency-p99', floor: 100, above: 1_000 },
  { name: 'api-latency-p999', floor: 1_000, above: 3_000 },
])('$name says nothing below $floor, so that one bad event at night wakes nobody', ({ name, floor, above }) => {
  const [expression] = queriesOf(name).flatMap(({ Expression }) => Expression ?? []);

  expect(expression).toMatch(new RegExp(`^IF\\(.*>= ${floor}[ ,].*0\\)$`));
  expect(alarmNamed(name)).toMatchObject({ Threshold: above, TreatMissingData: 'notBreaching' });
});

test.each(['canary-absent', 'reconciler-absent'])('%s sounds when there is no figure at all', (name) => {
  expect(alarmNamed(name)).toMatchObject({
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    TreatMissingData: 'breaching',
    EvaluationPeriods: 3,
  });
});

test.each(['lost-soon-events', 'lost-soon-lake'])(
  '%s wakes somebody while two thirds of the day are left that a stream keeps',
  (name) => {
    expect(alarmNamed(name)).toMatchObject({
      MetricName: 'IteratorAge',
      Statistic: 'Maximum',
      Threshold: (24 * 3_600_000) / 3,
      AlarmDescription: expect.stringContaining('[page]'),
    });
  },
);

test('what must be seen has an alarm: absence, canary, reconciler, refusals, retries, latency', () => {
  expect(names).toEqual(
    expect.arrayContaining([
      'absent-decisions',
      'access-denied',
      'api-latency-p99',
      'api-latency-p999',
      'canary-absent',
      'canary-failed',
      'pending-decisions',
      'reconciler-absent',
      'reconciler-imbalance',
      'retries-forbidden',
      'stale-files',
    ]),
  );
});

test('pages and tickets go to topics of their own', () => {
  const topicsOf = (severity: string) =>
    new Set(
      alarms
        .filter(({ AlarmDescription }) => String(AlarmDescription).startsWith(`[${severity}]`))
        .map(({ AlarmActions }) => JSON.stringify(AlarmActions)),
    );

  expect(topicsOf('page').size).toBe(1);
  expect(topicsOf('ticket').size).toBe(1);
  expect(topicsOf('page')).not.toEqual(topicsOf('ticket'));
});

describe('the dashboard', () => {
  const dashboards = ofType(operations, 'AWS::CloudWatch::Dashboard').map(([, { Properties }]) => Properties);
  const body = JSON.stringify(dashboards.map(({ DashboardBody }) => DashboardBody));

  test('is one, within the size that CloudFormation and CloudWatch take', () => {
    expect(dashboards).toHaveLength(1);
    expect(body.length).toBeLessThan(400_000);
    expect((body.match(/metrics/g) ?? []).length).toBeLessThan(500);
  });

  test('shows every function, queue and table that alarms watch, and figures that are counted', () => {
    const figures = [...body.matchAll(/Assay\/test\\*",\\*"(\w+)/g)].map(([, name]) => name);

    expect(figures.length).toBeGreaterThan(20);
    const closed: readonly string[] = [...COUNT_METRICS, ...DURATION_METRICS];
    expect(figures.filter((name) => !closed.includes(name!))).toEqual([]);
    for (const shown of ['scoring-api', 'canary', 'reconciler', 'Queue chunks', 'Table event', 'API', 'Outcomes']) {
      expect(body).toContain(shown);
    }
  });
});

test('every function has alarms on its errors and its throttles', () => {
  const wanted = FUNCTION_ENTRIES.map(functionName).flatMap((name) => [`errors-${name}`, `throttles-${name}`]);

  expect(names).toEqual(expect.arrayContaining(wanted));
});

describe('the key of queues, logs and alarms', () => {
  const used = statementsOf(data)
    .filter(([id]) => id.startsWith('QueueKey'))
    .map(([, statement]) => ({ ...statement, by: JSON.stringify(statement.Principal) }));

  test('may be used by alarms of this account alone, which could otherwise not reach their topics', () => {
    const alarms = used.filter(({ by }) => by.includes('"cloudwatch.amazonaws.com"'));

    expect(alarms).toEqual([
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
      }),
    ]);
  });

  test('may be used by logs in every way that CloudWatch asks for, for log groups of this account alone', () => {
    const logs = used.filter(({ by }) => by.includes('"logs.eu-west-1.amazonaws.com"'));

    expect(logs).toEqual([
      expect.objectContaining({
        Action: expect.arrayContaining([
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext',
          'kms:DescribeKey',
        ]),
        Condition: {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111111111111:log-group:*' },
        },
      }),
    ]);
  });
});
