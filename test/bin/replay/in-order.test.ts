import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { DueQueue } from '../../../bin/replay/due.ts';
import { inOrderOfTime, mergedByTime, type Timed } from '../../../bin/replay/in-order.ts';
import { collect } from '../../functions/ingestion/reading.ts';

async function* itemsAt(times: readonly number[]): AsyncGenerator<Timed> {
  for (const [index, atMs] of times.entries()) yield { atMs, row: index + 1 };
}

const sorted = async (times: readonly number[], held: number): Promise<readonly Timed[]> =>
  (await collect(inOrderOfTime(itemsAt(times), 'events.csv', held))).flat();

test('a file of up to twice the rows held may be in any order, and keeps its own order within an instant', async () => {
  const items = await sorted([5, 3, 5, 1], 2);

  expect(items.map(({ atMs, row }) => [atMs, row])).toEqual([
    [1, 4],
    [3, 2],
    [5, 1],
    [5, 3],
  ]);
});

test('a longer file may have rows out of place by less than is held', async () => {
  const items = await sorted([2, 1, 4, 3, 6, 5, 8, 7], 2);

  expect(items.map(({ atMs }) => atMs)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a row that is further out of place is refused, with what to do', async () => {
  await expect(sorted([2, 3, 4, 5, 1], 2)).rejects.toThrow(
    "'events.csv' is not sorted by time: row 5 is earlier than one 2 rows before it or more; sort the file by its time",
  );
});

test('streams become one, of one instant in their order', async () => {
  const streams = [[1, 4, 4], [], [2, 4]].map((times) => inOrderOfTime(itemsAt(times), 'file', 1));

  const all = await collect(mergedByTime(streams));

  expect(all.map(({ atMs, row }) => [atMs, row])).toEqual([
    [1, 1],
    [2, 1],
    [4, 2],
    [4, 3],
    [4, 2],
  ]);
});

test('a stream that fails closes the others', async () => {
  let closed = false;
  async function* open(): AsyncGenerator<readonly Timed[]> {
    try {
      yield [{ atMs: 1, row: 1 }];
      yield [{ atMs: 9, row: 2 }];
    } finally {
      closed = true;
    }
  }
  const wrong = inOrderOfTime(itemsAt([2, 3, 4, 1]), 'file', 1);

  await expect(collect(mergedByTime([open(), wrong]))).rejects.toThrow('not sorted');
  expect(closed).toBe(true);
});

test('what is due comes out in the order of its time, and nothing before it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(50), (times, nowMs) => {
      const queue = new DueQueue<{ dueMs: number }>();
      for (const dueMs of times) queue.add({ dueMs });

      const taken: number[] = [];
      for (let item = queue.takeDue(nowMs); item; item = queue.takeDue(nowMs)) taken.push(item.dueMs);

      const due = times.filter((time) => time <= nowMs).sort((left, right) => left - right);
      expect(taken).toEqual(due);
      expect(queue.size).toBe(times.length - due.length);
    }),
  );
});
