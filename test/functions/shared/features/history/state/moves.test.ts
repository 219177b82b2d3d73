import { describe, expect, test } from '@jest/globals';

import type { Event } from '#domain/event.ts';
import type { Profile } from '#features/history/plan.ts';
import { eventMoves, labelMoves, mergeMoves, outcomeMoves } from '#features/history/state/moves.ts';
import { PageBook } from '#features/history/state/page-book.ts';
import { entityKeyOf, mergeRanges, rangesOf } from '#features/history/state/places.ts';
import type { PageMove } from '#features/history/state/types.ts';

const MINUTE = 60_000;
const PAGE = Date.parse('2026-11-01T10:00:00.000Z');
const AMOUNT = { of: { variable: 'amount' }, decimals: 2 } as const;

const profile: Profile = {
  hash: 'p1',
  eventType: 'payment',
  roles: ['customer'],
  kinds: ['person'],
  columns: [
    { key: 'n', measure: { kind: 'count' } },
    { key: 's', measure: { kind: 'sum', ...AMOUNT } },
    { key: 'h', measure: { kind: 'max', ...AMOUNT } },
    { key: 'd', measure: { kind: 'distinct', of: { role: 'terminal' } } },
    { key: 'b', measure: { kind: 'labelled', label: 'fraud' }, where: ({ variables }) => variables.cheap !== true },
    { key: 'o', measure: { kind: 'outcome', detector: 'cards', outcome: 'decline' } },
  ],
  slotMs: MINUTE,
  pageMs: 10 * MINUTE,
  keepMs: 60 * MINUTE,
};
const terminals: Profile = {
  ...profile,
  hash: 'p2',
  roles: ['terminal'],
  kinds: ['terminal'],
  columns: [profile.columns[0]!],
};

const CUSTOMER = 't1_customer0000000000000000';
const TERMINAL = 't1_terminal0000000000000000';
const eventAt = (seconds: number, variables: Event['variables'] = {}, eventId = 'e1'): Event => ({
  eventId,
  eventType: 'payment',
  occurredAt: new Date(PAGE + seconds * 1_000).toISOString(),
  entities: { customer: CUSTOMER, terminal: TERMINAL },
  variables,
});
const nothing = () => undefined;
const addsOf = (moves: readonly PageMove[]) => moves.map(({ profile: of, adds }) => [of, Object.fromEntries(adds)]);

describe('an event', () => {
  test('moves one page of each profile, in the slot of its time', () => {
    const moves = eventMoves([profile, terminals], eventAt(199, { amount: 12.5 }), nothing);

    expect(moves).toEqual([
      {
        profile: 'p1',
        entity: `person:${CUSTOMER}`,
        startMs: PAGE,
        keepUntilMs: PAGE + 70 * MINUTE,
        adds: new Map([
          ['n3', 1],
          ['s3', 1250],
        ]),
        marks: new Map([['d3', expect.any(Set)]]),
        sets: new Map([['h3', { to: 1250, keeps: 'higher', was: undefined }]]),
      },
      expect.objectContaining({ profile: 'p2', entity: `terminal:${TERMINAL}`, adds: new Map([['n3', 1]]) }),
    ]);
  });

  test('sets nothing and marks nothing that the page has already', () => {
    const book = new PageBook();
    const [first, lower, higher] = [10, 9, 11].map((amount) => eventAt(0, { amount }));
    book.apply(eventMoves([profile], first!, book.find));

    const [unmoved] = eventMoves([profile], lower!, book.find);
    const [moved] = eventMoves([profile], higher!, book.find);

    expect([unmoved!.sets.size, unmoved!.marks.size]).toEqual([0, 0]);
    expect(moved!.sets).toEqual(new Map([['h0', { to: 1100, keeps: 'higher', was: 1000 }]]));
  });

  test('moves nothing of an entity that it lacks', () => {
    const { terminal: _, ...entities } = eventAt(0).entities;

    const moves = eventMoves([profile, terminals], { ...eventAt(0), entities }, nothing);

    expect(moves.map(({ profile: of }) => of)).toEqual(['p1']);
  });

  test('counts with it what was known before it came', () => {
    const known = { label: 'fraud', decisions: [{ detector: 'cards', outcomes: ['decline'] }] };

    expect(addsOf(eventMoves([profile], eventAt(0), nothing, known))).toEqual([['p1', { n0: 1, b0: 1, o0: 1 }]]);
  });
});

describe('a label', () => {
  test.each([
    { from: undefined, to: 'fraud', adds: [['p1', { b2: 1 }]] },
    { from: 'fraud', to: 'legit', adds: [['p1', { b2: -1 }]] },
    { from: 'legit', to: 'fraud', adds: [['p1', { b2: 1 }]] },
    { from: 'fraud', to: undefined, adds: [['p1', { b2: -1 }]] },
    { from: 'fraud', to: 'fraud', adds: [] },
    { from: undefined, to: 'legit', adds: [] },
  ])('that goes from $from to $to moves $adds', ({ from, to, adds }) => {
    expect(addsOf(labelMoves([profile, terminals], eventAt(120), from, to))).toEqual(adds);
  });

  test('of an event that the rate leaves out moves nothing', () => {
    expect(labelMoves([profile], eventAt(120, { cheap: true }), undefined, 'fraud')).toEqual([]);
  });
});

test('a further decision adds its outcome, once and of its detector alone', () => {
  const moves = (detector: string, ...outcomes: string[]) =>
    addsOf(outcomeMoves([profile], eventAt(0), { detector, outcomes }));

  expect(moves('cards', 'decline', 'review')).toEqual([['p1', { o0: 1 }]]);
  expect(moves('cards', 'approve')).toEqual([]);
  expect(moves('others', 'decline')).toEqual([]);
});

describe('moves of several events', () => {
  test('become one for each page, and none where they come to nothing', () => {
    const far = eventAt(3_600);
    const moves = [
      ...eventMoves([profile], eventAt(0, { amount: 3 }), nothing),
      ...eventMoves([profile], eventAt(59, { amount: 5 }), nothing),
      ...eventMoves([profile], eventAt(61, { amount: 4 }), nothing),
      ...labelMoves([profile], far, undefined, 'fraud'),
      ...labelMoves([profile], far, 'fraud', undefined),
    ];

    const merged = mergeMoves(moves);

    expect(addsOf(merged)).toEqual([['p1', { n0: 2, s0: 800, n1: 1, s1: 400 }]]);
    expect(Object.fromEntries(merged[0]!.sets)).toEqual({
      h0: { to: 500, keeps: 'higher', was: undefined },
      h1: { to: 400, keeps: 'higher', was: undefined },
    });
  });

  test('leave the moves that they are made of as they were', () => {
    const moves = [1, 2].flatMap((amount) => eventMoves([profile], eventAt(0, { amount }), nothing));
    const before = structuredClone(moves);

    mergeMoves(moves);

    expect(moves).toEqual(before);
  });
});

describe('what has to be read', () => {
  const feature = (name: string, windowMs: number, delayMs = 0) => ({
    name,
    profile: 'p1',
    roles: ['customer'],
    windowMs,
    delayMs,
    includesCurrent: false,
    reading: { kind: 'count', column: 'n' } as const,
  });
  const minutes = (at: number): number => (at - PAGE) / MINUTE;

  test.each([
    { what: 'a window', features: [feature('a', 15 * MINUTE)], from: -10, to: 0 },
    { what: 'several windows', features: [feature('a', MINUTE), feature('b', 45 * MINUTE)], from: -40, to: 0 },
    { what: 'a window that ends before', features: [feature('a', 15 * MINUTE, 30 * MINUTE)], from: -40, to: 0 },
    { what: 'nothing, for what is set', features: [], from: 0, to: 0 },
  ])('of $what are the pages from $from to $to minutes', ({ features, from, to }) => {
    const [range, ...others] = rangesOf({ reads: [profile], moves: [profile], features }, eventAt(299));

    expect(others).toEqual([]);
    expect(range).toMatchObject({ profile: 'p1', entity: `person:${CUSTOMER}` });
    expect([minutes(range!.fromMs), minutes(range!.toMs)]).toEqual([from, to]);
  });

  test('is nothing where nothing is set and nothing is seen', () => {
    expect(rangesOf({ reads: [], moves: [terminals], features: [] }, eventAt(0))).toEqual([]);
  });

  test('of a batch is one range for each profile and entity', () => {
    const plan = { reads: [profile], moves: [profile], features: [feature('a', 15 * MINUTE)] };

    const ranges = mergeRanges([0, 1_800, 700].flatMap((seconds) => rangesOf(plan, eventAt(seconds))));

    expect(ranges.map(({ fromMs, toMs }) => [minutes(fromMs), minutes(toMs)])).toEqual([[-20, 30]]);
  });
});

test.each([
  { kinds: ['person'], roles: ['customer'], key: `person:${CUSTOMER}` },
  { kinds: ['person', 'terminal'], roles: ['customer', 'terminal'], key: `person:${CUSTOMER}+terminal:${TERMINAL}` },
  { kinds: ['person'], roles: ['payee'], key: undefined },
  { kinds: ['person', 'person'], roles: ['customer', 'payee'], key: undefined },
  { kinds: ['person'], roles: ['constructor'], key: undefined },
])('the key of $roles is $key', ({ kinds, roles, key }) => {
  expect(entityKeyOf(kinds, roles, eventAt(0))).toBe(key);
});
