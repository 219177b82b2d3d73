import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { linkTo } from '#domain/audit.ts';
import type { AuditTrail } from '#ports/audit-trail.ts';
import type { RegisteredVersion, RegistryHead, RegistryStore } from '#ports/registry-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { aRecord, moveHead } from '../support/registry.ts';

/** A registry under test, empty at first. */
export interface RegistryUnderTest {
  readonly store: RegistryStore;
  readonly trail: AuditTrail;
  close(): Promise<void>;
}

const soon = () => deadlineIn(5_000);

const aVersion = (overrides: Partial<RegisteredVersion> = {}): RegisteredVersion => ({
  kind: 'detector',
  name: 'card-payments',
  version: 1,
  hash: 'a'.repeat(64),
  documentKey: 'objects/d',
  documentSha256: 'd'.repeat(64),
  registeredAt: '2026-03-01T00:00:00.000Z',
  ...overrides,
});

const aHead = (revision: number, hash = `hash-${revision}`) => ({
  revision,
  snapshotKey: `snapshots/${hash}.json`,
  snapshotHash: hash,
});

/** What every {@link RegistryStore} must do. Tests of versions use names of their own; those of the head are in order. */
export const registryStoreContract = (name: string, open: () => Promise<RegistryUnderTest>): void => {
  describe(`a registry (${name})`, () => {
    let under: RegistryUnderTest;
    const store = () => under.store;
    const trail = () => under.trail;
    const move = (head: RegistryHead, expected: number) => moveHead(trail(), head, expected);
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    test('has nothing of what was never registered', async () => {
      expect(await store().versions('detector', 'unseen', soon())).toEqual([]);
      expect(await store().head(soon())).toBeUndefined();
    });

    test('gives back versions as they were added, oldest first, those of another kind or name apart', async () => {
      const versions = [2, 10, 1].map((version) => aVersion({ name: 'ordered', version }));
      for (const version of versions) await store().addVersion(version, soon());
      const model = aVersion({ kind: 'model', name: 'ordered', fileSha256: 'f'.repeat(64) });
      await store().addVersion(model, soon());
      await store().addVersion(aVersion({ name: 'ordered-too' }), soon());

      const found = await store().versions('detector', 'ordered', soon());

      expect(found.map(({ version }) => version)).toEqual([1, 2, 10]);
      expect(found[0]).toEqual(versions[2]);
      expect(await store().versions('model', 'ordered', soon())).toEqual([model]);
    });

    test('keeps the first of two versions with one number', async () => {
      const first = aVersion({ name: 'taken' });
      await store().addVersion(first, soon());

      const kept = await store().addVersion({ ...first, hash: 'b'.repeat(64) }, soon());

      expect(kept).toEqual(first);
      expect(await store().versions('detector', 'taken', soon())).toEqual([first]);
    });

    test('moves the head only from the revision that the mover has seen', async () => {
      expect(await move(aHead(2), 1)).toBe(false);
      expect(await move(aHead(1), 0)).toBe(true);
      expect(await move(aHead(2), 1)).toBe(true);
      expect(await move(aHead(2, 'other'), 1)).toBe(false);

      expect(await store().head(soon())).toEqual(aHead(2));
    });

    test('a move that is repeated because its answer was lost has moved the head, and is told of once', async () => {
      const end = await trail().end(soon());
      const entry = linkTo(end, aRecord({ revision: 3 }));
      const thrice = { head: aHead(3), expected: 2 };

      expect(await trail().append(entry, soon(), thrice)).toBe(true);
      expect(await trail().append(entry, soon(), thrice)).toBe(true);

      expect(await trail().end(soon())).toEqual({ sequence: end.sequence + 1, hash: entry.hash });
      expect(await store().head(soon())).toEqual(aHead(3));
    });

    test('an act that moved nothing has its entry, and the head stays', async () => {
      const entry = linkTo(await trail().end(soon()), aRecord({ outcome: 'refused', reason: 'reserved' }));

      expect(await trail().append(entry, soon())).toBe(true);

      expect(await store().head(soon())).toEqual(aHead(3));
      expect((await trail().undelivered(soon())).at(-1)).toEqual(entry);
    });

    test('the chain has no forks: of two entries behind the same one, the first is written, and its move alone', async () => {
      const end = await trail().end(soon());
      const [mine, rival] = [linkTo(end, aRecord()), linkTo(end, aRecord({ at: '2026-03-02T00:00:00.000Z' }))];
      expect(await trail().append(mine, soon())).toBe(true);

      expect(await trail().append(rival, soon(), { head: aHead(4), expected: 3 })).toBe(false);

      expect(await store().head(soon())).toEqual(aHead(3));
      expect(await trail().end(soon())).toMatchObject({ hash: mine.hash });
    });

    test('a move that comes too late writes no entry', async () => {
      const end = await trail().end(soon());

      expect(await move(aHead(9), 8)).toBe(false);

      expect(await trail().end(soon())).toEqual(end);
    });

    test('entries wait in order until they are delivered, and are not given back then', async () => {
      const waiting = await trail().undelivered(soon());
      expect(waiting.map(({ sequence }) => sequence)).toEqual(waiting.map((_, index) => index + 1));
      expect(waiting.length).toBeGreaterThan(3);

      await trail().markDelivered(3, soon());
      await trail().markDelivered(2, soon());

      expect((await trail().undelivered(soon()))[0]).toEqual(waiting[3]);
    });
  });
};
