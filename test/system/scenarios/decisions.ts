import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';

import { sha256Hex } from '#domain/content-hash.ts';
import { eventually } from '../../support/eventually.ts';
import { stump } from '../../support/scoring.ts';
import type { TestSystem } from '../../support/system.ts';
import { ORDER_MODELS } from '../../support/system-assembly.ts';
import { anOrder, aTransfer } from '../../support/system-requests.ts';

/** What a caller of `/v1/decisions` is promised while everything works. */
export const decisions = (systemOf: () => TestSystem): void =>
  describe('a decision by API', () => {
    const decide = (event: object, more: object = {}) =>
      systemOf().client.call('POST', 'v1/decisions', { event, ...more });
    const read = (path: string) => systemOf().client.call('GET', `v1/decisions${path}`);

    test('is made once: a repeat is answered with the one on record', async () => {
      const event = aTransfer('once', { amount: 2_000 });
      const first = await decide(event);

      const repeat = await decide(event);

      expect(first).toMatchObject({
        status: 200,
        body: {
          eventId: 'once',
          eventType: 'transfer',
          decisions: [
            {
              detector: 'transfers',
              version: 1,
              outcomes: ['decline'],
              reasons: [{ rule: 'large', text: 'More than most transfers.' }],
              rung: 'full',
              degraded: [],
              recorded: 'committed',
            },
          ],
        },
      });
      expect(repeat).toEqual(first);
      expect((await read('/transfer/once')).body).toMatchObject(first.body as object);
    });

    test('is not made for other content under the same id', async () => {
      const event = aTransfer('changed');
      await decide(event);

      const answer = await decide({ ...event, variables: { amount: 501 } });

      expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect((await read('/transfer/changed')).body).toMatchObject({ decisions: [{ outcomes: ['approve'] }] });
    });

    test('stands as its strongest source says, and is censored while it is declined and nobody has said anything', async () => {
      await decide(aTransfer('judged', { amount: 2_000 }));
      const before = await read('/transfer/judged');
      const say = (value: string, source: string) => ({ eventId: 'judged', eventType: 'transfer', value, source });

      const answer = await systemOf().client.call('POST', 'v1/feedback', {
        feedback: [say('0', 'analyst'), say('fraud', 'chargeback')],
      });

      expect(before.body).toMatchObject({ feedback: [], standing: { kind: 'censored' } });
      expect(answer).toMatchObject({
        status: 200,
        body: { results: [{ status: 'recorded' }, { status: 'recorded' }] },
      });
      expect((await read('/transfer/judged')).body).toMatchObject({
        feedback: expect.arrayContaining([expect.objectContaining({ value: 'fraud', source: 'chargeback' })]),
        standing: { kind: 'labelled', label: 'legit', source: 'analyst' },
      });
    });

    test('is found by each entity that took part, newest first', async () => {
      const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
      for (const [eventId, minutes] of [
        ['older', 2],
        ['newest', 1],
        ['oldest', 3],
      ] as const) {
        await decide({ ...aTransfer(eventId, { payee: 'account-77' }), occurredAt: at(minutes) });
      }

      const first = await read('?entityKind=account&entityId=account-77&limit=2');
      const { next } = first.body as { next: string };
      const second = await read(`?entityKind=account&entityId=account-77&limit=2&next=${next}`);

      expect(first.body).toMatchObject({ decisions: [{ eventId: 'newest' }, { eventId: 'older' }] });
      expect(second.body).toMatchObject({ decisions: [{ eventId: 'oldest' }] });
    });

    test('is found by the first four roles of its event type, as they are written there', async () => {
      const entities = { policy: 'p-1', claimant: 'c-1', garage: 'g-1', expert: 'e-1', adviser: 'a-1' };
      const occurredAt = new Date().toISOString();
      await decide({ eventId: 'claim-1', eventType: 'claim', occurredAt, entities, variables: { amount: 1 } });

      const byPolicy = await read('?entityKind=policy&entityId=p-1');
      const byAdviser = await read('?entityKind=adviser&entityId=a-1');

      expect(byPolicy.body).toMatchObject({ decisions: [{ eventId: 'claim-1' }] });
      expect(byAdviser.body).toEqual({ decisions: [] });
    });

    test('is made by the detector that is named, and later by the others', async () => {
      const event = anOrder('named');

      const named = await decide(event, { detector: 'orders-frozen' });
      const all = await decide(event);

      expect(named.body).toMatchObject({ decisions: [{ detector: 'orders-frozen' }] });
      expect((named.body as { decisions: unknown[] }).decisions).toHaveLength(1);
      expect(all.body).toMatchObject({ decisions: [{ detector: 'orders' }, { detector: 'orders-frozen' }] });
    });

    test('is made by rules alone under the kill switch', async () => {
      const { body } = await decide(anOrder('frozen', 2_000), { detector: 'orders-frozen' });

      expect(body).toMatchObject({
        decisions: [{ rung: 'rules', outcomes: ['review'], degraded: [{ what: 'models', why: 'kill_switch' }] }],
      });
      expect(body).not.toHaveProperty('decisions.0.probability');
    });

    test('pins the catalog that it was made with: snapshot, versions, models and lists', async () => {
      const { body } = await decide(anOrder('pinned'), { detector: 'orders', explain: true });
      const payment = (eventId: string) => ({
        eventId,
        eventType: 'card_payment',
        occurredAt: new Date().toISOString(),
        entities: { customer: 'c-1', terminal: 't-1' },
        variables: { amount: 20, currency: 'EUR', channel: 'chip' },
      });
      let asked = 0;
      // The first ones may be due before all that this detector needs is loaded, and say so.
      const explained = await eventually('a decision on which nothing was missing', async () => {
        asked += 1;
        const answer = await decide(payment(`pinned-payment-${asked}`), { detector: 'card-payments', explain: true });
        const { decisions } = answer.body as { decisions: { degraded?: unknown[] }[] };
        return decisions[0]?.degraded?.length ? undefined : answer;
      });
      const head = await systemOf().dynamoDb.send(
        new GetItemCommand({
          TableName: systemOf().system.registryTable,
          Key: { pk: { S: 'CATALOG' }, sk: { S: 'HEAD' } },
        }),
      );

      const snapshot = (body as { decisions: { explanation: { snapshot: string } }[] }).decisions[0]?.explanation
        .snapshot;
      expect(snapshot).toMatch(/^[0-9a-f]{64}$/);
      expect(JSON.stringify(head.Item)).toContain(snapshot);
      expect(body).toMatchObject({
        decisions: [
          {
            version: 1,
            explanation: {
              eventTypeVersion: 1,
              members: [
                { member: 'stump', model: 'orders-stump@1', modelHash: sha256Hex(stump(ORDER_MODELS.stump)) },
                { member: 'remote', model: 'orders-endpoint' },
              ],
              rules: [{ id: 'very_likely', evaluated: true, expression: expect.stringContaining('$probability') }, {}],
            },
          },
        ],
      });
      expect(explained.body).toMatchObject({
        decisions: [
          {
            explanation: {
              snapshot,
              lists: { blocked_customers: 1, easily_resold: 1, watched_terminals: 1 },
              members: [{ model: 'card-payments-trees@1' }, { model: 'card-payments-dart@1' }],
            },
          },
        ],
      });
    });
  });
