import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import type { DecideAnswer } from '#domain/decide-request.ts';
import type { Fault } from '#local/faults.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { aTransfer, TOLERANCE_MS, timed } from '../../support/system-requests.ts';

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
    const decide = (eventId: string) =>
      timed(() =>
        systemOf().client.call(
          'POST',
          'v1/decisions',
          { event: aTransfer(eventId, { amount: 2_000 }) },
          { 'assay-budget-ms': `${BUDGET_MS}` },
        ),
      );
    const recordOf = (eventId: string) =>
      eventually(`${eventId} is on record`, async () => {
        const { status, body } = await systemOf().client.call('GET', `v1/decisions/transfer/${eventId}`);
        return status === 200 ? (body as DecideAnswer) : undefined;
      });

    beforeAll(() => decide('before'));
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
