import { expect, test } from '@jest/globals';

import type { ApiAnswer } from '#adapters/signed-api.ts';
import { Caller } from '../../../bin/system/caller.ts';

type Decision = { detector: string; recorded: 'committed' | 'pending'; degraded: readonly object[] };
const decision = (recorded: Decision['recorded'], degraded: readonly object[] = []): Decision => ({
  detector: 'card-payments',
  recorded,
  degraded,
});
const ok = (...decisions: Decision[]): ApiAnswer => ({ status: 200, body: { decisions } });

/** An API that gives these answers, one after the other and the last for good, and knows the events that it accepts. */
const apiOf = (answers: readonly (ApiAnswer | Error)[], isOnRecord: (eventId: string) => boolean = () => true) => {
  // The first call of all only warms up.
  const left = [answers[0]!, ...answers];
  const asked: string[] = [];
  return {
    asked,
    call: async (method: string, path: string, body?: unknown): Promise<ApiAnswer> => {
      if (method === 'GET') {
        const eventId = path.split('/').at(-1)!;
        return isOnRecord(eventId) ? ok(decision('committed')) : { status: 404, body: {} };
      }
      asked.push((body as { event: { eventId: string } }).event.eventId);
      const answer = left.length > 1 ? left.shift()! : left[0]!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
};
const untilAsked = async (api: { asked: readonly string[] }, times: number): Promise<void> => {
  while (api.asked.length <= times) await new Promise((resolve) => setTimeout(resolve, 2));
};
const PATIENCE = { everyMs: 5, recordedWithinMs: 30 };

test('each answer counts once: committed, pending, or refused with its reason', async () => {
  const degraded = [{ what: 'member:remote', why: 'timeout' }];
  const api = apiOf([
    ok(decision('committed')),
    ok(decision('committed', degraded)),
    ok(decision('pending')),
    { status: 503, body: {} },
    new Error('the connection broke'),
  ]);
  const caller = await Caller.begin(api, PATIENCE);
  await untilAsked(api, 5);

  const { asked, refused, refusals, ...report } = await caller.report();

  expect(report).toEqual({ committed: 2, pending: 1, degraded: 1, lost: 0 });
  expect(refused).toBe(asked - 3);
  expect(refusals).toEqual({ 503: 1, none: asked - 4 });
});

test('an answered decision that is nowhere in the end is lost', async () => {
  const api = apiOf([ok(decision('pending')), ok(decision('committed')), { status: 503, body: {} }], (eventId) =>
    eventId.endsWith('-2'),
  );
  const caller = await Caller.begin(api, PATIENCE);
  await untilAsked(api, 3);

  expect(await caller.report()).toMatchObject({ committed: 1, pending: 1, lost: 1 });
});
