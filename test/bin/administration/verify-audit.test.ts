import { describe, expect, test } from '@jest/globals';

import { type AuditEntry, BEFORE_FIRST, type ChainEnd, linkTo } from '#domain/audit.ts';
import { type AuditLog, type StoredPlace, verifyAudit } from '../../../bin/administration/verify-audit.ts';
import { aRecord } from '../../support/registry.ts';

const chainOf = (count: number): AuditEntry[] => {
  const entries: AuditEntry[] = [];
  for (let index = 0; index < count; index++) {
    const at = new Date(Date.parse('2026-11-22T10:00:00Z') + index * 1_000).toISOString();
    entries.push(linkTo(entries.at(-1) ?? BEFORE_FIRST, aRecord({ at, act: 'list.append' })));
  }
  return entries;
};
const stored = (entries: readonly AuditEntry[]): StoredPlace[] =>
  entries.map((entry) => ({ sequence: entry.sequence, content: JSON.parse(JSON.stringify(entry)), later: 0 }));
const logOf = (places: readonly StoredPlace[], waiting: readonly AuditEntry[], end: ChainEnd): AuditLog => ({
  async *stored() {
    yield* places;
  },
  waiting: async () => waiting,
  end: async () => end,
});
const five = chainOf(5);
const last = five.at(-1)!;

describe('an audit log', () => {
  test.each([
    ['without entries', [], [], BEFORE_FIRST, { ok: true, entries: 0, waiting: 0 }],
    ['all of whose entries are in the bucket', stored(five), [], last, { ok: true, entries: 5, waiting: 0 }],
    ['whose newest wait', stored(five.slice(0, 3)), five.slice(2), last, { ok: true, entries: 5, waiting: 2 }],
    ['to which one came meanwhile', stored(five), [], five[3]!, { ok: true, entries: 5, waiting: 0 }],
  ])('%s is whole', async (_, places, waiting, end, verification) => {
    expect(await verifyAudit(logOf(places, waiting, end))).toEqual(verification);
  });

  const rewritten = linkTo(five[1]!, aRecord({ act: 'switch.set' }));
  const changed = (places: StoredPlace[], at: number, content: unknown): StoredPlace[] =>
    places.map((place) => (place.sequence === at ? { ...place, content } : place));
  test.each([
    ['lacks an entry', stored(five).filter(({ sequence }) => sequence !== 2), 2, 'missing'],
    ['was changed in one', changed(stored(five), 3, { ...five[2], act: 'switch.set' }), 3, 'was changed'],
    ['was changed in one with its hash made anew', changed(stored(five), 3, rewritten), 4, 'does not continue'],
    ['was cut at its end', stored(five.slice(0, 3)), 4, 'missing'],
    [
      'was written over',
      stored(five).map((place) => (place.sequence === 2 ? { ...place, later: 1 } : place)),
      2,
      'written over',
    ],
    ['holds something else', changed(stored(five), 1, { note: 'x' }), 1, 'not one that Assay writes'],
    ['holds an entry twice', changed(stored(five), 5, five[3]), 5, 'stands in its place'],
  ])('that %s is broken there, and nowhere before', async (_, places, sequence, why) => {
    const verification = await verifyAudit(logOf(places, [], last));

    expect(verification).toMatchObject({ ok: false, broken: { sequence, why: expect.stringContaining(why) } });
  });

  test('whose end was rewritten together with its hash is told by the registry', async () => {
    const forged = linkTo(five[3]!, aRecord({ act: 'switch.set' }));

    const verification = await verifyAudit(logOf(changed(stored(five), 5, forged), [], last));

    expect(verification).toMatchObject({ ok: false, broken: { sequence: 5 } });
  });
});
