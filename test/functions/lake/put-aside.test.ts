import { gzipSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';

import { silentMetrics } from '#runtime/metrics.ts';
import { LANDING } from '../../../functions/lake/landing.ts';
import { aLake, commitsOf, failingAt } from './world.ts';

describe('rows of the lake', () => {
  test.each([
    ['is no gzip', Buffer.from('{"t":1}')],
    ['is empty', Buffer.alloc(0)],
    ['has a line that is no change', gzipSync('{"t":"then"}\n')],
    ['has a time that no date has', gzipSync('{"t":1e300,"pk":"E#order#1","sk":"EVENT","i":{}}\n')],
  ])('are made of all other batches when one %s, which is put aside as it is and counted once', async (_, bytes) => {
    const lake = aLake();
    const key = `${LANDING}2026-11-22T09/aa-unreadable.jsonl.gz`;
    await lake.store.put(key, bytes);
    await lake.land(commitsOf(1).slice(0, 3));

    const first = await lake.compact();
    const second = await lake.compact();

    expect([first, second]).toMatchObject([
      { rows: 3, rejected: 1, waiting: 0 },
      { rows: 0, rejected: 0, waiting: 0 },
    ]);
    expect(Buffer.from(lake.store.objects.get(`rejected/${key}`)?.bytes ?? [])).toEqual(bytes);
  });

  test('are made in spite of objects that lie in no hour, which are told of until they are moved', async () => {
    const lake = aLake();
    const strays = [
      'again.jsonl.gz',
      'again/one.jsonl.gz',
      '2026-11-22T25/one.jsonl.gz',
      '2026-11-22T09/in/one.jsonl.gz',
    ];
    for (const name of strays) await lake.store.put(`${LANDING}${name}`, gzipSync(''));
    // As consoles make folders.
    for (const name of ['', 'again/', '2026-11-22T09/']) await lake.store.put(`${LANDING}${name}`, Buffer.alloc(0));
    let told = 0;
    const metrics = {
      ...silentMetrics,
      count: (name: string, value = 1) => {
        if (name === 'LakeRowsRejected') told += value;
      },
    };

    for (const number of [1, 2]) {
      await lake.land(commitsOf(number));
      expect(await lake.compact(0, lake.store, metrics)).toMatchObject({ rows: 4, waiting: 0 });
    }

    expect(told).toBe(2 * strays.length);
  });

  test('are not made of a batch that is gone: the plan waits for it to be restored', async () => {
    const lake = aLake();
    await lake.land(commitsOf(1).slice(0, 3));
    const [key, landed] = [...lake.store.objects][0]!;
    const { lake: stopped } = failingAt(lake.store, 4, 'before');
    await expect(lake.compact(0, stopped)).rejects.toThrow('crashed');
    lake.store.objects.delete(key);
    await expect(lake.compact()).rejects.toThrow('is gone before it became rows');
    lake.store.objects.set(key, landed);

    expect(await lake.compact()).toMatchObject({ rows: 3, waiting: 0 });
  });
});
