import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { RegisteredVersion, RegistryStore } from '#ports/registry-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';

/** A registry under test, empty at first. */
export interface RegistryUnderTest {
  readonly store: RegistryStore;
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
      expect(await store().moveHead(aHead(2), 1, soon())).toBe(false);
      expect(await store().moveHead(aHead(1), 0, soon())).toBe(true);
      expect(await store().moveHead(aHead(2), 1, soon())).toBe(true);
      expect(await store().moveHead(aHead(2, 'other'), 1, soon())).toBe(false);

      expect(await store().head(soon())).toEqual(aHead(2));
    });

    test('a move that is repeated because its answer was lost has moved the head', async () => {
      expect(await store().moveHead(aHead(3), 2, soon())).toBe(true);

      expect(await store().moveHead(aHead(3), 2, soon())).toBe(true);
    });
  });
};
