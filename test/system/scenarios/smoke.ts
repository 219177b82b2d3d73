import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, test } from '@jest/globals';

import { smokeChecks } from '../../../bin/smoke/checks.ts';
import { runChecks } from '../../../bin/smoke/run-checks.ts';
import { noteSystem } from '../../../bin/system/system.ts';
import { probeAt } from '../../../functions/canary/probe.ts';
import type { TestSystem } from '../../support/system.ts';
import { commitsOf } from '../../support/system-lake.ts';

const ASSAY = resolve(import.meta.dirname, '../../../bin/assay.ts');

/** The smoke test of a deployment, run against the embedded cloud. */
export const smoke = (running: () => TestSystem): void =>
  describe('the smoke test', () => {
    afterEach(() => running().cloud.faults.clear());

    test('finds all well, and leaves nothing that anyone else sees', async () => {
      const { scratch, system } = running();
      noteSystem(scratch, system);
      const before = await commitsOf(running());

      const args = [ASSAY, 'smoke', '--json', '--data-dir', scratch];
      const { stdout } = await promisify(execFile)(process.execPath, args);

      const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; status: string }[] };
      expect(checks.map(({ name, status }) => [name, status])).toEqual([
        ['catalog', 'passed'],
        ['decision', 'passed'],
        ['repeat', 'passed'],
        ['conflict', 'passed'],
        ['feedback', 'passed'],
        ['file', 'passed'],
        ['audit log', 'passed'],
        ['alarms', 'skipped'],
      ]);
      expect(ok).toBe(true);
      expect(await commitsOf(running())).toEqual(before);
    });

    test('says which part is not well, and what to do', async () => {
      const { cloud, client } = running();
      const [decision, feedback] = ['decision', 'feedback'];
      const checks = smokeChecks(client, probeAt(Date.now(), 'smoke'), undefined).filter(
        ({ name }) => name === decision || name === feedback,
      );
      cloud.faults.begin({ service: 'dynamodb', does: 'fail', callers: /FeedbackApi/ });

      expect(await runChecks(checks)).toMatchObject([
        { name: decision, status: 'passed' },
        {
          name: feedback,
          status: 'failed',
          detail: expect.stringMatching(/^feedback: 5\d\d/),
          remedy: expect.any(String),
        },
      ]);
    });
  });
