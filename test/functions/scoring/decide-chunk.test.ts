import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { canonicalJson } from '#domain/content-hash.ts';
import type { Disposition } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Event } from '#domain/event.ts';
import type { ChunkRecord } from '#domain/file-record.ts';
import type { EventChunk } from '#domain/messages.ts';
import type { DecisionStore, EventCommit } from '#ports/decision-store.ts';
import type { RowResult } from '#ports/results.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { decideChunk } from '../../../functions/scoring/decide-chunk.ts';
import { createPreparer } from '../../../functions/scoring/prepare-detector.ts';
import { aCommit, aDecision, anEvent } from '../../support/decisions.ts';
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

const detector = aDetector({ members: [trees, remote] });

const setUp = (replaced: Partial<DecisionStore> = {}, detectors = [detector]) => {
  const { source } = aCatalog({ detectors });
  const { decisions: store, ...history } = memoryHistory();
  const settled = new Map<number, ChunkRecord>();
  const written: RowResult[][] = [];
  const groups: (readonly EventCommit[])[] = [];
  const metrics = countingMetrics();
  const memory: DecisionStore = store;
  const decisions: DecisionStore = {
    find: (...call) => memory.find(...call),
    byEvent: (...call) => memory.byEvent(...call),
    byEntity: (...call) => memory.byEntity(...call),
    keepRival: (...call) => memory.keepRival(...call),
    commit: (group) => {
      groups.push(group);
      return store.commit(group);
    },
    ...replaced,
  };
  const ports = {
    clock: fixedClock,
    catalog: source,
    ...history,
    decisions,
    ledger: {
      findChunk: async (_fileId: string, sequence: number) => settled.get(sequence),
      settleChunk: async (chunk: ChunkRecord) => void settled.set(chunk.sequence, chunk),
    },
    results: {
      writeChunk: async (_fileId: string, _sequence: number, rows: readonly RowResult[]) =>
        void written.push([...rows]),
    },
    prepare: createPreparer({ catalog: source, clock: fixedClock, metrics: silentMetrics }),
    remote: remoteSaying({ probability: 0.3 }),
    logger: silentLogger,
    metrics,
  };
  const decide = async (chunk: EventChunk): Promise<void> => (await decideChunk(chunk, deadlineIn(5_000), ports)).rest;
  return { store, settled, written, groups, metrics, decide, ports };
};

const chunkOf = (events: readonly Partial<Event>[], firstRow = 1, sequence = 1): EventChunk => ({
  v: 1,
  kind: 'events',
  fileId: 'file-1',
  sequence,
  eventType: 'card_payment',
  redrives: 0,
  rows: events.map((overrides, index) => {
    const event = anEvent(overrides);
    return { row: firstRow + index, event, contentHash: canonicalJson(event) };
  }),
});
const many = (count: number): Partial<Event>[] =>
  Array.from({ length: count }, (_, index) => ({ eventId: `e-${index}` }));
const ended = (rows: readonly RowResult[] | undefined): Disposition[] =>
  (rows ?? []).map(({ disposition }) => disposition);

describe('a chunk', () => {
  test('is decided, written and settled', async () => {
    const { decide, settled, written, metrics } = setUp();

    await decide(chunkOf([{ eventId: 'a', variables: { amount: 500 } }, { eventId: 'b' }]));

    expect(written).toHaveLength(1);
    expect(written[0]).toMatchObject([
      { row: 1, eventId: 'a', disposition: 'decided', decisions: [{ outcomes: ['review'] }] },
      { row: 2, eventId: 'b', disposition: 'decided', decisions: [{ outcomes: ['approve'] }] },
    ]);
    expect(settled.get(1)).toEqual({
      v: 1,
      fileId: 'file-1',
      sequence: 1,
      rows: 2,
      status: 'settled',
      counts: { decided: 2, duplicate: 0, conflict: 0, quarantined: 0, dead: 0 },
      outcomes: { review: 1, approve: 1 },
      rules: { large: 1 },
      degraded: 0,
    });
    expect(metrics.counts.get('EventsDecided')).toBe(2);
  });

  test('that is settled is left alone', async () => {
    const { decide, written, metrics } = setUp();
    await decide(chunkOf([{ eventId: 'a' }]));

    await decide(chunkOf([{ eventId: 'a' }]));

    expect(written).toHaveLength(1);
    expect(metrics.counts.get('EventsDecided')).toBe(1);
  });

  test('tells repeats and conflicts within it from what it decides', async () => {
    const { decide, written } = setUp();

    await decide(
      chunkOf([{ eventId: 'a' }, { eventId: 'a' }, { eventId: 'a', variables: { amount: 1 } }, { eventId: 'b' }]),
    );

    expect(ended(written[0])).toEqual(['decided', 'duplicate', 'conflict', 'decided']);
    expect(written[0]?.[1]?.decisions).toEqual(written[0]?.[0]?.decisions);
    expect(written[0]?.[2]?.decisions).toEqual([]);
  });

  test('counts as duplicates and conflicts what other deliveries brought', async () => {
    const { decide, written, settled } = setUp();
    await decide(chunkOf([{ eventId: 'a' }, { eventId: 'b' }], 1, 1));

    await decide(chunkOf([{ eventId: 'a' }, { eventId: 'b', variables: {} }, { eventId: 'c' }], 3, 2));

    expect(ended(written[1])).toEqual(['duplicate', 'conflict', 'decided']);
    expect(settled.get(2)?.outcomes).toEqual({ approve: 1 });
  });

  test('goes in transactions of at most 100 actions', async () => {
    const { decide, groups } = setUp();

    await decide(chunkOf(many(100)));

    expect(groups.map((group) => group.length)).toEqual([50, 50]);
    expect(new Set(groups.flat().map(({ event }) => event.eventId)).size).toBe(100);
  });

  test('goes in transactions of at most 4 MB', async () => {
    const { decide, groups, written } = setUp();
    const long = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`text_${index}`, 'ä'.repeat(8_000)]));

    await decide(chunkOf(many(30).map((event) => ({ ...event, variables: long }))));

    expect(groups.length).toBeGreaterThan(1);
    for (const group of groups) expect(Buffer.byteLength(JSON.stringify(group))).toBeLessThan(4 * 1024 * 1024);
    expect(ended(written[0]).every((disposition) => disposition === 'decided')).toBe(true);
  });

  test('of events that are only history, with no detector for them, is recorded all the same', async () => {
    const { decide, written, store } = setUp({}, []);

    await decide(chunkOf([{ eventId: 'a' }]));

    expect(ended(written[0])).toEqual(['decided']);
    expect((await store.byEvent('card_payment', 'a'))?.decisions).toEqual([]);
  });

  test('of events whose detectors all stand by comes back, and is not recorded as decided', async () => {
    const { store, settled, decide } = setUp({}, [aDetector({ status: 'standby' })]);

    await expect(decide(chunkOf(many(3)))).rejects.toMatchObject({ code: 'not_found' });
    expect(settled.size).toBe(0);
    expect(await store.byEvent('card_payment', 'e-0')).toBeUndefined();
  });

  test('of an event type that is not there comes back', async () => {
    const { decide, settled } = setUp();

    await expect(decide({ ...chunkOf([{ eventId: 'a' }]), eventType: 'gone' })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(settled.size).toBe(0);
  });
});

describe('when things go wrong', () => {
  test('what somebody else recorded meanwhile is looked up again, and the rest goes on', async () => {
    const { store, ports, decide, written, groups } = setUp();
    let raced = false;
    const find: DecisionStore['find'] = async (type, ids, names) => {
      const found = await store.find(type, ids, names);
      if (!raced) {
        raced = true;
        const other = (eventId: string, contentHash: string) =>
          aDecision({ event: anEvent({ eventId }), contentHash, origin: { kind: 'file', fileId: 'file-2', row: 1 } });
        await store.commit([aCommit(other('e-3', 'another'))]);
      }
      return found;
    };
    ports.decisions = { ...ports.decisions, find };

    await decide(chunkOf(many(10)));

    expect(ended(written[0])).toEqual(many(10).map((_, index) => (index === 3 ? 'conflict' : 'decided')));
    expect(groups.map((group) => group.length)).toEqual([10, 9]);
  });

  test('a chunk that broke off between two transactions is finished as if nothing had happened', async () => {
    const { ports, decide, written, settled, store } = setUp();
    const { commit } = ports.decisions;
    let calls = 0;
    ports.decisions = {
      ...ports.decisions,
      commit: (...call) => {
        calls += 1;
        return calls === 2 ? Promise.reject(new ServiceError('store_unavailable', 'killed')) : commit(...call);
      },
    };
    await expect(decide(chunkOf(many(100)))).rejects.toThrow('killed');
    expect(settled.size).toBe(0);

    await decide(chunkOf(many(100)));

    expect(ended(written[0]).every((disposition) => disposition === 'decided')).toBe(true);
    expect(settled.get(1)?.counts.decided).toBe(100);
    expect((await store.byEvent('card_payment', 'e-99'))?.origin).toBe('file/file-1/100');
  });

  test('a store that refuses what is not there does not keep it going for ever', async () => {
    const { decide } = setUp({ commit: async (group) => new Set(group.map(({ event }) => event.eventId)) });

    await expect(decide(chunkOf([{ eventId: 'a' }]))).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('degraded decisions are counted', async () => {
    const { ports, decide, settled, metrics } = setUp();
    ports.remote = remoteSaying({ failed: 'timeout' });

    await decide(chunkOf(many(3)));

    expect(settled.get(1)?.degraded).toBe(3);
    expect(metrics.counts.get('DecisionsDegraded')).toBe(3);
  });

  test('the next transaction is decided while the store takes one, and recorded after it', async () => {
    const { ports, store } = setUp();
    const steps: string[] = [];
    const remote: typeof ports.remote = {
      ask: async (...call) => {
        steps.push('asked');
        return ports.remote.ask(...call);
      },
    };
    const commit: DecisionStore['commit'] = async (group) => {
      steps.push(`${group.length} sent`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      steps.push(`${group.length} taken`);
      return store.commit(group);
    };
    const events = Array.from({ length: 60 }, (_, index) => ({ eventId: `e-${index}` }));

    const { rest } = await decideChunk(chunkOf(events), deadlineIn(5_000), {
      ...ports,
      remote,
      decisions: { ...ports.decisions, commit },
    });
    await rest;

    const inRuns = steps.filter((step, index) => step !== steps[index - 1]);
    expect(inRuns).toEqual(['asked', '50 sent', 'asked', '50 taken', '10 sent', '10 taken']);
  });

  test('each event is decided once and every row ends, however rows repeat, chunks overlap and commits break off', async () => {
    const row = fc.record({ id: fc.integer({ min: 0, max: 6 }), amount: fc.integer({ min: 0, max: 1 }) });
    const chunks = fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.array(fc.boolean(), { maxLength: 6 }), async (files, breaks) => {
        const { ports, decide, written, settled, store } = setUp();
        const { commit } = ports.decisions;
        const left = [...breaks];
        ports.decisions = {
          ...ports.decisions,
          commit: async (...call) => {
            const breaksOff = left.shift() === true;
            const refused = await commit(...call);
            if (breaksOff) throw new ServiceError('store_unavailable', 'the answer is lost');
            return refused;
          },
        };
        for (const [index, rows] of files.entries()) {
          const events = rows.map(({ id, amount }) => ({ eventId: `e-${id}`, variables: { amount } }));
          const chunk = chunkOf(events, 1 + index * 100, index + 1);
          while (settled.get(index + 1) === undefined) await decide(chunk).catch(() => {});
        }
        const rows = written.flat();
        const decided = rows.filter(({ disposition }) => disposition === 'decided').map(({ eventId }) => eventId);
        const seen = new Set(files.flat().map(({ id }) => `e-${id}`));

        expect(rows).toHaveLength(files.flat().length);
        expect(new Set(decided)).toEqual(seen);
        expect(decided).toHaveLength(seen.size);
        for (const id of seen) expect((await store.byEvent('card_payment', id))?.decisions).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });
});
