import { describe, expect, test } from '@jest/globals';

import { unpackText } from '#domain/packed-text.ts';
import type { StreamRecord } from '#domain/stream-record.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { LANDING, landingOf } from '../../../functions/lake/landing.ts';
import { STATE_KEY } from '../../../functions/lake/plan.ts';
import { aLake, commitsOf, failingAt, namesOf, randomOf, readRows, recordOf, rowsIn, START_MS } from './world.ts';

const commits = (from: number, to: number, atMs = START_MS): readonly StreamRecord[] =>
  Array.from({ length: to - from }, (_, index) => commitsOf(from + index, atMs)).flat();
/** One stream's records, as its consumer sees them. */
const streamsOf = (records: readonly StreamRecord[]): readonly (readonly StreamRecord[])[] => [
  ...Map.groupBy(records, ({ eventSourceARN }) => eventSourceARN).values(),
];

describe('rows of the lake', () => {
  test('are all that was committed, once, in tables by event type and hour of commit', async () => {
    const lake = aLake();
    const all = [...commits(1, 6), ...commits(6, 9, START_MS + 3_600_000)];
    for (const stream of streamsOf(all)) await lake.land(stream);

    const report = await lake.compact();

    expect(await rowsIn(lake.store)).toEqual(namesOf(all));
    expect(report).toMatchObject({ rows: all.length, repeated: 0, rejected: 0, files: 6, waiting: 0, lagMs: 0 });
    const keys = [...lake.store.objects.keys()].filter((key) => key.endsWith('.parquet'));
    expect(keys).toContain('decisions/event_type=card_payment/dt=2026-11-22/hh=10/000000000001.parquet');
  });

  test('have typed columns and the whole record of a decision', async () => {
    const lake = aLake();
    const [event, decision] = commitsOf(3);
    await lake.land([event!, decision!]);
    await lake.compact();

    const file = lake.store.objects.get('decisions/event_type=card_payment/dt=2026-11-22/hh=09/000000000001.parquet');
    const [row] = await readRows(file!.bytes);

    const record = unpackText(decision!.dynamodb.NewImage?.record?.S as string);
    expect(row).toMatchObject({
      event_id: 'e-3',
      detector: 'one',
      occurred_at: new Date('2026-11-01T10:00:00.000Z'),
      committed_at: new Date(START_MS),
      score: 3,
      outcome: 'review',
      rules_json: '["large"]',
      variables_json: '{"amount":3,"currency":"EUR"}',
      record_json: record,
    });
    expect(row?.probability ?? null).toBeNull();
  });

  test('wait for others until they have waited long enough, unless someone will not wait', async () => {
    const lake = aLake();
    await lake.land(commitsOf(1));
    lake.clock.ms += 10 * 60_000;

    const early = await lake.compact(15 * 60_000);
    lake.clock.ms += 5 * 60_000;
    const inTime = await lake.compact(15 * 60_000);

    expect(early).toMatchObject({ rows: 0, waiting: 1, lagMs: 10 * 60_000 });
    expect(inTime).toMatchObject({ rows: 4, waiting: 0 });
  });

  test('are never made of the canary, of changes and of what expires', async () => {
    const lake = aLake();
    const [event] = commitsOf(1);
    await lake.land([
      ...commitsOf(1, START_MS, 'assay_canary'),
      { ...event!, eventName: 'MODIFY' },
      { ...event!, eventName: 'REMOVE' },
      recordOf('E#card_payment#e-1', 'R#one#hash', { record: '{}' }),
    ]);

    expect(lake.store.objects.size).toBe(0);
  });

  test('that cannot be made are kept apart, counted, and made once they can be read', async () => {
    const lake = aLake();
    const [event, decision] = commitsOf(1);
    const broken = recordOf('E#card_payment#e-1', 'D#one', { record: '{"v":9}' });
    await lake.land([event!, broken]);
    let rejected = 0;
    const metrics = {
      ...silentMetrics,
      count: (name: string, value = 1) => {
        if (name === 'LakeRowsRejected') rejected += value;
      },
    };

    const report = await lake.compact(0, lake.store, metrics);
    await lake.land([decision!]);
    await lake.compact();

    expect(report).toMatchObject({ rows: 1, rejected: 1 });
    expect(rejected).toBe(1);
    expect([...lake.store.objects.keys()].filter((key) => key.startsWith('rejected/'))).toHaveLength(1);
    expect(await rowsIn(lake.store)).toEqual(namesOf([event!, decision!]));
  });

  test('that wait for hours are told of', async () => {
    const lake = aLake();
    await lake.land(commitsOf(1));
    lake.passHours(4);
    const told: string[] = [];

    await lake.compact(24 * 3_600_000, lake.store, { ...silentMetrics, count: (name) => told.push(name) });

    expect(told).toContain('LakeOverdue');
  });
});

describe('a batch that is brought again', () => {
  test('as it was replaces itself, within the hour', async () => {
    const lake = aLake();
    const batch = commitsOf(1).slice(0, 3);
    await lake.land(batch);
    await lake.land(batch);

    expect(lake.store.objects.size).toBe(1);
    expect(landingOf(batch, START_MS)).toEqual(landingOf(batch, START_MS + 1));
  });

  test.each([
    ['before its first copy became rows', false],
    ['after its first copy became rows', true],
  ])('cut otherwise, %s, adds no row twice', async (_, between) => {
    const lake = aLake();
    const stream = commits(1, 8).filter(({ eventSourceARN }) => eventSourceARN === 'arn:events');
    await lake.land(stream.slice(0, 12));
    if (between) await lake.compact();
    lake.passHours(between ? 3 : 0);
    await lake.land(stream.slice(0, 5));
    await lake.land(stream.slice(5));

    await lake.compact();

    expect(await rowsIn(lake.store)).toEqual(namesOf(stream));
  });
});

describe('a compactor that stops anywhere', () => {
  const prepared = async () => {
    const lake = aLake();
    const all = [...commits(1, 4), ...commits(4, 6, START_MS - 3_600_000)];
    for (const stream of streamsOf(all)) await lake.land(stream);
    await lake.compact();
    const more = [...commits(6, 9), ...all.slice(0, 3)];
    for (const stream of streamsOf(more)) await lake.land(stream);
    return { lake, expected: namesOf([...all, ...commits(6, 9)]) };
  };

  test('before or after any of its calls leaves rows that no reader sees twice, and the next one ends its work', async () => {
    const { lake: counted } = await prepared();
    const { lake: counting, calls } = failingAt(counted.store, 0, 'before');
    await counted.compact(0, counting);
    const seen: number[] = [];

    for (let nth = 1; nth <= calls(); nth++) {
      for (const when of ['before', 'after'] as const) {
        const { lake, expected } = await prepared();
        await expect(lake.compact(0, failingAt(lake.store, nth, when).lake)).rejects.toThrow('crashed');
        const between = await rowsIn(lake.store);
        expect(new Set(between).size).toBe(between.length);
        await lake.compact();
        expect(await rowsIn(lake.store)).toEqual(expected);
        seen.push(between.length);
      }
    }

    expect(calls()).toBeGreaterThan(10);
    // Some stopped with part of their rows there: the test would prove nothing otherwise.
    expect(new Set(seen).size).toBeGreaterThan(2);
  });

  test('twice at any two places comes to the same', async () => {
    const { lake: counted } = await prepared();
    const { lake: counting, calls } = failingAt(counted.store, 0, 'before');
    await counted.compact(0, counting);

    for (let first = 1; first <= calls(); first += 5) {
      for (let second = 1; second <= calls(); second += 6) {
        const { lake, expected } = await prepared();
        await lake.compact(0, failingAt(lake.store, first, 'after').lake).catch(() => {});
        await lake.compact(0, failingAt(lake.store, second, 'before').lake).catch(() => {});
        await lake.compact();
        expect(await rowsIn(lake.store)).toEqual(expected);
      }
    }
  });

  test('in spite of others that are at work at the same time', async () => {
    const { lake, expected } = await prepared();

    await Promise.all([lake.compact(), lake.compact(), lake.compact()]);
    await lake.compact();

    expect(await rowsIn(lake.store)).toEqual(expected);
  });
});

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  'whatever is cut, doubled, late, out of order and stopped: rows are what was committed (seed %i)',
  async (seed) => {
    const random = randomOf(seed);
    const lake = aLake();
    const committed: StreamRecord[] = [];
    for (let round = 0; round < 8; round++) {
      // The clock of a commit and the time at which it is brought are hours apart at times.
      const atMs = lake.clock.ms - Math.floor(random() * 5) * 1_800_000;
      const fresh = commits(round * 10 + 1, round * 10 + 2 + Math.floor(random() * 6), atMs);
      committed.push(...fresh);
      for (const shard of shardsOf(fresh, random)) await deliver(shard, lake.land, random);
      if (random() < 0.3) await deliver(committed.slice(0, 7), lake.land, random);
      const crash = failingAt(lake.store, 1 + Math.floor(random() * 25), random() < 0.5 ? 'before' : 'after');
      await lake.compact(random() < 0.5 ? 0 : 3_600_000, crash.lake).catch(() => {});
      const rows = await rowsIn(lake.store);
      expect(new Set(rows).size).toBe(rows.length);
      lake.clock.ms += Math.floor(random() * 3) * 1_800_000;
    }

    await lake.compact();

    expect(await rowsIn(lake.store)).toEqual(namesOf(committed));
    const state = JSON.parse(new TextDecoder().decode(lake.store.objects.get(STATE_KEY)?.bytes));
    expect(Object.keys(state.done).length).toBeLessThanOrEqual(4);
    expect(state.plan).toBeUndefined();
  },
);

/** An item's changes are of one shard; the shards of a stream come in any order. */
const shardsOf = (records: readonly StreamRecord[], random: () => number): readonly (readonly StreamRecord[])[] =>
  streamsOf(records)
    .flatMap((stream) => [stream.filter((_, index) => index % 2 === 0), stream.filter((_, index) => index % 2 === 1)])
    .filter((shard) => shard.length > 0)
    .sort(() => random() - 0.5);

/** As Lambda delivers a shard: batches cut anywhere; one that was landed may come again, cut otherwise. */
const deliver = async (
  shard: readonly StreamRecord[],
  land: (records: readonly StreamRecord[]) => Promise<void>,
  random: () => number,
): Promise<void> => {
  for (let at = 0; at < shard.length; ) {
    const size = 1 + Math.floor(random() * 4);
    await land(shard.slice(at, at + size));
    if (random() > 0.3) at += size;
  }
};

test('nothing of the tables lies where batches are landed, and nothing landed where readers look', async () => {
  const lake = aLake();
  await lake.land(commitsOf(1));
  await lake.compact();

  const places = new Set([...lake.store.objects.keys()].map((key) => key.split('/')[0]));

  expect(places).toEqual(
    new Set([LANDING.slice(0, -1), 'events', 'decisions', 'feedback', 'index', STATE_KEY.split('/')[0]]),
  );
});
