import { describe, expect, test } from '@jest/globals';

import { pageSk, pagesPk, pageUpdate } from '#adapters/dynamo-page-items.ts';
import type { Event } from '#domain/event.ts';
import { featurePlansOf } from '#features/history/compile.ts';
import { columnKeyOf, MAX_KEPT_TEXT, overheadBytesOf, PAGE_BYTES } from '#features/history/compile-widths.ts';
import type { Measure, Profile } from '#features/history/plan.ts';
import { entityKeyOf } from '#features/history/state/places.ts';
import { cellName, type PageMove, type Stamp } from '#features/history/state/types.ts';
import { type Item, itemBytes } from '#local/dynamodb/values.ts';
import { paymentType, type Written } from './catalogs.ts';

const TOKEN = `t9999_${'x'.repeat(24)}`;
const EVENT: Pick<Event, 'entities'> = { entities: { customer: TOKEN, terminal: TOKEN } };
const LATEST_MS = Date.UTC(2999, 11, 31);
const STAMP: Stamp = { value: '\u0001'.repeat(MAX_KEPT_TEXT), atMs: LATEST_MS, eventId: 'x'.repeat(128) };

/** The widest that a cell of each kind can be. */
const WIDEST: Readonly<Record<Measure['kind'], bigint | number | Stamp>> = {
  count: 10 ** 12 - 1,
  labelled: 10 ** 12 - 1,
  outcome: 10 ** 12 - 1,
  sum: -(2n ** 53n - 1n) * 10n ** 12n,
  squares: 10n ** 38n - 1n,
  min: -Number.MAX_SAFE_INTEGER,
  max: -Number.MAX_SAFE_INTEGER,
  first: STAMP,
  last: STAMP,
  distinct: 256,
};

/** A full page of the profile as it is stored, every cell as wide as it can be. */
const fullPage = (profile: Profile): Item => {
  const place = {
    profile: profile.hash,
    entity: entityKeyOf(profile.kinds, profile.roles, EVENT)!,
    startMs: LATEST_MS,
  };
  const move = {
    ...place,
    keepUntilMs: LATEST_MS,
    adds: new Map(),
    marks: new Map(),
    sets: new Map(),
  } satisfies PageMove;
  for (const { key, measure } of profile.columns) {
    for (let slot = 0; slot < profile.pageMs / profile.slotMs; slot += 1) {
      const [name, widest] = [cellName(key, slot), WIDEST[measure.kind]];
      if (measure.kind === 'distinct') move.marks.set(name, new Set(Array.from({ length: 256 }, (_, mark) => mark)));
      else if (['min', 'max', 'first', 'last'].includes(measure.kind)) {
        move.sets.set(name, { to: widest, keeps: 'higher', was: undefined });
      } else move.adds.set(name, widest);
    }
  }
  const { ExpressionAttributeValues: values = {} } = pageUpdate('t', move, LATEST_MS / 1_000).Update!;
  // As it travels: bytes in base 64.
  const cells = Object.entries(values).map(([name, value]) => [
    name.slice(1),
    value.BS ? { BS: value.BS.map(base64) } : value,
  ]);
  return { pk: { S: pagesPk(place) }, sk: { S: pageSk(LATEST_MS) }, ...Object.fromEntries(cells) };
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const over = { per: ['customer', 'terminal'], window: '7d' };

describe('a full page with the widest cells that there can be takes at most 1 KB as it is stored', () => {
  test.each<[string, Written]>([
    ['counts', { a: { ...over, count: true } }],
    ['labels and outcomes', { a: { ...over, rate: 'fraud' }, b: { ...over, rate: { detector: 'd', outcome: 'o' } } }],
    ['sums and squares', { a: { ...over, stddev: 'amount' }, b: { ...over, stddev: 'fee' } }],
    [
      'least and greatest',
      { a: { ...over, min: 'fee' }, b: { ...over, max: 'fee' }, c: { ...over, since_last: true } },
    ],
    ['the latest texts', { a: { ...over, last: 'country' }, b: { ...over, last: 'email' } }],
    ['different values', { a: { ...over, distinct: 'country' }, b: { ...over, distinct: 'ip' } }],
    [
      'more columns than there are letters',
      Object.fromEntries(
        Array.from({ length: 30 }, (_, at) => [`f${at}`, { ...over, count: true, where: `$amount > ${at}` }]),
      ),
    ],
  ])('%s', (_, features) => {
    for (const kinds of [
      { customer: 'c', terminal: 't' },
      { customer: 'c'.repeat(64), terminal: 't'.repeat(64) },
    ]) {
      const { reads } = featurePlansOf([paymentType(features, { entities: kinds })]).get('card_payment')!.history;

      expect(reads.length).toBeGreaterThan(0);
      for (const profile of reads) {
        const bytes = itemBytes(fullPage(profile));
        expect(bytes).toBeLessThanOrEqual(PAGE_BYTES);
        // The bound is close: were it loose, pages would be shorter than they need be.
        expect(bytes).toBeGreaterThan(PAGE_BYTES / 2);
      }
    }
  });
});

test('a page without cells takes no more than is reckoned for it', () => {
  const [profile] = featurePlansOf([paymentType({ a: { ...over, count: true } })]).get('card_payment')!.history.reads;
  const empty = fullPage({ ...profile!, columns: [] });

  expect(itemBytes(empty)).toBeLessThanOrEqual(overheadBytesOf(profile!.kinds));
});

test('columns have the keys a to z, then aa and so on', () => {
  expect([0, 25, 26, 51, 52, 701, 702].map(columnKeyOf)).toEqual(['a', 'z', 'aa', 'az', 'ba', 'zz', 'aaa']);
});
