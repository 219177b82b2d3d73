import { describe, expect, test } from '@jest/globals';

import { catalogOf } from '#domain/catalog/catalog.ts';
import type { RegisteredDetector } from '#domain/catalog/detector.ts';
import type { CatalogSnapshot, SnapshotList } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { deadlineIn, orAborted } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { ListShelf, lookUpOf } from '../../../functions/scoring/list-shelf.ts';
import { makeDecision } from '../../../functions/scoring/make-decision.ts';
import { withPinnedLists } from '../../../functions/scoring/pinned-lists.ts';
import { createPreparer } from '../../../functions/scoring/prepare-detector.ts';
import { replayDecision } from '../../../functions/scoring/replay-decision.ts';
import { anEvent } from '../../support/decisions.ts';
import { countingMetrics, fixedClock, NOTHING_KNOWN, remoteSaying } from '../../support/scoring.ts';
import { anAsset, detector, world } from '../administration/world.ts';

const soon = () => deadlineIn(1_000);

describe('a shelf of lists', () => {
  const pointerTo = (...values: string[]) => {
    const bytes = Buffer.from(JSON.stringify({ v: 1, values }));
    return { bytes, sha256: sha256Hex(bytes) };
  };
  const entryOf = (version: number, { bytes, sha256 }: ReturnType<typeof pointerTo>): SnapshotList => ({
    version,
    hash: sha256,
    document: { format: 1, list: 'risky' },
    values: { key: bytes.toString(), sha256, count: 1 },
  });
  const shelfThat = (state: { fails?: boolean; hangs?: boolean; reads: number }) => {
    const metrics = countingMetrics();
    const bytes = async ({ key }: { key: string }, deadline: ReturnType<typeof soon>) => {
      state.reads++;
      if (state.hangs) return orAborted(new Promise<never>(() => {}), deadline.signal);
      if (state.fails) throw new Error('down');
      return Buffer.from(key);
    };
    return { metrics, shelf: new ListShelf({ catalog: { bytes }, metrics }) };
  };

  test('reads the same values once, whatever version and snapshot they come with', async () => {
    const state = { reads: 0 };
    const { shelf } = shelfThat(state);
    const values = pointerTo('FR');

    const first = await shelf.find('risky', entryOf(1, values), soon());
    const second = await shelf.find('risky', entryOf(2, values), soon());

    expect(second).toEqual({ version: 2, values: first.values });
    expect(state.reads).toBe(1);
  });

  test('reads values once for all who wait for them', async () => {
    const { shelf } = shelfThat({ reads: 0 });
    const values = pointerTo('FR');

    const found = await Promise.all([1, 2, 3].map((version) => shelf.find('risky', entryOf(version, values), soon())));

    expect(new Set(found.map((each) => each.values)).size).toBe(1);
  });

  test('gives the version that it read last while another cannot be read, and counts it', async () => {
    const state = { reads: 0, fails: false };
    const { shelf, metrics } = shelfThat(state);
    await shelf.find('risky', entryOf(1, pointerTo('FR')), soon());
    state.fails = true;

    const found = await shelf.find('risky', entryOf(2, pointerTo('ES')), soon());

    expect(found).toMatchObject({ version: 1, stale: 'unavailable' });
    expect(found.values.has('FR')).toBe(true);
    expect(metrics.counts.get('ListsStale')).toBe(1);
  });

  test('waits a share of its time alone while there is an older version', async () => {
    const state = { reads: 0, hangs: false };
    const { shelf } = shelfThat(state);
    await shelf.find('risky', entryOf(1, pointerTo('FR')), soon());
    state.hangs = true;
    const deadline = deadlineIn(400);

    expect(await shelf.find('risky', entryOf(2, pointerTo('ES')), deadline)).toMatchObject({
      version: 1,
      stale: 'timeout',
    });
    expect(deadline.remainingMs()).toBeGreaterThan(200);
  });

  test('has nothing to give of a list that was never read', async () => {
    const { shelf, metrics } = shelfThat({ reads: 0, fails: true });

    await expect(shelf.find('risky', entryOf(1, pointerTo('FR')), soon())).rejects.toThrow('down');
    expect(metrics.counts.get('ListsStale')).toBe(1);
  });

  test('finds a value of a hundred thousand as fast as one of ten, after some milliseconds of reading', async () => {
    const values = Array.from({ length: 100_000 }, (_, index) => `t1_${String(index).padStart(24, '0')}`);
    const started = process.cpuUsage();
    const lookUp = lookUpOf(values);
    const readMs = cpuMsSince(started);
    const before = process.cpuUsage();
    for (let index = 0; index < 100_000; index++) lookUp.get(`t1_${String(index).padStart(24, '0')}`);
    const microseconds = (cpuMsSince(before) * 1_000) / 100_000;

    expect(lookUp.size).toBe(100_000);
    expect(readMs).toBeLessThan(1_000);
    expect(microseconds).toBeLessThan(20);
  });
});

describe('a decision that rests on a list', () => {
  const rules = {
    list: [{ id: 'risky', when: '$country in @risky', outcomes: ['decline'] }],
    otherwise: ['approve'],
  };
  const asset = anAsset({
    detectors: [detector({ members: [], rules, whenDegraded: { from: 'rules', outcomes: ['review'] } })],
    lists: [{ format: 1, list: 'risky', values: ['FR'] }],
  });
  const decidingIn = async () => {
    const there = await world(asset);
    const state = { down: false };
    const bytes = async ({ key }: { readonly key: string }) => {
      const found = state.down ? undefined : await there.objects.get(key);
      if (!found) throw new Error('down');
      return found;
    };
    const prepare = createPreparer({ catalog: { bytes }, clock: fixedClock, metrics: silentMetrics });
    const prepared = async (snapshot: CatalogSnapshot) => {
      const catalog = catalogOf(snapshot, sha256Hex(JSON.stringify(snapshot)));
      return prepare(catalog, catalog.detector('payments') as RegisteredDetector, soon(), silentLogger);
    };
    const decide = async (country: string) => {
      const on = await prepared(await there.active());
      const arrival = {
        event: anEvent({ variables: { country } }),
        contentHash: 'hash',
        origin: { kind: 'api' as const, requestId: 'r' },
      };
      const ports = { clock: fixedClock, remote: remoteSaying({ failed: 'timeout' }), metrics: silentMetrics };
      return { on, decision: await makeDecision(arrival, on, soon(), NOTHING_KNOWN, ports) };
    };
    const risky = (...values: string[]) => there.call('PUT', '/v1/lists/risky', { operation: 'replace', values });
    return { ...there, state, decide, risky };
  };

  test('pins its version, and is made again a change of the list later', async () => {
    const { decide, risky } = await decidingIn();
    const { on, decision } = await decide('FR');
    await risky('ES');
    const later = await decide('FR');

    expect(decision).toMatchObject({ lists: { risky: 1 }, outcomes: ['decline'] });
    expect(later.decision).toMatchObject({ lists: { risky: 2 }, outcomes: ['approve'] });
    expect(replayDecision(decision, on)).toEqual(decision);
    expect(replayDecision(later.decision, later.on)).toEqual(later.decision);
  });

  test('goes on with the version before when the newest cannot be read, says so, and is made again by that version', async () => {
    const { decide, risky, state, ports } = await decidingIn();
    await decide('FR');
    await risky('ES');
    state.down = true;

    const { on, decision } = await decide('FR');

    expect(decision).toMatchObject({
      lists: { risky: 1 },
      outcomes: ['decline'],
      degraded: [{ what: 'list:risky', why: 'unavailable' }],
    });
    state.down = false;
    const { on: mended } = await decide('DE');
    const record = { ...decision, snapshot: mended.snapshot };
    expect(() => replayDecision(record, { ...mended, listVersions: { risky: 2 } })).toThrow(
      /version 1 of list 'risky'/,
    );
    const pinned = await withPinnedLists(decision, { ...mended, listVersions: { risky: 2 } }, soon(), ports);
    expect(replayDecision(record, pinned)).toEqual(record);
    expect(replayDecision(decision, on)).toEqual(decision);
  });

  test('is blind without any version: the rule has no answer, and what the detector adds when degraded is added', async () => {
    const { decide, state } = await decidingIn();
    state.down = true;

    const { on, decision } = await decide('FR');

    expect(decision).toMatchObject({
      lists: {},
      outcomes: ['approve', 'review'],
      rules: [{ id: 'risky', matched: false, faults: ['list_unavailable'] }],
      degraded: [{ what: 'list:risky', why: 'not_loaded' }],
    });
    expect(replayDecision(decision, on)).toEqual(decision);
  });
});

/** Milliseconds of the processor since then: the clock goes on while others work. */
function cpuMsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}
