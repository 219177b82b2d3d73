import { describe, expect, test } from '@jest/globals';

import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import type { Decision } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { DecisionStore, PendingDecisions } from '#ports/decision-store.ts';
import type { RemoteMembers } from '#ports/remote-members.ts';
import { deadlineIn, orAborted } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { commitPending } from '../../../functions/scoring/commit-pending.ts';
import { budgetOf, type DecidePorts, decideEvent } from '../../../functions/scoring/decide-event.ts';
import type { Arrival } from '../../../functions/scoring/make-decision.ts';
import { createPreparer } from '../../../functions/scoring/prepare-detector.ts';
import { anEvent } from '../../support/decisions.ts';
import {
  aCatalog,
  aDetector,
  countingMetrics,
  fixedClock,
  memoryHistory,
  remote,
  remoteSaying,
  trees,
} from '../../support/scoring.ts';
import { memorySealer } from '../../support/sealing.ts';

const detector = aDetector({ members: [trees, remote] });
const second = aDetector({ detector: 'second' });

/** Hangs until it is aborted, as a store or an endpoint does that is out of reach. */
const hang = (deadline: Deadline): Promise<never> => orAborted(new Promise<never>(() => {}), deadline.signal);
const outOfReach = async (deadline: Deadline): Promise<never> => {
  await hang(deadline).catch(() => {});
  throw new ServiceError('store_unavailable', 'the event table does not answer');
};
const refusing = (): Promise<never> => Promise.reject(new ServiceError('store_unavailable', 'no'));

/** A store over another one, with some methods replaced. */
const storeWith = (store: DecisionStore, replaced: Partial<DecisionStore>): DecisionStore => ({
  find: (...call) => store.find(...call),
  byEvent: (...call) => store.byEvent(...call),
  commit: (...call) => store.commit(...call),
  byEntity: (...call) => store.byEntity(...call),
  keepRival: (...call) => store.keepRival(...call),
  ...replaced,
});

const setUp = (ports: Partial<DecidePorts> = {}) => {
  const { catalog, source } = aCatalog({ detectors: [detector, second] });
  const { decisions: store, ...history } = memoryHistory();
  const queued: Decision[] = [];
  const pending: PendingDecisions = { add: async (decisions) => void queued.push(...decisions) };
  const metrics = countingMetrics();
  const all: DecidePorts = {
    clock: fixedClock,
    ...history,
    decisions: store,
    pending,
    sealer: memorySealer(fixedClock).sealer,
    prepare: createPreparer({ catalog: source, clock: fixedClock, metrics: silentMetrics }),
    remote: remoteSaying({ probability: 0.3 }),
    logger: silentLogger,
    metrics,
    ...ports,
  };
  const decide = (arrival: Arrival, names = ['card-payments'], budgetMs = 1_000) =>
    decideEvent(
      { arrival, catalog, detectors: names.map((name) => catalog.detector(name)!) },
      deadlineIn(budgetMs),
      all,
    );
  return { store, queued, metrics, decide };
};

const arrival = (requestId: string, overrides: Partial<Arrival> = {}): Arrival => ({
  event: anEvent(),
  contentHash: 'hash-1',
  origin: { kind: 'api', requestId },
  ...overrides,
});

describe('an event', () => {
  test('is decided and recorded', async () => {
    const { store, decide, metrics } = setUp();

    const [answered] = await decide(arrival('a'));

    expect(answered).toMatchObject({ recorded: 'committed', decision: { outcomes: ['approve'], rung: 'full' } });
    const recorded = await store.byEvent('card_payment', 'e-1');
    expect(recorded).toMatchObject({ origin: 'api/a', decisions: [answered?.decision] });
    expect(Object.fromEntries(metrics.counts)).toEqual({ DecisionsMade: 1, EventsDecided: 1, OutcomesApprove: 1 });
  });

  test('that comes again is answered with the decision on record', async () => {
    const { decide, metrics } = setUp();
    const first = await decide(arrival('a'));

    expect(await decide(arrival('b'))).toEqual(first);
    expect(metrics.counts.get('EventsDuplicate')).toBe(1);
  });

  test('with other content under the same id is a conflict, and nothing changes', async () => {
    const { store, decide } = setUp();
    await decide(arrival('a'));

    await expect(decide(arrival('b', { contentHash: 'hash-2' }))).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.byEvent('card_payment', 'e-1'))?.contentHash).toBe('hash-1');
  });

  test('is judged by a further detector without being recorded again', async () => {
    const { store, decide, metrics } = setUp();
    await decide(arrival('a'));

    const answered = await decide(arrival('b'), ['card-payments', 'second']);

    expect(answered.map(({ decision }) => decision.detector)).toEqual(['card-payments', 'second']);
    const recorded = await store.byEvent('card_payment', 'e-1');
    expect(recorded).toMatchObject({ origin: 'api/a' });
    expect(recorded?.decisions.map(({ origin }) => origin)).toEqual([
      { kind: 'api', requestId: 'a' },
      { kind: 'api', requestId: 'b' },
    ]);
    expect(metrics.counts.get('EventsDecided')).toBe(1);
  });

  test('that many callers send at once is decided once, and all get that decision', async () => {
    const { decide } = setUp();

    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((id) => decide(arrival(id), ['card-payments', 'second'])),
    );

    const origins = answers.flat().map(({ decision }) => JSON.stringify(decision.origin));
    expect(new Set(origins).size).toBe(1);
    expect(answers.flat().every(({ recorded }) => recorded === 'committed')).toBe(true);
  });

  test('whose look-up fails is decided all the same, and says so', async () => {
    const memory = new MemoryDecisionStore();
    const { decide } = setUp({ decisions: storeWith(memory, { find: refusing }) });

    const [answered] = await decide(arrival('a'));

    expect(answered?.recorded).toBe('committed');
    expect(answered?.decision.degraded).toMatchObject([{ what: 'record', why: 'unavailable' }]);
  });
});

describe('within the deadline', () => {
  const hanging: RemoteMembers = {
    ask: async (_member, _row, deadline) => {
      await hang(deadline).catch(() => {});
      return { failed: 'timeout' };
    },
  };

  test.each([{ budgetMs: 100 }, { budgetMs: 400 }])(
    'of $budgetMs ms an answer comes while the endpoint hangs, and it is recorded',
    async ({ budgetMs }) => {
      const { decide } = setUp({ remote: hanging });
      const startedAt = performance.now();

      const [answered] = await decide(arrival('a'), ['card-payments'], budgetMs);

      expect(performance.now() - startedAt).toBeLessThan(budgetMs);
      expect(answered).toMatchObject({ recorded: 'committed', decision: { rung: 'embedded' } });
      expect(answered?.decision.degraded).toMatchObject([{ what: 'member:remote', why: 'timeout' }]);
      expect(answered?.decision.degraded[0]?.spentMs).toBeGreaterThan(0);
    },
  );

  test.each([
    { how: 'refuses writes', commit: refusing },
    { how: 'does not answer', commit: (_group: unknown, deadline: Deadline) => outOfReach(deadline) },
  ])('an answer comes while the store $how, and says that it is pending', async ({ commit }) => {
    const { decide, queued, metrics } = setUp({ decisions: storeWith(new MemoryDecisionStore(), { commit }) });
    const startedAt = performance.now();

    const [answered] = await decide(arrival('a'), ['card-payments'], 300);

    expect(performance.now() - startedAt).toBeLessThan(300);
    expect(answered?.recorded).toBe('pending');
    expect(queued).toEqual([answered?.decision]);
    expect(metrics.counts.get('DecisionsPending')).toBe(1);
  });

  test('an answer comes while endpoint and store both hang', async () => {
    const memory = new MemoryDecisionStore();
    const dead = storeWith(memory, {
      find: (_type, _ids, _detectors, deadline) => outOfReach(deadline),
      commit: (_group, deadline) => outOfReach(deadline),
    });
    const { decide, queued } = setUp({ decisions: dead, remote: hanging });
    const startedAt = performance.now();

    const [answered] = await decide(arrival('a'), ['card-payments'], 400);

    expect(performance.now() - startedAt).toBeLessThan(400);
    expect(answered?.recorded).toBe('pending');
    expect(answered?.decision.degraded).toMatchObject([
      { what: 'record', why: 'timeout' },
      { what: 'member:remote', why: 'timeout' },
    ]);
    expect(queued).toHaveLength(1);
  });

  test('what no item can hold is refused, and not answered as if it would be recorded', async () => {
    const tooLarge = () => Promise.reject(new ServiceError('too_large', 'the decision does not fit its record'));
    const { queued, decide } = setUp({ decisions: storeWith(new MemoryDecisionStore(), { commit: tooLarge }) });

    await expect(decide(arrival('a'))).rejects.toMatchObject({ code: 'too_large' });
    expect(queued).toEqual([]);
  });

  test('with the queue down too, the caller is told to come again', async () => {
    const dead = storeWith(new MemoryDecisionStore(), { commit: refusing });
    const { decide } = setUp({ decisions: dead, pending: { add: () => Promise.reject(new Error('no queue')) } });

    await expect(decide(arrival('a'))).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test.each([50, 100, 1_000, 28_000])('of %i ms each part has its share', (totalMs) => {
    const { lookUpMs, recordMs, queueMs } = budgetOf(totalMs);

    expect(lookUpMs).toBeLessThanOrEqual(0.3 * totalMs);
    // With less than 20 ms left nothing is started, and some of it is gone by then.
    expect(queueMs).toBeGreaterThan(20);
    expect(recordMs - queueMs).toBeGreaterThanOrEqual(20);
    expect(lookUpMs + recordMs).toBeLessThan(1.2 * totalMs);
  });
});

describe('what was answered before it was recorded', () => {
  const answeredLater = async () => {
    const { decide, queued } = setUp({ decisions: storeWith(new MemoryDecisionStore(), { commit: refusing }) });
    await decide(arrival('late'), ['card-payments', 'second']);
    return queued;
  };
  const commitLater = async (store: DecisionStore, decisions: readonly Decision[]) => {
    const metrics = countingMetrics();
    await commitPending({ decisions: [...decisions] }, deadlineIn(1_000), {
      decisions: store,
      logger: silentLogger,
      metrics,
    });
    return metrics.counts;
  };

  test('is committed, once', async () => {
    const store = new MemoryDecisionStore();
    const decisions = await answeredLater();

    await commitLater(store, decisions);
    await commitLater(store, decisions);

    expect(await store.byEvent('card_payment', 'e-1')).toMatchObject({ origin: 'api/late', decisions });
    expect(store.rivals).toEqual([]);
  });

  test('adds what another delivery did not decide, and keeps what it did as a rival', async () => {
    const { store, decide } = setUp();
    const [first] = await decide(arrival('faster'));
    const [late, further] = await answeredLater();

    const counts = await commitLater(store, [late!, further!]);

    const recorded = await store.byEvent('card_payment', 'e-1');
    expect(recorded?.decisions).toEqual([first?.decision, further]);
    expect(store.rivals).toEqual([late]);
    expect(counts.get('DecisionsRival')).toBe(1);
  });

  test('on other content than what is on record is kept as a rival', async () => {
    const { store, decide } = setUp();
    await decide(arrival('faster', { contentHash: 'hash-2' }));
    const decisions = await answeredLater();

    const counts = await commitLater(store, decisions);

    expect(store.rivals).toEqual(decisions);
    expect(counts.get('EventsConflict')).toBe(1);
  });

  test('is read again when another delivery is faster between reading and writing', async () => {
    const { store, decide } = setUp();
    const [late] = await answeredLater();
    let raced = false;
    const racing = storeWith(store, {
      commit: async (group) => {
        if (!raced) await decide(arrival('faster'));
        raced = true;
        return store.commit(group);
      },
    });

    await commitLater(racing, [late!]);

    expect(store.rivals).toEqual([late]);
  });
});
