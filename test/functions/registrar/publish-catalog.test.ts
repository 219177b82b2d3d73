import { describe, expect, test } from '@jest/globals';

import { MemoryAuditArchive, MemoryObjectStore, MemoryRegistryStore } from '#adapters/memory-registry-store.ts';
import type { AuditEntry } from '#domain/audit.ts';
import { type CatalogAsset, CatalogAssetSchema } from '#domain/catalog/asset.ts';
import { valuesInListObject } from '#domain/catalog/list-object.ts';
import { CatalogSnapshotSchema } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import type { HeadMove } from '#ports/audit-trail.ts';
import type { Deadline } from '#ports/clock.ts';
import type { CountMetric } from '#ports/telemetry.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { publishCatalog } from '../../../functions/registrar/publish-catalog.ts';
import { moveHead } from '../../support/registry.ts';

const fileOf = (text: string) => ({ sha256: sha256Hex(text), base64: Buffer.from(text).toString('base64') });

const eventType = (changes: object = {}) => ({
  format: 1,
  eventType: 'card_payment',
  purpose: 'fraud-detection',
  entities: { customer: 'person' },
  variables: { amount: { type: 'money' } },
  ...changes,
});
const model = (bytes = 'model bytes', changes: object = {}) => ({
  document: {
    format: 1,
    model: 'trees',
    eventType: 'card_payment',
    kind: 'xgboost',
    file: 'trees.ubj',
    inputs: [{ name: 'amount', kind: 'number' }],
    ...changes,
  },
  file: fileOf(bytes),
});
const detector = (changes: object = {}) => ({
  format: 1,
  detector: 'payments',
  eventType: 'card_payment',
  members: [{ name: 'trees', kind: 'embedded', model: 'trees' }],
  rules: { otherwise: ['approve'] },
  ...changes,
});
const blocked = (...values: string[]) => ({ format: 1, list: 'blocked', of: 'person', values });

const anAsset = (changes: Partial<Record<keyof CatalogAsset, unknown>> = {}): CatalogAsset =>
  CatalogAssetSchema.parse({
    format: 1,
    eventTypes: [eventType()],
    detectors: [detector()],
    lists: [blocked('c-1')],
    models: [model()],
    references: [{ detector: 'payments', file: fileOf('{}') }],
    switches: { format: 1, rulesOnly: [] },
    ...changes,
  });

/** Tokens that can be read. */
const tokeniserOf = ({ count }: { readonly count: number }): Tokeniser => ({
  token: (domain, value) => `t${count}_${domain}:${value}`,
  tokens: (domain, value) => Array.from({ length: count }, (_, index) => `t${index + 1}_${domain}:${value}`),
  fingerprint: (content) => content,
});

const world = () => {
  const keys = { count: 1 };
  const registry = new MemoryRegistryStore();
  const objects = new MemoryObjectStore();
  const counted: Partial<Record<CountMetric, number>> = {};
  const archive = new MemoryAuditArchive();
  const ports = {
    registry,
    audit: registry,
    archive,
    objects,
    tokeniser: { current: async () => tokeniserOf(keys) },
    clock: { nowMs: () => Date.parse('2026-03-01T00:00:00Z') },
    metrics: {
      count: (name: CountMetric, value = 1) => {
        counted[name] = (counted[name] ?? 0) + value;
      },
      duration: () => {},
    },
    logger: silentLogger,
  };
  const publish = (asset: CatalogAsset) => publishCatalog(asset, deadlineIn(5_000), ports);
  const active = async () => {
    const head = (await registry.head())!;
    const bytes = (await objects.get(head.snapshotKey))!;
    expect(sha256Hex(bytes)).toBe(head.snapshotHash);
    return CatalogSnapshotSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  };
  /** The values that a list has by now. */
  const valuesOf = async (name: string) => {
    const list = (await active()).lists[name];
    if (!list || !('values' in list)) throw new Error(`list '${name}' has no values of its own`);
    return valuesInListObject((await objects.get(list.values.key))!);
  };
  return { archive, valuesOf, keys, registry, objects, counted, ports, publish, active };
};

test('a first catalog is numbered, pinned, tokenised and taken over', async () => {
  const { publish, active, objects, counted, valuesOf } = world();

  const publication = await publish(anAsset());

  expect(publication).toMatchObject({ revision: 1, moved: true, added: 4, refused: [] });
  const snapshot = await active();
  expect(snapshot.eventTypes.card_payment).toMatchObject({ version: 1 });
  expect(snapshot.detectors.payments).toMatchObject({ active: 1 });
  expect(snapshot.detectors.payments?.versions[0]?.document.members).toMatchObject([{ model: 'trees', version: 1 }]);
  expect(await valuesOf('blocked')).toEqual(['t1_person:c-1']);
  const { key } = snapshot.models['trees@1']!;
  expect(Buffer.from((await objects.get(key))!).toString()).toBe('model bytes');
  expect(Buffer.from((await objects.get(snapshot.references.payments!.key))!).toString()).toBe('{}');
  expect(counted).toEqual({ CatalogRegistered: 4 });
});

test('publishing the same catalog again changes nothing', async () => {
  const { publish, registry } = world();
  const first = await publish(anAsset());
  const head = await registry.head();

  const second = await publish(anAsset());

  expect(second).toEqual({ ...first, moved: false, added: 0 });
  expect(await registry.head()).toEqual(head);
});

test('roles stay in the order in which they are written, and another order is another version', async () => {
  const { publish, active } = world();
  const rolesAfter = async (entities: Record<string, string>) => {
    await publish(anAsset({ eventTypes: [eventType({ entities })] }));
    const { version, document } = (await active()).eventTypes.card_payment!;
    return { version, roles: Object.keys(document.entities) };
  };

  const first = await rolesAfter({ terminal: 'terminal', customer: 'person' });
  const second = await rolesAfter({ customer: 'person', terminal: 'terminal' });

  expect(first).toEqual({ version: 1, roles: ['terminal', 'customer'] });
  expect(second).toEqual({ version: 2, roles: ['customer', 'terminal'] });
});

test('a key that is added makes no other version of a list, and its values are found under every key', async () => {
  const { keys, publish, active, valuesOf } = world();
  const asset = anAsset({ lists: [{ ...blocked('c-1'), version: 1 }] });
  await publish(asset);

  keys.count = 2;
  const publication = await publish(asset);

  expect(publication).toMatchObject({ moved: true, added: 0, refused: [] });
  expect((await active()).lists.blocked).toMatchObject({ version: 1, values: { count: 1, keys: 2 } });
  expect(await valuesOf('blocked')).toEqual(['t1_person:c-1', 't2_person:c-1']);
  expect(await publish(anAsset({ lists: [{ ...blocked('c-1', 'c-2'), version: 1 }] }))).toMatchObject({
    refused: [{ kind: 'list', name: 'blocked' }],
  });
});

test('what has changed gets the next number, and so does what is pinned to it', async () => {
  const { publish, active } = world();
  await publish(anAsset());

  await publish(anAsset({ models: [model('better bytes')], lists: [blocked('c-1', 'c-2')] }));

  const snapshot = await active();
  expect(snapshot.eventTypes.card_payment?.version).toBe(1);
  expect(snapshot.lists.blocked?.version).toBe(2);
  expect(Object.keys(snapshot.models)).toEqual(['trees@1', 'trees@2']);
  expect(snapshot.detectors.payments?.active).toBe(2);
  const pinned = snapshot.detectors.payments?.versions.map(({ document }) => document.members[0]);
  expect(pinned).toMatchObject([{ version: 1 }, { version: 2 }]);
});

test('content that comes back is another version, for numbers only rise', async () => {
  const { publish, active } = world();
  await publish(anAsset());
  await publish(anAsset({ lists: [blocked('c-2')] }));

  await publish(anAsset());

  expect((await active()).lists.blocked?.version).toBe(3);
});

describe('versions that name their number', () => {
  const numbered = (version: number, changes: object = {}) =>
    detector({ version, members: [], rules: { otherwise: [`outcome-${version}`] }, ...changes });

  test('are immutable: other content is refused and alarmed, what stands stays, the rest goes on', async () => {
    const { publish, active, counted, valuesOf } = world();
    await publish(anAsset({ detectors: [numbered(7)] }));

    const publication = await publish(
      anAsset({ detectors: [numbered(7, { rules: { otherwise: ['changed'] } })], lists: [blocked('c-9')] }),
    );

    expect(publication.refused).toMatchObject([{ kind: 'detector', name: 'payments', version: 7 }]);
    expect(counted.CatalogRefused).toBe(1);
    const snapshot = await active();
    expect(snapshot.detectors.payments).toMatchObject({ active: 7 });
    expect(snapshot.detectors.payments?.versions[0]?.document.rules.otherwise).toEqual(['outcome-7']);
    expect(await valuesOf('blocked')).toEqual(['t1_person:c-9']);
  });

  test('stand by until they are active, without being other versions', async () => {
    const { publish, active } = world();
    await publish(anAsset({ detectors: [numbered(1)] }));
    await publish(anAsset({ detectors: [numbered(2, { status: 'standby' })] }));
    const standing = await active();

    const publication = await publish(anAsset({ detectors: [numbered(2)] }));

    expect(standing.detectors.payments?.active).toBe(1);
    expect(publication.refused).toEqual([]);
    expect((await active()).detectors.payments).toMatchObject({ active: 2 });
  });

  test('a refused model stands with the file that it was registered with', async () => {
    const { publish, active } = world();
    await publish(anAsset({ models: [model('first', { version: 1 })] }));

    await publish(anAsset({ models: [model('second', { version: 1 })] }));

    expect((await active()).models['trees@1']?.sha256).toBe(sha256Hex('first'));
  });
});

test('a detector that left the catalog stops deciding, and its versions stay with their models', async () => {
  const { publish, active } = world();
  await publish(anAsset());

  await publish(anAsset({ detectors: [], models: [] }));

  const snapshot = await active();
  expect(snapshot.detectors.payments?.active).toBeUndefined();
  expect(snapshot.detectors.payments?.versions).toHaveLength(1);
  expect(Object.keys(snapshot.models)).toEqual(['trees@1']);
});

test('a detector that comes and goes decides while it is there, under one version, however often', async () => {
  const { publish, active } = world();
  const found: unknown[] = [];

  // As runs with faults of SageMaker bring a detector with an endpoint, and runs without them do not.
  for (const asset of [anAsset(), anAsset({ detectors: [] }), anAsset(), anAsset(), anAsset({ detectors: [] })]) {
    await publish(asset);
    const { payments } = (await active()).detectors;
    found.push([payments?.active, payments?.versions.length]);
  }

  expect(found).toEqual([
    [1, 1],
    [undefined, 1],
    [1, 1],
    [1, 1],
    [undefined, 1],
  ]);
});

test('a detector whose model is not on record is refused, and the version before it goes on deciding', async () => {
  const { publish, active } = world();
  await publish(anAsset());
  const members = [{ name: 'trees', kind: 'embedded', model: 'trees', version: 9 }];

  const publication = await publish(anAsset({ detectors: [detector({ members })] }));

  expect(publication.refused).toMatchObject([{ kind: 'detector', problem: expect.stringContaining('trees@9') }]);
  expect((await active()).detectors.payments?.active).toBe(1);
});

test('a default that a later release adds makes no other content of a version on record', async () => {
  const { publish, registry, objects, active } = world();
  await publish(anAsset({ lists: [{ format: 1, list: 'plain', version: 1, values: ['a'] }] }));
  // As an earlier release would have written it: with a field less, hence with another hash.
  const earlier = new MemoryRegistryStore();
  const [version] = await registry.versions('list', 'plain');
  await earlier.addVersion({ ...version!, hash: 'of the earlier form' });
  const ports = { ...world().ports, registry: earlier, audit: earlier, objects };

  const publication = await publishCatalog(
    anAsset({ lists: [{ format: 1, list: 'plain', version: 1, values: ['a'] }] }),
    deadlineIn(5_000),
    ports,
  );

  expect(publication.refused).toEqual([]);
  expect((await active()).lists.plain?.version).toBe(1);
});

test('a head that was moved meanwhile is read again, and nothing of it is lost', async () => {
  const { registry, ports, publish, active, valuesOf } = world();
  await publish(anAsset());
  let rivals = 1;
  const raced = {
    ...ports,
    audit: {
      end: () => registry.end(),
      undelivered: () => registry.undelivered(),
      markDelivered: registry.markDelivered.bind(registry),
      append: async (entry: AuditEntry, deadline: Deadline, move?: HeadMove) => {
        if (rivals-- > 0) await publish(anAsset({ lists: [blocked('rival')] }));
        return registry.append(entry, deadline, move);
      },
    },
  };

  const publication = await publishCatalog(anAsset({ lists: [blocked('mine')] }), deadlineIn(5_000), raced);

  expect(publication.revision).toBe(3);
  // Registered as 2 at the first try; the rival's became 3, so its content came back as 4.
  expect((await active()).lists.blocked?.version).toBe(4);
  expect(await valuesOf('blocked')).toEqual(['t1_person:mine']);
});

test('a snapshot that was lost is written anew', async () => {
  const { registry, publish, active } = world();
  await publish(anAsset());
  await moveHead(registry, { revision: 2, snapshotKey: 'snapshots/lost.json', snapshotHash: 'lost' }, 1);

  await publish(anAsset());

  expect((await active()).detectors.payments?.active).toBe(1);
});

test('a file that was damaged on its way is not registered', async () => {
  const { publish } = world();
  const damaged = { ...model(), file: { ...fileOf('model bytes'), base64: 'AAAA' } };

  await expect(publish(anAsset({ models: [damaged] }))).rejects.toMatchObject({ code: 'invalid_input' });
});
