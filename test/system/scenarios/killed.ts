import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, describe, expect, test } from '@jest/globals';

import { fileIdOf } from '#domain/file-id.ts';
import type { FileView } from '#domain/public-file.ts';
import type { CloudOptions } from '#local/cloud.ts';
import { type DefectCounts, withDefects } from '../../../bin/simulation/defects.ts';
import { writeLines } from '../../../bin/simulation/line-file.ts';
import { simulateCardPayments } from '../../../bin/simulation/simulate.ts';
import { AssayClient } from '../../../bin/system/client.ts';
import { waitForCatalog } from '../../../bin/system/wait-for-catalog.ts';
import { eventually } from '../../support/eventually.ts';
import { startSystem, type TestSystem } from '../../support/system.ts';
import type { Assembly } from '../../support/system-assembly.ts';
import { endOfFile } from '../../support/system-files.ts';
import { aTransfer } from '../../support/system-requests.ts';

const PROCESS = resolve(import.meta.dirname, '../../support/system-process.ts');
const DAY_MS = 86_400_000;

/** The whole cloud is killed in the middle of a file, and started again on what it left. */
export const killed = (assemblyOf: () => Assembly, onCall: NonNullable<CloudOptions['onCall']>): void =>
  describe('a cloud that is killed in the middle of a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-killed-'));
    const directory = join(folder, 'cloud');
    let child: ChildProcess | undefined;
    let system: TestSystem | undefined;

    afterAll(async () => {
      child?.kill('SIGKILL');
      await system?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test('goes on where it was: no row is lost, none counted twice', async () => {
      const { file, counts } = await paymentsIn(folder);
      child = spawn(process.execPath, [PROCESS, assemblyOf().path, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const client = await clientOf(child);
      const scored = await client.call('POST', 'v1/decisions', { event: aTransfer('before-the-kill') });
      const dropped = await client.drop(file, 'events/card_payment/payments.csv');
      const fileId = fileIdOf(dropped.bucket, dropped.key, dropped.versionId);
      const view = await eventually('some of the rows are decided', async () => {
        const answer = await client.call('GET', `v1/files/${fileId}`);
        const { counts: sofar } = answer.body as Partial<FileView>;
        return sofar && sofar.decided > 0 ? (answer.body as FileView) : undefined;
      });

      child.kill('SIGKILL');
      await once(child, 'exit');
      client.close();
      system = await startSystem({ assembly: assemblyOf(), directory, onCall });
      const report = await endOfFile(system, dropped);

      const { rows, decided, duplicate, conflict, quarantined } = counts;
      expect(view.status).not.toBe('complete');
      expect(view.counts.decided).toBeLessThan(decided);
      expect(report).toMatchObject({
        status: 'complete',
        rows,
        counts: { decided, duplicate, conflict, quarantined, dead: 0 },
      });
      const read = await system.client.call('GET', 'v1/decisions/transfer/before-the-kill');
      expect(read.body).toMatchObject(scored.body as object);
    }, 90_000);
  });

const paymentsIn = async (folder: string): Promise<{ file: string; counts: DefectCounts }> => {
  const file = join(folder, 'payments.csv');
  const start = new Date(Date.now() - 7 * DAY_MS).toISOString().slice(0, 10);
  const { lines, counts } = withDefects(simulateCardPayments({ days: 5, customers: 350, terminals: 80, start }));
  await writeLines(file, lines);
  return { file, counts };
};

/** A client of the cloud in the process, once it is up and has its catalog. */
const clientOf = async ({ stdout }: ChildProcess): Promise<AssayClient> => {
  const [line] = await once(createInterface({ input: stdout! }), 'line');
  const system = JSON.parse(line);
  await waitForCatalog(system, AbortSignal.timeout(30_000));
  return new AssayClient(system);
};
