import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { mergeMoves } from '#features/history/state/moves.ts';
import type { Page, PageMove, PageRange } from '#features/history/state/types.ts';
import type { MovableProfileStore } from '#ports/profile-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { histories, START_MS } from '../support/history-streams.ts';
import { differences, pagedHistory, playedBack } from '../support/history-subjects.ts';

/** A store under test. */
export interface ProfileStoreUnderTest {
  readonly store: MovableProfileStore;
  close(): Promise<void>;
}

const soon = () => deadlineIn(5_000);
const PAGE_MS = 600_000;
const KEEP_MS = 365 * 86_400_000;

/** What is done to one page of an entity; `page` is counted from the start. */
const moveOf = (entity: string, page: number, done: Partial<Pick<PageMove, 'adds' | 'marks' | 'sets'>>): PageMove => ({
  profile: 'contract',
  entity,
  startMs: START_MS + page * PAGE_MS,
  keepUntilMs: START_MS + (page + 1) * PAGE_MS + KEEP_MS,
  adds: new Map(),
  marks: new Map(),
  sets: new Map(),
  ...done,
});

const rangeOf = (entity: string, from: number, to: number): PageRange => ({
  profile: 'contract',
  entity,
  fromMs: START_MS + from * PAGE_MS,
  toMs: START_MS + to * PAGE_MS,
});

const stampAt = (seconds: number, eventId: string, value: string | number | boolean) => ({
  value,
  atMs: START_MS + seconds * 1_000,
  eventId,
});

/**
 * What every store of profiles must do. Each test uses entities of its own, so one store serves them all.
 *
 * @param open - a store that is empty, time and again: each history is played to one of its own.
 * @param runs - how many histories are played.
 */
export const profileStoreContract = (
  name: string,
  open: () => Promise<ProfileStoreUnderTest>,
  { runs = 20 }: { readonly runs?: number } = {},
): void => {
  describe(`a profile store (${name})`, () => {
    let under: ProfileStoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const move = (...moves: readonly PageMove[]) => under.store.move(moves, soon());
    const pagesOf = async (...ranges: readonly PageRange[]): Promise<readonly Page[]> =>
      [...(await under.store.read(ranges, soon()))].sort(
        (left, right) => left.entity.localeCompare(right.entity) || left.startMs - right.startMs,
      );
    const cellsOf = async (entity: string) => (await pagesOf(rangeOf(entity, 0, 0)))[0]?.cells;

    test('has no pages of an entity that nothing was added to', async () => {
      expect(await pagesOf(rangeOf('person:unseen', 0, 100))).toEqual([]);
      expect(await pagesOf()).toEqual([]);
    });

    test('gives back every kind of cell as it was moved', async () => {
      const entity = 'person:t1_whole+terminal:t1_whole';
      const sets = new Map([
        ['l3', { to: -5, keeps: 'lower', was: undefined }],
        ['f3', { to: stampAt(1, 'e1', 'Zürich, "Ä" 🚲'), keeps: 'lower', was: undefined }],
        ['z3', { to: stampAt(1, 'e1', 0.1 + 0.2), keeps: 'higher', was: undefined }],
        ['y3', { to: stampAt(1, 'e1', false), keeps: 'higher', was: undefined }],
      ] as const);
      const marks = new Map([['d3', new Set([0, 7, 255])]]);

      await move(moveOf(entity, 0, { adds: new Map([['n3', 2]]), marks, sets }));

      expect(await pagesOf(rangeOf(entity, 0, 0))).toEqual([
        {
          profile: 'contract',
          entity,
          startMs: START_MS,
          cells: new Map<string, unknown>([
            ['n3', 2],
            ['d3', new Set([0, 7, 255])],
            ['l3', -5],
            ['f3', stampAt(1, 'e1', 'Zürich, "Ä" 🚲')],
            ['z3', stampAt(1, 'e1', 0.1 + 0.2)],
            ['y3', stampAt(1, 'e1', false)],
          ]),
        },
      ]);
    });

    test('reads the pages from the first to the last of a range, of its entity and profile alone', async () => {
      const entity = 'person:ranged';
      const adds = new Map([['n0', 1]]);
      for (const page of [-1, 0, 1, 2, 3]) await move(moveOf(entity, page, { adds }));
      await move(moveOf('person:ranged2', 1, { adds }), { ...moveOf(entity, 1, { adds }), profile: 'other' });

      const found = await pagesOf(rangeOf(entity, 0, 2));

      expect(found.map(({ profile, startMs }) => [profile, (startMs - START_MS) / PAGE_MS])).toEqual([
        ['contract', 0],
        ['contract', 1],
        ['contract', 2],
      ]);
    });

    test('reads several ranges at once', async () => {
      await move(
        moveOf('person:several-a', 0, { adds: new Map([['n0', 1]]) }),
        moveOf('person:several-b', 4, { adds: new Map([['n0', 2]]) }),
      );

      const found = await pagesOf(rangeOf('person:several-a', 0, 9), rangeOf('person:several-b', 0, 9));

      expect(found.map(({ entity, cells }) => [entity, cells.get('n0')])).toEqual([
        ['person:several-a', 1],
        ['person:several-b', 2],
      ]);
    });

    test('adds integers exactly, beyond 2^53 and back', async () => {
      const entity = 'person:large';
      const square = 9_007_199_254_740_991n ** 2n;
      const add = (by: number | bigint) => move(moveOf(entity, 0, { adds: new Map([['q1', by]]) }));

      await add(square);
      await add(1);
      expect((await cellsOf(entity))?.get('q1')).toBe(square + 1n);

      await add(-square);
      expect((await cellsOf(entity))?.get('q1')).toBe(1);
    });

    test('adds marks to those that are there', async () => {
      const entity = 'person:marks';
      await move(moveOf(entity, 0, { marks: new Map([['d1', new Set([1, 2])]]) }));
      await move(moveOf(entity, 0, { marks: new Map([['d1', new Set([2, 200])]]) }));

      expect((await cellsOf(entity))?.get('d1')).toEqual(new Set([1, 2, 200]));
    });

    test.each([
      { what: 'a lower one', keeps: 'lower', was: 5, to: 4, stays: 4 },
      { what: 'one that came too late to be the lowest', keeps: 'lower', was: 5, to: 6, stays: 5 },
      { what: 'a higher one', keeps: 'higher', was: 5, to: 6, stays: 6 },
      { what: 'one that came too late to be the highest', keeps: 'higher', was: 5, to: 4, stays: 5 },
      {
        what: 'an earlier one',
        keeps: 'lower',
        was: stampAt(5, 'b', 1),
        to: stampAt(4, 'c', 2),
        stays: stampAt(4, 'c', 2),
      },
      {
        what: 'one as early of a higher id',
        keeps: 'lower',
        was: stampAt(5, 'b', 1),
        to: stampAt(5, 'c', 2),
        stays: stampAt(5, 'b', 1),
      },
      {
        what: 'a later one',
        keeps: 'higher',
        was: stampAt(5, 'b', 1),
        to: stampAt(6, 'a', 2),
        stays: stampAt(6, 'a', 2),
      },
      {
        what: 'one as late of a higher id',
        keeps: 'higher',
        was: stampAt(5, 'b', 1),
        to: stampAt(5, 'c', 2),
        stays: stampAt(5, 'c', 2),
      },
      {
        what: 'one of before',
        keeps: 'higher',
        was: stampAt(5, 'b', 1),
        to: stampAt(-5, 'c', 2),
        stays: stampAt(5, 'b', 1),
      },
    ] as const)(
      'keeps what is to be kept, whatever a set was made for: $what',
      async ({ what, keeps, was, to, stays }) => {
        const entity = `person:${what.replaceAll(' ', '-')}`;
        await move(moveOf(entity, 0, { sets: new Map([['m1', { to: was, keeps, was: undefined }]]) }));

        // As one that read nothing: another event was there first. What is added counts all the same.
        await move(
          moveOf(entity, 0, { adds: new Map([['n1', 1]]), sets: new Map([['m1', { to, keeps, was: undefined }]]) }),
        );

        const cells = await cellsOf(entity);
        expect(cells?.get('m1')).toEqual(stays);
        expect(cells?.get('n1')).toBe(1);
      },
    );

    test('loses nothing of moves that are made at once', async () => {
      const entity = 'person:busy';
      const one = (index: number): PageMove =>
        moveOf(entity, 0, {
          adds: new Map([['n1', 1]]),
          marks: new Map([['d1', new Set([index])]]),
          sets: new Map([['h1', { to: index, keeps: 'higher', was: undefined }]]),
        });

      await Promise.all(Array.from({ length: 12 }, (_, index) => move(one(index))));

      const cells = await cellsOf(entity);
      expect(cells?.get('n1')).toBe(12);
      expect(cells?.get('h1')).toBe(11);
      expect(cells?.get('d1')).toEqual(new Set(Array.from({ length: 12 }, (_, mark) => mark)));
    });

    test('makes of merged moves what it makes of each', async () => {
      const [each, merged] = ['person:each', 'person:merged'];
      const movesOf = (entity: string): readonly PageMove[] => [
        moveOf(entity, 0, {
          adds: new Map([
            ['n1', 1],
            ['b1', 1],
          ]),
          marks: new Map([['d1', new Set([3])]]),
          sets: new Map([['l1', { to: 7, keeps: 'lower', was: undefined }]]),
        }),
        moveOf(entity, 0, {
          adds: new Map([
            ['n1', 1],
            ['b1', -1],
          ]),
          marks: new Map([['d1', new Set([4])]]),
          sets: new Map([
            ['l1', { to: 9, keeps: 'lower', was: undefined }],
            ['l2', { to: 1, keeps: 'lower', was: undefined }],
          ]),
        }),
      ];
      for (const one of movesOf(each)) await move(one);
      await move(...mergeMoves(movesOf(merged)));

      const [left, right] = [await cellsOf(each), await cellsOf(merged)];
      const seen = (cells: Page['cells'] | undefined) => new Map([...cells!].filter(([, cell]) => cell !== 0));
      expect(seen(left)).toEqual(seen(right));
      expect(left?.get('n1')).toBe(2);
    });

    test('gives every feature what going through all events gives, to the bit', async () => {
      await fc.assert(
        fc.asyncProperty(histories(true, 40), async (history) => {
          const own = await open();
          try {
            expect(differences(await playedBack(history, pagedHistory(own.store)))).toEqual([]);
          } finally {
            await own.close();
          }
        }),
        { numRuns: runs },
      );
    }, 60_000);
  });
};
