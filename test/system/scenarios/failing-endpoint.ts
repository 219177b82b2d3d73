import { afterAll, afterEach, describe, expect, test } from '@jest/globals';

import type { DecideAnswer } from '#domain/decide-request.ts';
import type { PublicDecision } from '#domain/public-decision.ts';
import type { Fault } from '#local/faults.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { ORDER_MODELS } from '../../support/system-assembly.ts';
import { anOrder, TOLERANCE_MS, timed } from '../../support/system-requests.ts';

const BUDGET_MS = 400;
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

const { stump, remote } = ORDER_MODELS;
/** What the embedded member alone says of an order of 100. */
const SURVIVOR = sigmoid(stump.above);

interface Misbehaviour {
  readonly how: string;
  readonly does: Fault['does'];
  /** Why the member is missing then; retries may use its time up. */
  readonly why: RegExp;
}

const html = { 'content-type': 'text/html' };
const csv = { 'content-type': 'text/csv' };
const MISBEHAVIOURS: readonly Misbehaviour[] = [
  { how: 'answers 500', does: 'fail', why: /^(unavailable|timeout)$/ },
  {
    how: 'answers HTML with a 200',
    does: { status: 200, headers: html, body: '<html>0.5</html>' },
    why: /^bad_answer$/,
  },
  { how: 'answers what is no probability', does: { status: 200, headers: csv, body: 'nan' }, why: /^bad_answer$/ },
  { how: 'hangs', does: 'hang', why: /^timeout$/ },
];

/** A member behind a SageMaker endpoint: counted while it answers, done without while it does not. */
export const failingEndpoint = (systemOf: () => TestSystem): void =>
  describe('a detector with a member behind an endpoint', () => {
    let count = 0;
    const decide = async (amount: number, budgetMs = BUDGET_MS): Promise<PublicDecision & { ms: number }> => {
      const event = anOrder(`endpoint-${++count}`, amount);
      const { result, ms } = await timed(() =>
        systemOf().client.call(
          'POST',
          'v1/decisions',
          { event, detector: 'orders' },
          { 'assay-budget-ms': `${budgetMs}` },
        ),
      );
      expect(result.status).toBe(200);
      return { ...(result.body as DecideAnswer).decisions[0]!, ms };
    };
    const untilRung = (rung: string) =>
      eventually(`an answer of rung ${rung}`, async () => {
        const decision = await decide(100, 2_000);
        return decision.rung === rung ? decision : undefined;
      });

    afterEach(() => systemOf().cloud.faults.clear());
    afterAll(() => systemOf().cloud.faults.clear());

    test.each([
      { amount: 40, logits: [stump.below, remote.below], outcome: 'approve' },
      { amount: 60, logits: [stump.above, remote.below], outcome: 'review' },
      { amount: 100, logits: [stump.above, remote.above], outcome: 'decline' },
    ])('takes the mean of both for an amount of $amount', async ({ amount, logits, outcome }) => {
      await untilRung('full');

      const decision = await decide(amount, 2_000);

      expect(decision).toMatchObject({ rung: 'full', degraded: [], outcomes: [outcome], recorded: 'committed' });
      expect(decision.probability).toBeCloseTo(sigmoid((logits[0]! + logits[1]!) / 2), 6);
    });

    test.each(MISBEHAVIOURS)(
      'answers within the budget from what survives while the endpoint $how',
      async ({ does, why }) => {
        systemOf().cloud.faults.begin({ service: 'sagemaker', does });

        const decision = await decide(100);

        expect(decision.ms).toBeLessThan(BUDGET_MS + TOLERANCE_MS);
        expect(decision).toMatchObject({
          rung: 'embedded',
          outcomes: ['review'],
          recorded: 'committed',
          degraded: [{ what: 'member:remote', why: expect.stringMatching(why) }],
        });
        expect(decision.probability).toBeCloseTo(SURVIVOR, 6);
      },
    );

    test('stops asking an endpoint that fails again and again, and asks again when it has rested', async () => {
      const end = systemOf().cloud.faults.begin({ service: 'sagemaker', does: 'hang' });

      const open = await eventually('the breaker opens', async () => {
        const decision = await decide(100, 2_000);
        return decision.degraded[0]?.why === 'breaker_open' ? decision : undefined;
      });
      end();

      expect(open).toMatchObject({ rung: 'embedded', outcomes: ['review'] });
      expect(open.degraded[0]!.spentMs).toBeLessThan(50);
      expect(await untilRung('full')).toMatchObject({ outcomes: ['decline'], degraded: [] });
    });
  });
