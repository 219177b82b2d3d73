import { expect, test } from '@jest/globals';

import { BEFORE_FIRST, linkTo } from '#domain/audit.ts';
import { changesBetween } from '#domain/catalog/changes.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { aRecord } from '../../../support/registry.ts';
import { world } from '../../administration/world.ts';

const standing = async (): Promise<CatalogSnapshot> => (await world()).active();

test('a first catalog changes all that it has', async () => {
  const changes = changesBetween(undefined, await standing());

  expect(changes.map(({ kind, name, before }) => [kind, name, before])).toEqual([
    ['event-type', 'card_payment', undefined],
    ['list', 'blocked', undefined],
    ['model', 'trees', undefined],
    ['detector', 'payments', undefined],
  ]);
});

test('the same catalog changes nothing', async () => {
  const snapshot = await standing();

  expect(changesBetween(snapshot, structuredClone(snapshot))).toEqual([]);
});

test.each<[string, (snapshot: CatalogSnapshot) => void, object]>([
  ['a switch', ({ switches }) => switches.rulesOnly.push('payments'), { kind: 'switch', name: 'payments', after: {} }],
  [
    'a list that went',
    (snapshot) => {
      snapshot.lists = {};
    },
    { kind: 'list', name: 'blocked', before: { version: 1 } },
  ],
  [
    'a detector that stands by',
    ({ detectors }) => {
      delete detectors.payments?.active;
    },
    {
      kind: 'detector',
      name: 'payments',
      before: { version: 1, decides: true },
      after: { version: 1, hash: expect.any(String) },
    },
  ],
  [
    'a version that only stands by',
    ({ detectors: { payments } }) => payments?.versions.push({ ...payments.versions[0]!, version: 2, hash: 'other' }),
    { kind: 'detector', name: 'payments', after: { version: 2, hash: 'other' } },
  ],
  [
    'values under a key more',
    ({ lists: { blocked } }) => {
      if (blocked && 'values' in blocked) blocked.values.sha256 = 'other';
    },
    { kind: 'list', name: 'blocked', after: { version: 1, hash: 'other' } },
  ],
])('%s is one change', async (_, change, expected) => {
  const before = await standing();
  const after = structuredClone(before);
  change(after);

  expect(changesBetween(before, after)).toMatchObject([expected]);
});

test('an entry names at most a thousand changes, and how many more there were', () => {
  const changes = Array.from({ length: 1_002 }, (_, index) => ({ kind: 'list' as const, name: `list-${index}` }));

  const entry = linkTo(BEFORE_FIRST, aRecord({ changes }));

  expect(entry.changes).toHaveLength(1_000);
  expect(entry.furtherChanges).toBe(2);
});
