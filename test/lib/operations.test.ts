import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { COUNT_METRICS } from '#ports/telemetry.ts';
import { ofType, synthesize } from '../support/templates.ts';

const alarms = ofType(synthesize().operations, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
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
