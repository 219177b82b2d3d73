import { createHash } from 'node:crypto';

import { expect, test } from '@jest/globals';

import { MemoryObjectStore, MemoryRegistryStore } from '#adapters/memory-registry-store.ts';
import { RegistryCatalogSource } from '#adapters/registry-catalog-source.ts';
import type { CountMetric } from '#ports/telemetry.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { moveHead } from '../../../support/registry.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const snapshotWith = (...rulesOnly: string[]): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      format: 1,
      eventTypes: {},
      detectors: {},
      lists: {},
      models: {},
      references: {},
      switches: { format: 1, rulesOnly },
    }),
  );

/** A registry that counts how often its head is read, and can be down. */
const world = () => {
  const state = { nowMs: 0, reads: 0, down: false, counted: [] as CountMetric[] };
  const registry = new MemoryRegistryStore();
  const objects = new MemoryObjectStore();
  const source = new RegistryCatalogSource({
    registry: {
      head: async () => {
        state.reads++;
        if (state.down) throw new Error('down');
        return registry.head();
      },
    },
    objects,
    clock: { nowMs: () => state.nowMs },
    metrics: { count: (name) => state.counted.push(name), duration: () => {} },
  });
  const publish = async (revision: number, bytes: Uint8Array, hash = sha256(bytes)) => {
    await objects.put(`snapshots/${hash}.json`, bytes);
    const head = { revision, snapshotKey: `snapshots/${hash}.json`, snapshotHash: hash };
    await moveHead(registry, head, revision - 1);
  };
  return { state, source, objects, publish };
};

const soon = () => deadlineIn(1_000);

test('a caller with an older catalog at hand spends little of its time on a registry that hangs', async () => {
  const registry = new MemoryRegistryStore();
  const objects = new MemoryObjectStore();
  const state = { nowMs: 0, hangs: false };
  const source = new RegistryCatalogSource({
    registry: { head: async () => (state.hangs ? new Promise(() => {}) : registry.head()) },
    objects,
    clock: { nowMs: () => state.nowMs },
    metrics: { count: () => {}, duration: () => {} },
  });
  const bytes = snapshotWith('one');
  await objects.put('snapshots/one.json', bytes);
  await moveHead(registry, { revision: 1, snapshotKey: 'snapshots/one.json', snapshotHash: sha256(bytes) }, 0);
  const first = await source.current(soon());

  state.nowMs = 5_000;
  state.hangs = true;
  const deadline = deadlineIn(250);
  expect(await source.current(deadline)).toBe(first);
  expect(deadline.remainingMs()).toBeGreaterThan(150);
});

test('the catalog is read once within five seconds, and again after them', async () => {
  const { state, source, publish } = world();
  await publish(1, snapshotWith('one'));
  const first = await source.current(soon());
  await publish(2, snapshotWith('two'));

  state.nowMs = 4_999;
  const held = await source.current(soon());
  state.nowMs = 5_000;
  const renewed = await source.current(soon());

  expect(held).toBe(first);
  expect(renewed.rulesOnly('two')).toBe(true);
  expect(state.reads).toBe(2);
});

test('calls at the same time share one read', async () => {
  const { state, source, publish } = world();
  await publish(1, snapshotWith());

  await Promise.all([source.current(soon()), source.current(soon()), source.current(soon())]);

  expect(state.reads).toBe(1);
});

test('who misses a name in the catalog gets the newest one at once, and so does everybody after', async () => {
  const { state, source, publish } = world();
  await publish(1, snapshotWith('one'));
  await source.current(soon());
  await publish(2, snapshotWith('two'));

  const newest = await source.newest(soon());

  expect(newest.rulesOnly('two')).toBe(true);
  expect(await source.current(soon())).toBe(newest);
  state.down = true;
  await expect(source.newest(soon())).rejects.toMatchObject({ code: 'catalog_unavailable' });
});

test('while the registry is down the last catalog stays in use, counted and asked again after five seconds', async () => {
  const { state, source, publish } = world();
  await publish(1, snapshotWith('one'));
  const first = await source.current(soon());
  state.down = true;

  state.nowMs = 6_000;
  const stale = [await source.current(soon()), await source.current(soon())];
  state.nowMs = 11_000;
  await source.current(soon());

  expect(stale).toEqual([first, first]);
  expect(state.reads).toBe(3);
  expect(state.counted).toEqual(['CatalogStale', 'CatalogStale']);
});

test('without any catalog the failure says so, and the next call tries again', async () => {
  const { source, publish } = world();

  await expect(source.current(soon())).rejects.toMatchObject({ code: 'catalog_unavailable' });

  await publish(1, snapshotWith('one'));
  expect((await source.current(soon())).rulesOnly('one')).toBe(true);
});

test('a snapshot whose bytes do not match its hash is not taken over', async () => {
  const { state, source, publish } = world();
  await publish(1, snapshotWith('one'));
  await source.current(soon());
  await publish(2, snapshotWith('two'), 'f'.repeat(64));

  state.nowMs = 6_000;
  const catalog = await source.current(soon());

  expect(catalog.rulesOnly('one')).toBe(true);
  expect(state.counted).toEqual(['CatalogStale']);
});

test('objects are checked against their hash and kept', async () => {
  const { source, objects } = world();
  const bytes = Buffer.from('a model');
  await objects.put('objects/m', bytes);
  const object = { key: 'objects/m', sha256: sha256(bytes) };

  const first = await source.bytes(object, soon());
  await objects.put('objects/m', Buffer.from('something else'));
  const second = await source.bytes(object, soon());

  expect(first).toEqual(bytes);
  expect(second).toBe(first);
  await expect(source.bytes({ ...object, sha256: '0'.repeat(64) }, soon())).rejects.toMatchObject({
    code: 'catalog_unavailable',
  });
});

test('a caller waits no longer than its own deadline', async () => {
  const { source } = world();
  const hanging = new RegistryCatalogSource({
    registry: { head: () => new Promise(() => {}) },
    objects: new MemoryObjectStore(),
    clock: { nowMs: () => 0 },
    metrics: { count: () => {}, duration: () => {} },
  });

  const started = performance.now();
  await expect(hanging.current(deadlineIn(40))).rejects.toMatchObject({ code: 'catalog_unavailable' });
  await expect(source.current(deadlineIn(0))).rejects.toMatchObject({ code: 'catalog_unavailable' });

  expect(performance.now() - started).toBeLessThan(1_000);
});
