import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import type { DecideAnswer } from '#domain/decide-request.ts';
import type { Fault } from '#local/faults.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { anOrder, aTransfer, TOLERANCE_MS, timed } from '../../support/system-requests.ts';

const BUDGET_MS = 400;
/** The API alone is cut off, so that what records later shows that it does. */
const callers = /ScoringApi/;
const WRITES = ['dynamodb:PutItem', 'dynamodb:ConditionCheckItem'];
const SENDS = ['sqs:SendMessage'];
/** A function looks for another catalog when its own is this old: then, a store that hangs costs it some time. */
const CATALOG_MS = 5_000;

/** A store that does not take decisions: callers are answered all the same, and told. */
export const failingStore = (systemOf: () => TestSystem): void =>
  describe('while the event table', () => {
    const begin = (fault: Omit<Fault, 'callers'>) => systemOf().cloud.faults.begin({ ...fault, callers });
    const send = (body: object, budgetMs: number) =>
      systemOf().client.call('POST', 'v1/decisions', body, { 'assay-budget-ms': `${budgetMs}` });
    const decide = (eventId: string, budgetMs = BUDGET_MS) =>
      timed(() => send({ event: aTransfer(eventId, { amount: 2_000 }) }, budgetMs));
    const recordOf = (eventId: string) =>
      eventually(`${eventId} is on record`, async () => {
        const { status, body } = await systemOf().client.call('GET', `v1/decisions/transfer/${eventId}`);
        return status === 200 ? (body as DecideAnswer) : undefined;
      });

    beforeAll(async () => {
      await decide('before', 2_000);
      // The first message of an environment opens a connection, which a small budget may not have the time for.
      const end = begin({ service: 'dynamodb', does: 'fail', actions: WRITES });
      await decide('first-message', 2_000);
      end();
    });
    afterEach(() => systemOf().cloud.faults.clear());

    test.each([
      { what: 'fails', fault: { service: 'dynamodb', does: 'fail', actions: WRITES }, degraded: [] },
      { what: 'throttles', fault: { service: 'dynamodb', does: 'throttle', actions: WRITES }, degraded: [] },
      { what: 'does not answer', fault: { service: 'dynamodb', does: 'hang', actions: WRITES }, degraded: [] },
      {
        what: 'answers nothing at all',
        fault: { service: 'dynamodb', does: 'hang' },
        degraded: [{ what: 'record', why: 'timeout' }],
      },
    ] as const)(
      '$what, a decision is answered within the budget as pending, and recorded later',
      async ({ what, fault, degraded }) => {
        const eventId = `store-${what.replaceAll(' ', '-')}`;
        const end = begin(fault);

        const { result, ms } = await decide(eventId);
        end();

        expect(ms).toBeLessThan(BUDGET_MS + TOLERANCE_MS);
        expect(result).toMatchObject({
          status: 200,
          body: { decisions: [{ outcomes: ['decline'], recorded: 'pending', degraded }] },
        });
        const answered = (result.body as DecideAnswer).decisions[0];
        const { decisions } = await recordOf(eventId);
        expect(decisions).toEqual([{ ...answered, recorded: 'committed' }]);
      },
    );

    test('fails, a detector that is new to an event on record is recorded later, beside the one that is there', async () => {
      const event = anOrder('second-detector');
      await send({ event, detector: 'orders-frozen' }, 2_000);
      const end = begin({ service: 'dynamodb', does: 'fail', actions: WRITES });

      const { body } = await send({ event }, 2_000);
      end();

      expect(body).toMatchObject({
        decisions: [
          { detector: 'orders', recorded: 'pending' },
          { detector: 'orders-frozen', recorded: 'committed' },
        ],
      });
      const later = await eventually('both are on record', async () => {
        const answer = (await systemOf().client.call('GET', 'v1/decisions/order/second-detector')).body as DecideAnswer;
        return answer.decisions.length === 2 ? answer : undefined;
      });
      expect(later.decisions).toMatchObject([{ detector: 'orders' }, { detector: 'orders-frozen' }]);
    });

    test('hangs just when a newer catalog is due, the budget is kept all the same', async () => {
      await pause(CATALOG_MS + 100);
      begin({ service: 'dynamodb', does: 'hang' });

      const { result, ms } = await decide('stale');

      expect(ms).toBeLessThan(BUDGET_MS + TOLERANCE_MS);
      expect(result).toMatchObject({
        status: 200,
        body: { decisions: [{ outcomes: ['decline'], recorded: 'pending' }] },
      });
    });

    test('and the queue behind it both fail, nothing is promised: 503, and the event may be sent again', async () => {
      begin({ service: 'dynamodb', does: 'fail', actions: WRITES });
      begin({ service: 'sqs', does: 'fail', actions: SENDS });

      const { result, ms } = await decide('nowhere');
      systemOf().cloud.faults.clear();
      const { result: repeat } = await decide('nowhere');

      expect(ms).toBeLessThan(BUDGET_MS + TOLERANCE_MS);
      expect(result).toMatchObject({
        status: 503,
        body: { code: 'store_unavailable', requestId: expect.any(String), detail: expect.stringContaining('repeat') },
      });
      expect(repeat).toMatchObject({ status: 200, body: { decisions: [{ recorded: 'committed' }] } });
    });

    test('fails, reading says so', async () => {
      begin({ service: 'dynamodb', does: 'fail' });

      const { status, body } = await systemOf().client.call('GET', 'v1/decisions/transfer/before');

      expect(status).toBe(503);
      expect(body).toMatchObject({ code: 'store_unavailable' });
      expect(JSON.stringify(body)).not.toMatch(/InternalServerError|dynamodb/i);
    });
  });
