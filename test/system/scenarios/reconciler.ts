import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { fileIdOf } from '#domain/file-id.ts';
import { type FileRecord, FileRecordSchema } from '#domain/file-record.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import type { FileView } from '#domain/public-file.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { newRecord } from '../../../functions/ingestion/file-of-object.ts';
import type { Reconciliation } from '../../../functions/reconciler/reconcile.ts';
import { eventually } from '../../support/eventually.ts';
import { invokeFunction } from '../../support/invoke-function.ts';
import { logLinesOf } from '../../support/log-lines.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile } from '../../support/system-files.ts';

/** Longer than anything may stand still. */
const LONG_MS = 24 * 3_600_000;

/** What was accepted against what was settled, in the stores that all of the above has filled. */
export const reconciler = (systemOf: () => TestSystem): void =>
  describe('the reconciler', () => {
    let tableName = '';
    const run = () => invokeFunction(systemOf(), 'ReconcilerFunction') as Promise<Reconciliation>;
    const keyOf = (fileId: string, sk: string) => ({ pk: { S: `F#${fileId}` }, sk: { S: sk } });
    const recordOf = async (fileId: string): Promise<FileRecord> => {
      const { Item } = await systemOf().dynamoDb.send(
        new GetItemCommand({ TableName: tableName, Key: keyOf(fileId, 'FILE'), ConsistentRead: true }),
      );
      return FileRecordSchema.parse(JSON.parse(Item?.record?.S ?? 'null'));
    };
    const set = (fileId: string, sk: string, name: string, value: { S: string } | { N: string }) =>
      systemOf().dynamoDb.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: keyOf(fileId, sk),
          UpdateExpression: 'SET #name = :value',
          ExpressionAttributeNames: { '#name': name },
          ExpressionAttributeValues: { ':value': value },
        }),
      );
    /** Looks twice at a file that, to the eyes of the second look, has stood still for a day. */
    const standStill = async (fileId: string): Promise<void> => {
      await run();
      await set(fileId, 'OPEN', 'seenAtMs', { N: String(Date.now() - LONG_MS) });
      await run();
    };

    beforeAll(async () => {
      tableName = await systemOf().tableName('FileTable');
      // Messages that failed above would come again: as long as any is on its way, none is known to be lost.
      for (const queue of ['ChunksQueue', 'ChunksDeadLetters', 'FeedbackChunksQueue', 'FeedbackChunksDeadLetters']) {
        await systemOf().sqs.send(new PurgeQueueCommand({ QueueUrl: await systemOf().queueUrl(queue) }));
      }
    });
    afterEach(() => systemOf().cloud.faults.clear());

    test('finds every file and batch of this run in balance, and closes it', async () => {
      const first = await run();
      const second = await run();

      expect(first).toMatchObject({ imbalanced: 0, all: true });
      expect(first.reconciled).toBeGreaterThan(5);
      expect(second).toMatchObject({ reconciled: 0, imbalanced: 0 });
    });

    test('tells of a file whose counts are not what the stores say, at every run until it is put right', async () => {
      const { fileId } = await settled('reconciled-1');
      const record = await recordOf(fileId);
      const wrong = { ...record, counts: { ...record.counts, decided: 1, dead: 1 } };
      await set(fileId, 'FILE', 'record', { S: JSON.stringify(wrong) });

      expect(await run()).toMatchObject({ imbalanced: 1 });
      await set(fileId, 'FILE', 'record', { S: JSON.stringify(record) });
      expect(await run()).toMatchObject({ reconciled: 1, imbalanced: 0 });
      const told = logLinesOf(systemOf()).find(({ message }) => message === 'file is out of balance');
      expect(told).toMatchObject({ level: 'ERROR', fileId, service: 'reconciler' });
    });

    test('has chunks whose messages are lost sent again by reading the file again', async () => {
      const { fileId, ...source } = await fileInInbox();
      await began({ fileId, purpose: 'events', source: { kind: 's3', ...source } });

      await standStill(fileId);

      const end = await eventually('the file is complete', async () => {
        const view = (await systemOf().client.call('GET', `v1/files/${fileId}`)).body as FileView;
        return view.status === 'complete' ? view : undefined;
      });
      expect(end).toMatchObject({ rows: 2, counts: { ...NO_COUNTS, decided: 2 } });
      expect(await run()).toMatchObject({ reconciled: 1, imbalanced: 0 });
    });

    test('says which rows are dead when what was lost cannot be sent again', async () => {
      const [events, feedback] = await Promise.all([
        began({ fileId: `a${'0'.repeat(23)}`, purpose: 'events', source: { kind: 'api', requestId: 'lost' } }),
        began({ fileId: `b${'0'.repeat(23)}`, purpose: 'feedback', source: { kind: 'api', requestId: 'lost' } }),
      ]);

      await standStill(events);
      await standStill(feedback);

      for (const fileId of [events, feedback]) {
        const { body } = await systemOf().client.call('GET', `v1/files/${fileId}`);
        expect(body).toMatchObject({ status: 'complete', rows: 2, counts: { ...NO_COUNTS, dead: 2 } });
      }
      expect(await run()).toMatchObject({ imbalanced: 0 });
    });

    /** A file of two transfers that has been decided. */
    const settled = async (name: string) => {
      const content = csvOf('event_id,occurred_at,payer,payee,amount', transfers(name));
      return endOfFile(systemOf(), await dropContent(systemOf(), `events/transfer/${name}.csv`, content));
    };

    /** A file of two transfers in the inbox, where nobody is told of it. */
    const fileInInbox = async () => {
      const content = csvOf('event_id,occurred_at,payer,payee,amount', transfers('reconciled-2'));
      const { bucket, key, versionId, bytes } = await dropContent(systemOf(), 'kept/transfers.csv', content);
      return { fileId: fileIdOf(bucket, key, versionId), bucket, key, versionId, bytes };
    };

    /** A file or batch of one chunk, whose message nobody has. */
    const began = async (identity: Pick<FileRecord, 'fileId' | 'purpose' | 'source'>): Promise<string> => {
      const clock = { nowMs: () => Date.now() };
      const call = createAwsCaller({ random: Math.random, metrics: silentMetrics });
      const { dynamoDb } = systemOf();
      const ledger = new DynamoFileLedger({ dynamoDb, tableName, retentionDays: 1, call, clock });
      const record = newRecord({ ...identity, eventType: 'transfer', status: 'settling' }, Date.now());
      await ledger.begin({ ...record, checkpoint: { rows: 2, chunks: 1, quarantined: 0 } });
      await ledger.addChunks([pendingChunk(identity.fileId, 2)]);
      return identity.fileId;
    };
  });

const transfers = (name: string) => {
  const now = new Date().toISOString();
  return [1, 2].map((number) => [`${name}-${number}`, now, 'p', 'q', 10]);
};

const pendingChunk = (fileId: string, rows: number) =>
  ({
    v: 1,
    fileId,
    sequence: 1,
    rows,
    status: 'pending',
    counts: NO_COUNTS,
    outcomes: {},
    rules: {},
    degraded: 0,
  }) as const;
