import { describe, expect, test } from '@jest/globals';

import type { FileView } from '#domain/public-file.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { aTransfer } from '../../support/system-requests.ts';

/** Events and feedback that are sent to be dealt with soon. */
export const batches = (systemOf: () => TestSystem): void => {
  describe('a batch of events', () => {
    const send = (events: readonly object[], key: string) =>
      systemOf().client.call('POST', 'v1/events', { events }, { 'idempotency-key': key });
    const allDecided = (fileId: string) =>
      eventually(`the valid events of batch ${fileId} are decided`, async () => {
        const view = (await systemOf().client.call('GET', `v1/files/${fileId}`)).body as FileView;
        return view.counts.decided === 2 ? view : undefined;
      });

    test('is taken event by event, and decided once however often it is sent', async () => {
      const events = [aTransfer('batch-1'), { ...aTransfer('batch-2'), occurredAt: 'soon' }, aTransfer('batch-3')];

      const first = await send(events, 'key-1');
      const { fileId } = first.body as { fileId: string };
      const repeat = await send(events, 'key-1');
      const view = await allDecided(fileId);

      expect(first).toMatchObject({
        status: 202,
        body: {
          accepted: 2,
          rejected: 1,
          unavailable: 0,
          results: [
            { index: 0, status: 'accepted', eventId: 'batch-1' },
            { index: 1, status: 'rejected', problems: [{ field: 'occurredAt', reason: 'bad_time' }] },
            { index: 2, status: 'accepted', eventId: 'batch-3' },
          ],
        },
      });
      expect(repeat).toEqual(first);
      expect(view).toMatchObject({
        status: 'complete',
        rows: 3,
        counts: { decided: 2, duplicate: 0, conflict: 0, quarantined: 1, dead: 0 },
        quarantineReasons: { bad_time: 1 },
      });
      const { body } = await systemOf().client.call('GET', 'v1/decisions/transfer/batch-3');
      expect(body).toMatchObject({ decisions: [{ outcomes: ['approve'], recorded: 'committed' }] });
    });

    test('is refused under the key of another one', async () => {
      await send([aTransfer('batch-4')], 'key-2');

      expect(await send([aTransfer('batch-5')], 'key-2')).toMatchObject({ status: 409, body: { code: 'conflict' } });
    });

    test('that the queue does not take is refused, and taken when it is sent again under its key', async () => {
      const events = [aTransfer('batch-7'), aTransfer('batch-8')];
      const end = systemOf().cloud.faults.begin({ service: 'sqs', does: 'fail', callers: /IngestionApi/ });

      const refused = await send(events, 'key-4');
      end();
      const repeat = await send(events, 'key-4');

      expect(refused).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
      expect(repeat).toMatchObject({ status: 202, body: { accepted: 2 } });
      expect(await allDecided((repeat.body as { fileId: string }).fileId)).toMatchObject({
        status: 'complete',
        counts: { decided: 2, dead: 0 },
      });
    });

    test('in which nothing is valid is refused as a whole, by field', async () => {
      expect(await send([{ ...aTransfer('batch-6'), entities: { payee: 'payee-1' } }], 'key-3')).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', fields: [{ field: 'events.0.entities.payer' }] },
      });
    });
  });

  test('feedback that comes before its event is kept, and matched when the event comes', async () => {
    const { client } = systemOf();
    const entry = { eventId: 'later', eventType: 'transfer', label: 'fraud', source: 'chargeback' };

    const said = await client.call('POST', 'v1/feedback', entry);
    const unknown = await client.call('GET', 'v1/decisions/transfer/later');
    await client.call('POST', 'v1/decisions', { event: aTransfer('later') });
    const { body } = await client.call('GET', 'v1/decisions/transfer/later');

    expect(said).toMatchObject({ status: 200, body: { results: [{ status: 'recorded', matched: false }] } });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(body).toMatchObject({
      feedback: [{ value: 'fraud', source: 'chargeback' }],
      standing: { kind: 'labelled', label: 'fraud' },
    });
  });
};
