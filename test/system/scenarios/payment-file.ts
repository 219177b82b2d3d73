import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { type DefectCounts, withDefects } from '../../../bin/simulation/defects.ts';
import { writeLines } from '../../../bin/simulation/line-file.ts';
import { simulateCardPayments } from '../../../bin/simulation/simulate.ts';
import type { FileReport } from '../../../bin/system/follow.ts';
import type { TestSystem } from '../../support/system.ts';
import { endOfFile, linesOf } from '../../support/system-files.ts';

const DAY_MS = 86_400_000;
const DETECTORS = ['card-payments', 'card-payments-policy'];
/** What the defects write into bad rows; none of it may be repeated anywhere. */
const BAD_VALUES = /twelve|surplus|yesterday|2026-02-30/;

/** A file as files are in life, from its drop to its joined results, and what becomes of it the second time. */
export const paymentFile = (systemOf: () => TestSystem): void =>
  describe('a file of payments with 3 % bad rows and 2 % repeated ids', () => {
    let counts: DefectCounts;
    let file: string;
    let report: FileReport;
    let results: readonly Readonly<Record<string, string>>[];

    beforeAll(async () => {
      const system = systemOf();
      file = join(system.scratch, 'payments.csv');
      const start = new Date(Date.now() - 7 * DAY_MS).toISOString().slice(0, 10);
      const defective = withDefects(simulateCardPayments({ days: 5, customers: 250, terminals: 80, start }));
      await writeLines(file, defective.lines);
      counts = defective.counts;
      report = await endOfFile(system, await system.client.drop(file, 'events/card_payment/payments.csv'));
      results = await linesOf(system, report.resultsKey);
    }, 60_000);

    test('ends with exactly the counts that its rows deserve', () => {
      const { byDamage, rows, ...ends } = counts;

      expect(rows).toBeGreaterThan(1_200);
      expect(Math.min(ends.duplicate, ends.conflict, ...Object.values(byDamage))).toBeGreaterThan(0);
      expect(report).toMatchObject({ status: 'complete', rows, counts: { ...ends, dead: 0 }, degraded: 0 });
      expect(report.imbalance).toBeUndefined();
      expect(sumOf(report.quarantineReasons)).toBe(ends.quarantined);
    });

    test('has results with one line for each row and detector', () => {
      const of = (disposition: string) => results.filter((line) => line.disposition === disposition);

      expect(rowsOf(results)).toBe(counts.rows - counts.quarantined);
      expect(rowsOf(of('decided'))).toBe(counts.decided);
      expect(rowsOf(of('duplicate'))).toBe(counts.duplicate);
      expect(rowsOf(of('conflict'))).toBe(counts.conflict);
      for (const detector of DETECTORS) {
        expect(of('decided').filter((line) => line.detector === detector)).toHaveLength(counts.decided);
      }
      expect(of('decided').every(({ outcomes, rung }) => outcomes !== '' && rung === 'full')).toBe(true);
      expect(new Set(of('decided').map(({ event_id }) => event_id)).size).toBe(counts.decided);
    });

    test('has rejects that say row, field and reason, and never the value', async () => {
      const rejects = await linesOf(systemOf(), report.rejectsKey);

      expect(rejects).toHaveLength(counts.quarantined);
      expect(rowsOf(rejects)).toBe(counts.quarantined);
      expect(rejects.every(({ row, line, field, reason, problem }) => row && line && field && reason && problem)).toBe(
        true,
      );
      expect(JSON.stringify(rejects)).not.toMatch(BAD_VALUES);
      expect(tallyOf(rejects.map(({ reason = '' }) => reason))).toEqual(report.quarantineReasons);
    });

    test('leaves each decision where the API reads it', async () => {
      const { event_id } = results.find(({ disposition }) => disposition === 'decided')!;

      const { status, body } = await systemOf().client.call('GET', `v1/decisions/card_payment/${event_id}`);

      expect(status).toBe(200);
      expect(body).toMatchObject({ decisions: DETECTORS.map((detector) => ({ detector, recorded: 'committed' })) });
    });

    test('decides nothing when it is dropped again', async () => {
      const { client } = systemOf();

      const again = await endOfFile(systemOf(), await client.drop(file, 'events/card_payment/payments.csv'));

      expect(again.fileId).not.toBe(report.fileId);
      const { decided, duplicate, conflict, quarantined } = counts;
      expect(again).toMatchObject({
        status: 'complete',
        rows: counts.rows,
        counts: { decided: 0, duplicate: decided + duplicate, conflict, quarantined, dead: 0 },
      });
    });
  });

const rowsOf = (lines: readonly Readonly<Record<string, string>>[]): number =>
  new Set(lines.map(({ row }) => row)).size;

const sumOf = (tally: Readonly<Record<string, number>>): number =>
  Object.values(tally).reduce((sum, count) => sum + count, 0);

const tallyOf = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
