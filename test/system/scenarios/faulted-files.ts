import { afterEach, describe, expect, test } from '@jest/globals';

import type { DecideAnswer } from '#domain/decide-request.ts';
import type { Fault } from '#local/faults.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile } from '../../support/system-files.ts';
import { anOrder } from '../../support/system-requests.ts';
import { ROUNDS } from '../faulted/rounds.ts';
import { runRound } from '../faulted/run-round.ts';
import { FEW_CHUNKS } from '../kills/sizes.ts';

/** Files, and callers, while something goes wrong on purpose: everything adds up all the same. */
export const faultedFiles = (systemOf: () => TestSystem): void => {
  afterEach(() => systemOf().cloud.faults.clear());
  const begin = (fault: Fault): (() => number) => {
    let struck = 0;
    systemOf().cloud.faults.begin({ ...fault, onStrike: () => (struck += 1) });
    return () => struck;
  };

  describe('a file, while', () => {
    test.each(ROUNDS.map((round, index) => ({ ...round, seed: 100 + index })))(
      '$what, adds up to the last row',
      async (round) => {
        const { report, problems } = await runRound(systemOf(), round, { ...FEW_CHUNKS, seed: round.seed });

        expect(report.status).toBe('complete');
        expect(problems).toEqual([]);
      },
    );
  });

  describe('a version of a file that is not there any more when it is read', () => {
    const HEADER = 'event_id,occurred_at,payer,payee,amount';
    const transfer = (name: string) =>
      csvOf(HEADER, [[name, new Date(Date.now() - 60_000).toISOString(), 'payer-1', 'payee-1', 500]]);

    test('is in quarantine as deleted', async () => {
      const struck = begin({ service: 's3', does: 'delete' });

      const report = await endOfFile(systemOf(), await dropContent(systemOf(), DELETED, transfer('deleted')));

      expect(struck()).toBe(1);
      expect(report).toMatchObject({ status: 'quarantined', reason: 'version_deleted', rows: 0 });
    });

    test('is in quarantine as overwritten, and what took its place is decided', async () => {
      const struck = begin({ service: 's3', does: 'overwrite' });

      const dropped = await dropContent(systemOf(), OVERWRITTEN, transfer('overwritten'));
      const report = await endOfFile(systemOf(), dropped);
      const successor = await systemOf().client.latestOf(dropped);

      expect(struck()).toBe(1);
      expect(report).toMatchObject({ status: 'quarantined', reason: 'version_overwritten', rows: 0 });
      expect(successor?.versionId).not.toBe(dropped.versionId);
      expect(await endOfFile(systemOf(), successor!)).toMatchObject({ status: 'complete', counts: { decided: 1 } });
    });
  });

  test('an endpoint whose answers drip is done without, in time', async () => {
    const struck = begin({ service: 'sagemaker', does: 'drip' });

    const { status, body } = await systemOf().client.call(
      'POST',
      'v1/decisions',
      { event: anOrder('dripping', 100), detector: 'orders' },
      { 'assay-budget-ms': '2000' },
    );

    expect(struck()).toBeGreaterThan(0);
    expect(status).toBe(200);
    expect((body as DecideAnswer).decisions[0]).toMatchObject({
      rung: 'embedded',
      degraded: [{ what: 'member:remote', why: 'timeout' }],
      recorded: 'committed',
    });
  });
};

const DELETED = 'events/transfer/deleted.csv';
const OVERWRITTEN = 'events/transfer/overwritten.csv';
