import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { COUNT_METRICS, DURATION_METRICS } from '#ports/telemetry.ts';
import { synthesize } from '../../bin/system/synthesize.ts';
import type { Amounts } from './priced.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** AWS asks queues with five pollers for each mapping, each for 20 seconds at a time. */
const POLLS_PER_HOUR = 5 * 180;

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Rules?: readonly unknown[]; readonly EventSourceArn?: unknown };
}

/** What stands in the template of a stage whether used or not, and the polls that its mappings cost in an hour. */
export const standingOf = async (stageName: string): Promise<{ standing: Amounts; pollsPerHour: number }> => {
  const output = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    await synthesize({ root: ROOT, stageName, output, catalog: join(ROOT, 'catalog') });
    const resources = resourcesIn(output);
    const count = (type: string): number => resources.filter(({ Type }) => Type === type).length;
    const rules = resources
      .filter(({ Type }) => Type === 'AWS::WAFv2::WebACL')
      .reduce((sum, { Properties }) => sum + (Properties?.Rules?.length ?? 0), 0);
    const queues = resources.filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        /Queue|DeadLetters/.test(JSON.stringify(Properties?.EventSourceArn)),
    );
    if (resources.length === 0 || queues.length === 0) throw new Error('the template has nothing to count');
    return {
      standing: {
        'kms.key': count('AWS::KMS::Key'),
        'secrets.secret': count('AWS::SecretsManager::Secret'),
        'cloudwatch.alarm': count('AWS::CloudWatch::Alarm'),
        // Each name once for each function that counts it: three functions, as a rule.
        'cloudwatch.metric': 3 * (COUNT_METRICS.length + DURATION_METRICS.length),
        'cloudwatch.dashboard': count('AWS::CloudWatch::Dashboard'),
        'waf.acl': count('AWS::WAFv2::WebACL'),
        'waf.rule': rules,
      },
      pollsPerHour: queues.length * POLLS_PER_HOUR,
    };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
};

const resourcesIn = (assembly: string): Resource[] => {
  const readJson = (file: string) => JSON.parse(readFileSync(join(assembly, file), 'utf8'));
  const { artifacts } = readJson('manifest.json') as {
    artifacts: Record<string, { type: string; properties: { templateFile: string } }>;
  };
  return Object.values(artifacts)
    .filter(({ type }) => type === 'aws:cloudformation:stack')
    .flatMap(({ properties }) => Object.values((readJson(properties.templateFile) as { Resources: object }).Resources));
};
