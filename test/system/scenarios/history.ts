import { afterEach, describe, expect, test } from '@jest/globals';

import type { DecideAnswer } from '#domain/decide-request.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile } from '../../support/system-files.ts';

/** A deposit of just now, as a client sends it. */
const aDeposit = (eventId: string, account: string, amount: number) => ({
  eventId,
  eventType: 'deposit',
  occurredAt: new Date().toISOString(),
  entities: { account, branch: 'branch-1' },
  variables: { amount },
});

/** What came before an event is part of its decision, at either door. */
export const history = (systemOf: () => TestSystem): void =>
  describe('history', () => {
    const decide = async (event: object) => {
      const body = { event, explain: true };
      const answer = await systemOf().client.call('POST', 'v1/decisions', body, { 'assay-budget-ms': '2000' });
      return (answer.body as DecideAnswer).decisions[0]!;
    };
    const recorded = async (eventId: string) => {
      const { status, body } = await systemOf().client.call('GET', `v1/decisions/deposit/${eventId}?explain=true`);
      return status === 200 ? (body as DecideAnswer).decisions[0] : undefined;
    };
    const featuresOf = async (eventId: string) => (await recorded(eventId))?.explanation?.features;
    afterEach(() => systemOf().cloud.faults.clear());

    test('of an account is counted once for each deposit, however often it is sent', async () => {
      await decide(aDeposit('counted-1', 'account-h1', 100));
      const second = aDeposit('counted-2', 'account-h1', 300.5);
      await decide(second);
      await decide(second);

      const { explanation } = await decide(aDeposit('counted-3', 'account-h1', 50));

      expect(explanation?.features).toMatchObject({
        account_deposits_1h: 2,
        account_sum_1d: 400.5,
        account_largest_1d: 300.5,
        account_change: -250.5,
      });
      expect((await featuresOf('counted-1'))!).toMatchObject({ account_deposits_1h: 0, account_largest_1d: null });
    });

    test('of a file in strict order is seen row by row, and decides', async () => {
      const startMs = Date.now() - 20 * 60_000;
      const rows = Array.from({ length: 130 }, (_, at) => [
        `filed-${at}`,
        new Date(startMs + at * 1_000).toISOString(),
        at % 10 === 9 ? 'account-h3' : 'account-h2',
        'branch-2',
        at,
      ]);
      const file = csvOf('event_id,occurred_at,account,branch,amount', rows);

      const report = await endOfFile(systemOf(), await dropContent(systemOf(), 'events/deposit/history.csv', file));

      expect(report).toMatchObject({ rows: 130, counts: { decided: 130 }, outcomes: { approve: 100, review: 30 } });
      expect(await featuresOf('filed-8')).toMatchObject({ account_deposits_1h: 8, account_largest_1d: 7 });
      expect(await featuresOf('filed-127')).toMatchObject({
        account_deposits_1h: 115,
        account_largest_1d: 126,
        branch_accounts_1h: 2,
      });
      expect(await featuresOf('filed-129')).toMatchObject({ account_deposits_1h: 12, account_sum_1d: 768 });
    });

    test('that cannot be read is missing, and the decision says so', async () => {
      const end = systemOf().cloud.faults.begin({
        service: 'dynamodb',
        does: 'fail',
        actions: ['dynamodb:Query'],
        callers: /ScoringApi/,
      });

      const decision = await decide(aDeposit('unread', 'account-h1', 10));
      end();

      expect(decision).toMatchObject({
        outcomes: ['approve'],
        recorded: 'committed',
        degraded: [{ what: 'history', why: 'unavailable' }],
        explanation: { features: { account_deposits_1h: null, account_change: null } },
      });
      // Counted all the same.
      expect((await decide(aDeposit('read', 'account-h1', 10))).explanation?.features).toMatchObject({
        account_deposits_1h: 4,
      });
    });

    test('counts a deposit that is recorded later, once it is', async () => {
      await decide(aDeposit('before-later', 'account-h4', 10));
      const end = systemOf().cloud.faults.begin({
        service: 'dynamodb',
        does: 'fail',
        actions: ['dynamodb:PutItem'],
        callers: /ScoringApi/,
      });
      const later = await decide(aDeposit('later', 'account-h4', 20));
      end();
      await eventually('it is on record', () => recorded('later'));

      const { explanation } = await decide(aDeposit('after-later', 'account-h4', 30));

      expect(later.recorded).toBe('pending');
      expect(explanation?.features).toMatchObject({
        account_deposits_1h: 2,
        account_sum_1d: 30,
        account_largest_1d: 20,
      });
    });
  });
