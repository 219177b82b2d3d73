import { expect, test } from '@jest/globals';

import { catalogJson } from '#domain/catalog/catalog-json.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { stump } from '../../support/scoring.ts';
import { anAsset, detector, eventType, fileOf, model, world } from './world.ts';

const blocked = (...values: string[]) => ({ format: 1, list: 'blocked', of: 'person', values });
const append = (...values: string[]) => ({ operation: 'append', values });

test('a run of the same deployment undoes nothing that the API has done', async () => {
  const { call, deploy, active, valuesOf, tokens, registry, entries } = await world();
  await call('PUT', '/v1/lists/blocked', append('c-2'));
  await call('PUT', '/v1/lists/vip', { operation: 'replace', values: ['x'] });
  await call('PUT', '/v1/switches/payments', { rulesOnly: true });
  await call('PUT', '/v1/catalog/event-types/card_payment', eventType({ description: 'by the API' }));
  await call('PUT', '/v1/catalog/models/trees', {
    document: model(),
    file: { base64: fileOf(stump({ at: 9 })).base64 },
  });
  await call('PUT', '/v1/catalog/detectors/payments', detector({ description: 'by the API' }));
  await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 2 });
  const before = await active();
  const head = await registry.head();
  const acts = entries().length;

  const { moved, added, refused } = await deploy(anAsset());

  expect({ moved, added, refused }).toEqual({ moved: false, added: 0, refused: [] });
  expect(await active()).toEqual(before);
  expect(await registry.head()).toEqual(head);
  expect(entries()).toHaveLength(acts);
  expect(await valuesOf('blocked')).toEqual(['c-1', 'c-2'].flatMap(tokens));
});

test('a deployment writes what its checkout has changed over what the API has written, and nothing else', async () => {
  const { call, deploy, active, valuesOf, tokens } = await world();
  await call('PUT', '/v1/lists/blocked', append('c-2'));
  await call('PUT', '/v1/switches/payments', { rulesOnly: true });

  await deploy(anAsset({ lists: [blocked('c-1', 'c-9')], eventTypes: [eventType({ description: 'new' })] }));

  expect(await valuesOf('blocked')).toEqual(['c-1', 'c-9'].flatMap(tokens));
  const { lists, eventTypes, switches } = await active();
  expect(lists.blocked?.version).toBe(3);
  expect(eventTypes.card_payment?.version).toBe(2);
  expect(switches.rulesOnly).toEqual(['payments']);
});

test('what the checkout has no more goes, unless the API wrote it last', async () => {
  const lists = [blocked('c-1'), { format: 1, list: 'old', values: ['a'] }, { format: 1, list: 'kept', values: ['b'] }];
  const { call, deploy, active } = await world(anAsset({ lists, switches: { format: 1, rulesOnly: ['payments'] } }));
  await call('PUT', '/v1/lists/kept', append('c'));

  await deploy(anAsset());

  const snapshot = await active();
  expect(Object.keys(snapshot.lists).sort()).toEqual(['blocked', 'kept']);
  expect(snapshot.switches.rulesOnly).toEqual([]);
  // By now the list is nobody's but the API's: no later deployment touches it.
  await deploy(anAsset({ lists: [blocked('c-3')] }));
  expect(Object.keys((await active()).lists).sort()).toEqual(['blocked', 'kept']);
});

test('a detector that the API has put on another version is not stopped by a checkout that forgets it', async () => {
  const { call, deploy, active } = await world();
  await call('PUT', '/v1/catalog/detectors/payments', detector({ description: 'by the API' }));
  await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 2 });

  await deploy(anAsset({ detectors: [] }));

  expect((await active()).detectors.payments?.active).toBe(2);
});

test('what the API has turned off and on again is its own: a checkout that forgets it takes neither away', async () => {
  const { call, deploy, active } = await world(anAsset({ switches: { format: 1, rulesOnly: ['payments'] } }));
  for (const rulesOnly of [false, true]) await call('PUT', '/v1/switches/payments', { rulesOnly });
  for (const version of [null, 1]) await call('PUT', '/v1/catalog/detectors/payments/activation', { version });

  await deploy(anAsset({ detectors: [] }));

  const { switches, detectors } = await active();
  expect(switches.rulesOnly).toEqual(['payments']);
  expect(detectors.payments?.active).toBe(1);
});

test('what the API wrote before any deployment was registered is not taken away by the first', async () => {
  const { call, deploy, active } = await world(null);
  expect(await call('PUT', '/v1/lists/vip', { operation: 'replace', values: ['x'] })).toMatchObject({ status: 200 });

  await deploy(anAsset());

  expect(Object.keys((await active()).lists).sort()).toEqual(['blocked', 'vip']);
});

test('a deployment that would break a detector of the API is held back as a whole, counted, until it is put right', async () => {
  const { call, deploy, active, counted } = await world();
  const rules = { list: [{ id: 'abroad', when: "$country != 'FR'", outcomes: ['review'] }], otherwise: ['approve'] };
  await call('PUT', '/v1/catalog/detectors/abroad', detector({ detector: 'abroad', members: [], rules }));
  await call('PUT', '/v1/catalog/detectors/abroad/activation', { version: 1 });
  const { country: _country, ...variables } = eventType().variables;
  const narrower = anAsset({ eventTypes: [eventType({ variables })], lists: [blocked('c-7')] });

  const { moved, refused } = await deploy(narrower);

  expect(moved).toBe(false);
  expect(refused).toMatchObject([{ kind: 'detector', name: 'abroad', problem: expect.stringContaining('held back') }]);
  expect(counted.get('CatalogRefused')).toBe(1);
  expect((await active()).lists.blocked?.version).toBe(1);
  await call('PUT', '/v1/catalog/detectors/abroad/activation', {});
  expect(await deploy(narrower)).toMatchObject({ moved: true, refused: [] });
});

test('a key that is added renews the lists of the deployment, and those of the API are told of', async () => {
  const { call, deploy, valuesOf, tokens, state, counted } = await world();
  await call('PUT', '/v1/lists/watched', { operation: 'replace', of: 'person', values: ['c-5'] });
  const before = tokens('c-5');
  state.keys.push('n'.repeat(32));

  await deploy(anAsset());

  expect(await valuesOf('blocked')).toEqual(tokens('c-1'));
  expect(await valuesOf('watched')).toEqual(before);
  expect(counted.get('ListsLackingKeys')).toBe(1);
  await call('PUT', '/v1/lists/watched', { operation: 'replace', values: ['c-5'] });
  await deploy(anAsset());
  expect(counted.get('ListsLackingKeys')).toBe(1);
});

test('no hash of a list of persons can be guessed from what the list may hold', async () => {
  const { active, deploy } = await world();
  const { deployed } = await active();
  const guess = sha256Hex(catalogJson({ format: 1, list: 'blocked', of: 'person', values: ['c-1'] }));

  expect(deployed?.['list#blocked']?.source).toHaveLength(64);
  expect(deployed?.['list#blocked']?.source).not.toBe(guess);
  expect(await deploy(anAsset())).toMatchObject({ moved: false });
});

test('a lost snapshot is mended with all that the API has done', async () => {
  const { call, deploy, active, registry, objects, entries } = await world();
  await call('PUT', '/v1/switches/payments', { rulesOnly: true });
  const before = await active();
  const { snapshotKey } = (await registry.head())!;
  objects.remove(snapshotKey);

  const { moved } = await deploy(anAsset());

  expect(moved).toBe(false);
  expect(await active()).toEqual(before);
  expect(entries()).toHaveLength(2);
});

test('a catalog that is lost with its copy is built from the deployment, loudly', async () => {
  const { call, deploy, active, registry, objects, counted, entries } = await world();
  await call('PUT', '/v1/switches/payments', { rulesOnly: true });
  const { snapshotKey, snapshotHash } = (await registry.head())!;
  objects.remove(snapshotKey);
  objects.remove(`copies/${snapshotHash}.json`);
  expect((await call('PUT', '/v1/switches/payments', { rulesOnly: false })).status).toBe(503);

  const { moved } = await deploy(anAsset());

  expect(moved).toBe(true);
  expect(counted.get('CatalogRebuilt')).toBe(1);
  expect(entries().at(-1)).toMatchObject({ act: 'catalog.rebuild' });
  expect((await active()).switches.rulesOnly).toEqual([]);
});
