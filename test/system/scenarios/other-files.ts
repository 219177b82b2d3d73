import { gzipSync } from 'node:zlib';

import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, test } from '@jest/globals';

import type { FileReport } from '../../../bin/system/follow.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile, linesOf } from '../../support/system-files.ts';

const HEADER = 'event_id,occurred_at,payer,payee,amount';
const CHUNK_ROWS = 100;

/** Transfers that were made a moment ago, some above the detector's mark. */
const transfers = (prefix: string, count: number, amount = 500) =>
  Array.from({ length: count }, (_, index) => ({
    event_id: `${prefix}-${index + 1}`,
    occurred_at: new Date(Date.now() - 60_000).toISOString(),
    payer: `payer-${index}`,
    payee: 'payee-1',
    amount: amount + index,
  }));

const cellsOf = (rows: ReturnType<typeof transfers>) => rows.map((row) => Object.values(row));

/** Every other way in which a file may come, good or bad. */
export const otherFiles = (systemOf: () => TestSystem): void =>
  describe('a file', () => {
    const reports = new Map<string, Promise<FileReport>>();
    const reportOf = (key: string): Promise<FileReport> => reports.get(key)!;
    const first = transfers('ordered', 2 * CHUNK_ROWS);

    beforeAll(async () => {
      const csv = (prefix: string) => csvOf(HEADER, cellsOf(transfers(prefix, 3)));
      const lines = transfers('lines', 4, 998).map((row) => `${JSON.stringify(row)}\n`);
      // Their repeats have other content, and are far enough behind them to be in other chunks.
      const changed = first.map((row) => ({ ...row, amount: row.amount + 1 }));
      const files: Record<string, string | Uint8Array> = {
        'events/transfer/lines.jsonl.gz': gzipSync([...lines, '{"event_id": "cut"\n'].join('')),
        [ODD_KEY]: csv('odd'),
        'events/nobody_knows/file.csv': csv('unknown'),
        'events/transfer/utf16.csv': Buffer.from(`\uFEFF${csv('utf16')}`, 'utf16le'),
        'events/transfer/ordered.csv': csvOf(HEADER, cellsOf([...first, ...changed])),
      };
      for (const [key, content] of Object.entries(files)) {
        const end = endOfFile(systemOf(), await dropContent(systemOf(), key, content));
        // Its failure is met by the test that waits for it.
        end.catch(() => {});
        reports.set(key, end);
      }
    });

    test('of JSON Lines, compressed, is read line by line', async () => {
      expect(await reportOf('events/transfer/lines.jsonl.gz')).toMatchObject({
        status: 'complete',
        rows: 5,
        counts: { decided: 4, duplicate: 0, conflict: 0, quarantined: 1, dead: 0 },
        // Amounts 998 to 1001, of which one is above 1000.
        outcomes: { approve: 3, decline: 1 },
        quarantineReasons: { not_json: 1 },
      });
    });

    test('whose key has spaces, signs and letters of its own is found under it', async () => {
      expect(await reportOf(ODD_KEY)).toMatchObject({ status: 'complete', key: ODD_KEY, counts: { decided: 3 } });
    });

    test.each([
      { key: 'events/nobody_knows/file.csv', reason: 'unknown_event_type' },
      { key: 'events/transfer/utf16.csv', reason: 'utf_16' },
    ])('that nobody can read is in quarantine as a whole: $reason', async ({ key, reason }) => {
      const { fileId } = await reportOf(key);

      const { status, body } = await systemOf().client.call('GET', `v1/files/${fileId}`);

      expect(status).toBe(200);
      expect(body).toMatchObject({ key, status: 'quarantined', reason, problem: expect.any(String), rows: 0 });
    });

    test('that is gone before it is read is in quarantine, and says so', async () => {
      const { system, sqs, client, queueUrl } = systemOf();
      const key = 'events/transfer/gone.csv';
      // A version that was there, of another object.
      const { bucket, versionId } = await dropContent(systemOf(), 'elsewhere/file.csv', 'of no interest');
      const object = { key, size: 100, versionId };
      const notification = { Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: bucket }, object } }] };

      await sqs.send(
        new SendMessageCommand({ QueueUrl: await queueUrl('FilesQueue'), MessageBody: JSON.stringify(notification) }),
      );
      const dropped = { bucket: system.inboxBucket, key, versionId, bytes: 100 };
      const { fileId } = await endOfFile(systemOf(), dropped);

      expect((await client.call('GET', `v1/files/${fileId}`)).body).toMatchObject({
        status: 'quarantined',
        reason: expect.stringMatching(/^version_/),
        problem: expect.stringContaining('drop the file again'),
      });
    });

    test('whose event type keeps order is decided from its first row to its last', async () => {
      const report = await reportOf('events/transfer/ordered.csv');

      const results = await linesOf(systemOf(), report.resultsKey);

      expect(report.counts).toEqual({ decided: 200, duplicate: 0, conflict: 200, quarantined: 0, dead: 0 });
      expect(results.map(({ row, disposition }) => [Number(row), disposition])).toEqual([
        ...first.map((_, index) => [index + 1, 'decided']),
        ...first.map((_, index) => [first.length + index + 1, 'conflict']),
      ]);
    });

    test('of feedback is recorded, repeats and strangers included', async () => {
      await reportOf(ODD_KEY);
      const said = new Date().toISOString();
      const rows = [
        ['odd-1', 'fraud', 'chargeback', said],
        ['odd-1', 'fraud', 'chargeback', said],
        ['odd-1', 'legit', 'analyst', said],
        ['not-seen-yet', '1', 'analyst', said],
        ['odd-2', 'maybe', 'analyst', said],
      ];

      const feedback = csvOf('event_id,label,source,said_at', rows);
      const report = await endOfFile(
        systemOf(),
        await dropContent(systemOf(), 'feedback/transfer/labels.csv', feedback),
      );

      expect(report).toMatchObject({
        purpose: 'feedback',
        status: 'complete',
        rows: 5,
        counts: { decided: 3, duplicate: 1, conflict: 0, quarantined: 1, dead: 0 },
        quarantineReasons: { unknown_label: 1 },
      });
      const { body } = await systemOf().client.call('GET', 'v1/decisions/transfer/odd-1');
      expect(body).toMatchObject({
        feedback: expect.arrayContaining([
          expect.objectContaining({ value: 'fraud', source: 'chargeback' }),
          expect.objectContaining({ value: 'legit', source: 'analyst' }),
        ]),
        standing: { kind: 'labelled', label: 'legit', source: 'analyst' },
      });
    });
  });

const ODD_KEY = 'events/transfer/2026 Nov/ü+ö 100%25 of %41 &=.csv';
