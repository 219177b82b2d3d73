import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

const program = join(import.meta.dirname, '../../support/gate-planted.ts');
const fates: Record<string, string> = JSON.parse(
  execFileSync(process.execPath, [program], {
    encoding: 'utf8',
    // Says that nobody else will report what is found: synthesis throws.
    env: { ...process.env, NODE_ENV: 'test', CDK_VALIDATION: 'false' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  }),
);

describe('a deployment is refused', () => {
  test('for a bucket without protection, by every gate', () => {
    for (const rule of [
      'AwsSolutions-S1',
      'NIST.800.53.R5-S3BucketVersioningEnabled',
      'PCI.DSS.321-S3BucketPublicReadProhibited',
      's3_bucket_level_public_access_prohibited_check',
    ]) {
      expect(fates.bucket).toContain(rule);
    }
  });

  test('for a stack without resources', () => {
    expect(fates.emptyStack).toContain('the stack has no resources, so nothing in it was checked');
  });

  test('when an acknowledgement misspells the rule, and for that rule alone', () => {
    expect(fates.misspelt).toContain('AwsSolutions-SNS3');
    expect(fates.misspelt).not.toContain('SNSEncryptedKMS');
  });

  test.each([
    ['names another place', 'elsewhere'],
    ['is not for this stage', 'notNow'],
  ])('when an acknowledgement %s', (_, fate) => {
    expect(fates[fate]).toContain('AwsSolutions-SNS3');
    expect(withoutFolder(fates[fate])).toBe(withoutFolder(fates.topic));
  });
});

test('a deployment passes with what is acknowledged', () => {
  expect(fates.acknowledged).toBe('');
});

test('nothing is acknowledged but in the one file', () => {
  const elsewhere = globSync('{bin,lib}/**/*.ts').filter((file) =>
    /\.acknowledge\(|NagSuppressions/.test(readFileSync(file, 'utf8')),
  );

  expect(elsewhere).toEqual([]);
});

/** What was said, but for the name of the temporary folder that the report is in. */
function withoutFolder(said: string | undefined): string | undefined {
  return said?.replaceAll(/assay-gates-\w+/g, 'assay-gates');
}
