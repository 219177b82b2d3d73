import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import type { FileView } from '#domain/public-file.ts';
import type { CloudOptions } from '#local/cloud.ts';
import { eventually } from '../../support/eventually.ts';
import { type KillableSystem, startKillable } from '../../support/killable-system.ts';
import { type SystemClients, startSystem, type TestSystem } from '../../support/system.ts';
import type { Assembly } from '../../support/system-assembly.ts';
import { endOfFile } from '../../support/system-files.ts';
import { commitsOf, rowsOf } from '../../support/system-lake.ts';
import { aTransfer } from '../../support/system-requests.ts';
import { problemsOf } from '../kills/accounts.ts';
import { dropPayments } from '../kills/payments.ts';
import { AMONG_TESTS } from '../kills/sizes.ts';

/** The whole cloud is killed in the middle of a file, and again after its restart; `npm run prove:kill` goes on so. */
export const killed = (assemblyOf: () => Assembly, onCall: NonNullable<CloudOptions['onCall']>): void =>
  describe('a cloud that is killed twice in the middle of a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-killed-'));
    const directory = join(folder, 'cloud');
    let running: KillableSystem | undefined;
    let system: TestSystem | undefined;

    afterAll(async () => {
      await running?.kill();
      await system?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const start = async (): Promise<KillableSystem> => {
      running = await startKillable(assemblyOf().path, directory);
      return running;
    };
    /** How a file stands once more of its rows are decided than before. */
    const furtherThan = ({ client }: SystemClients, fileId: string, decided: number) =>
      eventually('more of the rows are decided', async () => {
        const { body } = await client.call('GET', `v1/files/${fileId}`);
        const { counts } = body as Partial<FileView>;
        return counts && counts.decided > decided ? (body as FileView) : undefined;
      });

    test('goes on where it was: no row is lost, none counted twice', async () => {
      const first = await start();
      const scored = await first.clients.client.call('POST', 'v1/decisions', { event: aTransfer('before-the-kill') });
      const file = await dropPayments(first.clients, folder, { ...AMONG_TESTS, seed: 1 });
      const atFirst = await furtherThan(first.clients, file.fileId, 0);
      await first.kill();
      const second = await start();
      const atSecond = await furtherThan(second.clients, file.fileId, atFirst.counts.decided);
      await second.kill();
      system = await startSystem({ assembly: assemblyOf(), directory, onCall });
      const report = await endOfFile(system, file.dropped);

      const { rows, decided, duplicate, conflict, quarantined } = file.counts;
      for (const view of [atFirst, atSecond]) {
        expect(view.status).not.toBe('complete');
        expect(view.counts.decided).toBeLessThan(decided);
      }
      expect(report).toMatchObject({
        status: 'complete',
        rows,
        counts: { decided, duplicate, conflict, quarantined, dead: 0 },
      });
      expect(await problemsOf(system, [file])).toEqual([]);
      const read = await system.client.call('GET', 'v1/decisions/transfer/before-the-kill');
      expect(read.body).toMatchObject(scored.body as object);
      expect(await rowsOf(system)).toEqual(await commitsOf(system));
    }, 120_000);
  });
