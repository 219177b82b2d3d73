import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';

import { sha256Hex } from '#domain/content-hash.ts';
import { fileIdOf } from '#domain/file-id.ts';
import type { EventChunk, FeedbackChunk } from '#domain/messages.ts';
import type { FileView } from '#domain/public-file.ts';
import { chunkResultsKey } from '#domain/results-csv.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { connectRedrive } from '../../../bin/redrive/connect.ts';
import { moveDeadLetters } from '../../../bin/redrive/move-dead-letters.ts';
import { redriveChunks } from '../../../bin/redrive/redrive-chunks.ts';
import type { DroppedObject } from '../../../bin/system/client.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile, linesOf } from '../../support/system-files.ts';

const EVENT_TYPE = 'transfer';
const PLACES = [1, 2, 3];
const header = (fileId: string) => ({ v: 1, fileId, sequence: 1, eventType: EVENT_TYPE, redrives: 0 }) as const;
const idOf = (name: string, place: number): string => `${name}-${place}`;

/** The one chunk of a file of transfers, as ingestion sends it. */
const eventChunk = (name: string, fileId: string, at: string): EventChunk => ({
  ...header(fileId),
  kind: 'events',
  rows: PLACES.map((row) => ({
    row,
    event: {
      eventId: idOf(name, row),
      eventType: EVENT_TYPE,
      occurredAt: at,
      entities: { payer: `t1_${'a'.repeat(24)}`, payee: `t1_${'b'.repeat(24)}` },
      variables: { amount: 500 },
    },
    contentHash: sha256Hex(idOf(name, row)),
  })),
});

/** The one chunk of a file of labels. */
const feedbackChunk = (name: string, fileId: string, at: string): FeedbackChunk => ({
  ...header(fileId),
  kind: 'feedback',
  rows: PLACES.map((row) => {
    const said = { kind: 'label', value: 'fraud', source: 'analyst', saidAt: at, receivedAt: at } as const;
    const eventId = idOf(name, row);
    const feedbackId = sha256Hex(eventId).slice(0, 32);
    return { row, feedback: { v: 1, feedbackId, eventType: EVENT_TYPE, eventId, ...said } };
  }),
});

/** Chunks that cannot be dealt with however often they are tried, and their way back. */
export const deadChunks = (systemOf: () => TestSystem): void =>
  describe('a chunk that fails to the last', () => {
    const send = async (queue: string, body: object, group?: string) =>
      systemOf().sqs.send(
        new SendMessageCommand({
          QueueUrl: await systemOf().queueUrl(queue),
          MessageBody: JSON.stringify(body),
          ...(group !== undefined && { MessageGroupId: group, MessageDeduplicationId: `${queue}/${group}` }),
        }),
      );
    const at = new Date(Date.now() - 60_000).toISOString();
    const allSent = (dropped: DroppedObject) =>
      eventually('the chunk is sent', async () => {
        const { body } = await systemOf().client.call('GET', `v1/files/${fileOf(dropped)}`);
        return (body as Partial<FileView>).status === 'settling' ? true : undefined;
      });

    /**
     * A file whose only chunk dies: each try fails, and then it lies where SQS puts it after the tenth, since nine
     * times the visibility timeout is more than a test can wait for.
     */
    const die = async (name: string) => {
      const rows = PLACES.map((place) => [idOf(name, place), at, 'payer-1', 'payee-1', 500]);
      const csv = csvOf('event_id,occurred_at,payer,payee,amount', rows);
      const end = systemOf().cloud.faults.begin({ service: 'dynamodb', does: 'fail', callers: /ScoringQueue/ });
      const dropped = await dropContent(systemOf(), `events/${EVENT_TYPE}/${name}.csv`, csv);
      const chunk = eventChunk(name, fileOf(dropped), at);
      await allSent(dropped);
      await send('ChunksDeadLetters', chunk, name);
      const report = await endOfFile(systemOf(), dropped);
      end();
      return { dropped, chunk, report };
    };
    /** Sends a chunk again, as an operator does, and waits until it is decided. */
    const redrive = async (name: string, chunk: object) => {
      await send('ChunksQueue', { ...chunk, redrives: 1 }, `${name}-again`);
      const path = `v1/decisions/${EVENT_TYPE}/${idOf(name, PLACES.length)}`;
      await eventually('its last row is decided', async () =>
        (await systemOf().client.call('GET', path)).status === 200 ? true : undefined,
      );
    };
    const summedUpAfresh = (dropped: DroppedObject) =>
      eventually('the file is summed up afresh', async () => {
        await send('FilesQueue', { v: 1, kind: 'settle', fileId: fileOf(dropped), sinceMs: Date.now() });
        const view = await endOfFile(systemOf(), dropped);
        return view.counts.dead === 0 ? view : undefined;
      });
    const endsOf = async (key: string | undefined) =>
      (await linesOf(systemOf(), key)).map(({ event_id, disposition }) => [event_id, disposition]);
    const all = (name: string, disposition: string) => PLACES.map((place) => [idOf(name, place), disposition]);

    afterEach(() => systemOf().cloud.faults.clear());

    test('is accounted for row by row, its body is kept, and sent again it is decided after all', async () => {
      const { s3, system } = systemOf();

      const { dropped, chunk, report } = await die('dead');

      expect(report).toMatchObject({
        status: 'complete',
        rows: 3,
        counts: { decided: 0, duplicate: 0, conflict: 0, quarantined: 0, dead: 3 },
      });
      expect(await endsOf(report.resultsKey)).toEqual(all('dead', 'dead'));
      const Key = `dead/${report.fileId}/000001.json`;
      const kept = await s3.send(new GetObjectCommand({ Bucket: system.quarantineBucket, Key }));
      const body = JSON.parse(await kept.Body!.transformToString());
      expect(body).toEqual(chunk);

      const { ports, sqs, close } = connectRedrive(system);
      const redriven = await redriveChunks(
        { fileId: report.fileId },
        { dryRun: false, waitMs: 30_000 },
        deadlineIn(40_000),
        ports,
      );
      const again = await redriveChunks({ kind: 'events' }, { dryRun: false, waitMs: 0 }, deadlineIn(10_000), ports);
      const mended = await endOfFile(systemOf(), dropped);

      expect(redriven.chunks).toEqual([
        { key: Key, fileId: report.fileId, sequence: 1, rows: 3, fate: 'sent', redrives: 1 },
      ]);
      expect(redriven.files).toEqual([{ fileId: report.fileId, deadBefore: 3, dead: 0 }]);
      expect(again.chunks.find(({ key }) => key === Key)).toMatchObject({ fate: 'settled' });
      expect(mended).toMatchObject({ status: 'complete', rows: 3, counts: { decided: 3, dead: 0 } });
      expect(await endsOf(mended.resultsKey)).toEqual(all('dead', 'decided'));

      // What lies behind another queue is moved back by SQS.
      const settle = { v: 1, kind: 'settle', fileId: report.fileId, sinceMs: Date.now() };
      await send('FilesDeadLetters', settle);
      const looked = await moveDeadLetters(system.queues.files, { dryRun: true }, deadlineIn(5_000), sqs);
      const moved = await moveDeadLetters(system.queues.files, { dryRun: false }, deadlineIn(20_000), sqs);
      close();

      expect(looked).toEqual({ waiting: 1, moved: 0 });
      expect(moved).toEqual({ waiting: 1, moved: 1, status: 'COMPLETED' });
    });

    test('and whose results are lost when it comes back leaves a file that still adds up', async () => {
      const { s3, system } = systemOf();
      const { dropped, chunk } = await die('lost');
      await redrive('lost', chunk);
      const Key = chunkResultsKey(fileOf(dropped), 1);
      const object = { Bucket: system.resultBucket, Key };
      await eventually('its results are written', async () => {
        const { Body } = await s3.send(new GetObjectCommand(object));
        return (await Body!.transformToString()).includes('decided') ? true : undefined;
      });

      await s3.send(new DeleteObjectCommand(object));
      const mended = await summedUpAfresh(dropped);

      expect(mended).toMatchObject({ status: 'complete', rows: 3, counts: { decided: 3, dead: 0 } });
      expect(await endsOf(mended.resultsKey)).toEqual([]);
    });

    test('of feedback is accounted for as well', async () => {
      const labels = csvOf(
        'event_id,label,source,said_at',
        PLACES.map((place) => [idOf('unsaid', place), 'fraud', 'analyst', at]),
      );
      systemOf().cloud.faults.begin({ service: 'dynamodb', does: 'fail', callers: /FeedbackQueue/ });

      const dropped = await dropContent(systemOf(), `feedback/${EVENT_TYPE}/unsaid.csv`, labels);
      await allSent(dropped);
      await send('FeedbackChunksDeadLetters', feedbackChunk('unsaid', fileOf(dropped), at));
      const report = await endOfFile(systemOf(), dropped);

      expect(report).toMatchObject({ status: 'complete', rows: 3, counts: { decided: 0, duplicate: 0, dead: 3 } });
    });
  });

const fileOf = ({ bucket, key, versionId }: DroppedObject): string => fileIdOf(bucket, key, versionId);
