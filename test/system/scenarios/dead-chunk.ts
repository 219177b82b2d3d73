import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';

import { fileIdOf } from '#domain/file-id.ts';
import type { EventChunk } from '#domain/messages.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile, linesOf } from '../../support/system-files.ts';

const IDS = ['dead-1', 'dead-2', 'dead-3'];

/** The one chunk of the file, as ingestion sends it. */
const chunkOf = (fileId: string, occurredAt: string): EventChunk => ({
  v: 1,
  fileId,
  sequence: 1,
  eventType: 'transfer',
  redrives: 0,
  kind: 'events',
  rows: IDS.map((eventId, index) => ({
    row: index + 1,
    event: {
      eventId,
      eventType: 'transfer',
      occurredAt,
      entities: { payer: `t1_${'a'.repeat(24)}`, payee: `t1_${'b'.repeat(24)}` },
      variables: { amount: 500 },
    },
    contentHash: eventId,
  })),
});

/** A chunk that cannot be decided however often it is tried, and its way back. */
export const deadChunk = (systemOf: () => TestSystem): void =>
  describe('a chunk that fails to the last', () => {
    const send = async (queue: string, body: object, name: string) =>
      systemOf().sqs.send(
        new SendMessageCommand({
          QueueUrl: await systemOf().queueUrl(queue),
          MessageBody: JSON.stringify(body),
          ...(queue.startsWith('Chunks') && { MessageGroupId: name, MessageDeduplicationId: name }),
        }),
      );

    afterEach(() => systemOf().cloud.faults.clear());

    test('is accounted for row by row, its body is kept, and sent again it is decided after all', async () => {
      const system = systemOf();
      const occurredAt = new Date(Date.now() - 60_000).toISOString();
      const rows = IDS.map((id) => [id, occurredAt, 'payer-1', 'payee-1', 500]);
      const end = system.cloud.faults.begin({ service: 'dynamodb', does: 'fail', callers: /ScoringQueue/ });

      const csv = csvOf('event_id,occurred_at,payer,payee,amount', rows);
      const dropped = await dropContent(system, 'events/transfer/dead.csv', csv);
      const fileId = fileIdOf(dropped.bucket, dropped.key, dropped.versionId);
      const chunk = chunkOf(fileId, occurredAt);
      // What SQS does after the tenth failure: nine times the visibility timeout is more than a test can wait.
      await send('ChunksDeadLetters', chunk, 'dead');
      const report = await endOfFile(system, dropped);
      end();

      expect(report).toMatchObject({
        status: 'complete',
        rows: 3,
        counts: { decided: 0, duplicate: 0, conflict: 0, quarantined: 0, dead: 3 },
      });
      expect(await endsOf(report.resultsKey)).toEqual(IDS.map((id) => [id, 'dead']));
      const Key = `dead/${fileId}/000001.json`;
      const kept = await system.s3.send(new GetObjectCommand({ Bucket: system.system.quarantineBucket, Key }));
      const body = JSON.parse(await kept.Body!.transformToString());
      expect(body).toEqual(chunk);

      await send('ChunksQueue', { ...body, redrives: 1 }, 'again');
      await eventually('the last row of the chunk is decided', async () => {
        const { status } = await system.client.call('GET', `v1/decisions/transfer/${IDS.at(-1)}`);
        return status === 200 || undefined;
      });
      const mended = await eventually('the file is summed up afresh', async () => {
        await send('FilesQueue', { v: 1, kind: 'settle', fileId, sinceMs: Date.now() }, '');
        const view = await endOfFile(system, dropped);
        return view.counts.dead === 0 ? view : undefined;
      });
      expect(mended).toMatchObject({ status: 'complete', rows: 3, counts: { decided: 3, dead: 0 } });
      expect(await endsOf(mended.resultsKey)).toEqual(IDS.map((id) => [id, 'decided']));
    });

    const endsOf = async (key: string | undefined) =>
      (await linesOf(systemOf(), key)).map(({ event_id, disposition }) => [event_id, disposition]);
  });
