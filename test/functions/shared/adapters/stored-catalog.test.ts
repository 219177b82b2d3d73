import { readFileSync } from 'node:fs';

import { type AttributeValue, CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoAuditTrail } from '#adapters/dynamo-audit-trail.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { MemoryAuditArchive, MemoryObjectStore } from '#adapters/memory-registry-store.ts';
import { RegistryCatalogSource } from '#adapters/registry-catalog-source.ts';
import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { BEFORE_FIRST, checkLink } from '#domain/audit.ts';
import { CatalogAssetSchema } from '#domain/catalog/asset.ts';
import { valuesInListObject } from '#domain/catalog/list-object.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { seeCatalog } from '../../../../functions/registrar/commit-snapshot.ts';
import { publishCatalog } from '../../../../functions/registrar/publish-catalog.ts';
import { createPreparer } from '../../../../functions/scoring/prepare-detector.ts';
import { pairTable, type Served, serveDynamoDb } from '../../../local/dynamodb/serve.ts';
import { fixedClock } from '../../../support/scoring.ts';

interface Stored {
  readonly asset: unknown;
  readonly items: readonly Record<string, AttributeValue>[];
  readonly objects: Readonly<Record<string, string>>;
}
const stored = (name: string): Stored =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/stored/v1/${name}.json`, import.meta.url), 'utf8')) as Stored;
const soon = () => deadlineIn(5_000);

const bySortKey = (left: Stored['items'][number], right: Stored['items'][number]): number =>
  (left.sk?.S ?? '') < (right.sk?.S ?? '') ? -1 : 1;

/** A registry as it was stored, and what works on it. */
const storedRegistry = (name: string) => {
  const { asset, items, objects: kept } = stored(name);
  let served: Served;
  const objects = new MemoryObjectStore();
  const call = createAwsCaller({ random: () => 0, metrics: silentMetrics });
  const tokeniser = hmacTokeniser({ current: 1, keys: ['0123456789abcdef0123456789abcdef'] });
  beforeAll(async () => {
    served = await serveDynamoDb();
    await served.client.send(new CreateTableCommand(pairTable('registry')));
    for (const Item of items) await served.client.send(new PutItemCommand({ TableName: 'registry', Item }));
    for (const [key, text] of Object.entries(kept)) await objects.put(key, Buffer.from(text));
  });
  afterAll(() => served.close());
  const ports = () => ({
    registry: new DynamoRegistryStore(served.client, 'registry', call),
    audit: new DynamoAuditTrail(served.client, 'registry', call),
    archive: new MemoryAuditArchive(),
    objects,
    tokeniser: { current: async () => tokeniser },
    clock: fixedClock,
    metrics: silentMetrics,
    logger: silentLogger,
  });
  const decidingBy = async () => {
    const source = new RegistryCatalogSource(ports());
    const catalog = await source.current(soon());
    const prepare = createPreparer({ catalog: source, clock: fixedClock, metrics: silentMetrics });
    return prepare(catalog, catalog.detector('payments')!, soon(), silentLogger);
  };
  return { asset: CatalogAssetSchema.parse(asset), objects, tokeniser, ports, decidingBy };
};

describe('the registry as release 0.1 left it', () => {
  const { asset, objects, tokeniser, ports, decidingBy } = storedRegistry('catalog');

  test('is decided by, its lists within the snapshot', async () => {
    const { lists, listVersions, degraded } = await decidingBy();

    expect(degraded).toEqual([]);
    expect(listVersions).toEqual({ blocked: 1, risky: 1 });
    expect([...lists.get('blocked')!.keys()]).toEqual(['c-1', 'c-2'].map((id) => tokeniser.token('person', id)));
    expect(lists.get('risky')).toEqual(
      new Map([
        ['FR', Number.POSITIVE_INFINITY],
        ['ES', Date.parse('2027-01-01T00:00:00Z')],
      ]),
    );
  });

  test('keeps its numbers when the next release publishes the same catalog, and its lists move out', async () => {
    const before = await seeCatalog(soon(), ports());

    const publication = await publishCatalog(asset, soon(), ports());

    expect(publication).toMatchObject({ revision: 2, moved: true, added: 0, refused: [] });
    const { snapshot } = await seeCatalog(soon(), ports());
    expect(snapshot?.detectors.payments).toMatchObject({ active: 1, versions: [{ version: 1 }] });
    const { risky } = snapshot!.lists;
    expect(risky).toMatchObject({ version: 1, hash: before.snapshot?.lists.risky?.hash, values: { count: 2 } });
    const values = risky && 'values' in risky ? await objects.get(risky.values.key) : undefined;
    expect(valuesInListObject(values!)).toEqual(['FR', { value: 'ES', until: '2027-01-01T00:00:00Z' }]);
    expect(await publishCatalog(asset, soon(), ports())).toMatchObject({ revision: 2, moved: false });
    expect((await decidingBy()).listVersions).toEqual({ blocked: 1, risky: 1 });
  });
});

describe('the registry as administrators have changed it', () => {
  const { asset, tokeniser, ports, decidingBy } = storedRegistry('administered-catalog');

  test('is decided by, its lists apart', async () => {
    const { lists, listVersions, rulesOnly, degraded } = await decidingBy();

    expect({ listVersions, rulesOnly, degraded }).toEqual({
      listVersions: { blocked: 2, risky: 1 },
      rulesOnly: true,
      degraded: [],
    });
    expect(lists.get('blocked')?.get(tokeniser.token('person', 'c-3'))).toBe(Date.parse('2027-01-01T00:00:00Z'));
    const [, byApi] = await ports().registry.versions('list', 'blocked', soon());
    expect(byApi?.writtenBy).toContain('assumed-role/Administrator/alice');
  });

  test('keeps its audit chain, which the next act goes on from, and stays as it is under its deployment', async () => {
    let end = BEFORE_FIRST;
    for (const { entry } of stored('administered-catalog').items.toSorted(bySortKey)) {
      if (!entry?.S) continue;
      const link = checkLink(end, JSON.parse(entry.S));
      expect(link).toMatchObject({ ok: true });
      if (link.ok) end = link.entry;
    }
    expect(end.sequence).toBe(3);
    expect(await ports().audit.undelivered(soon())).toEqual([]);
    expect(await ports().audit.end(soon())).toEqual({ sequence: end.sequence, hash: end.hash });
    expect(await publishCatalog(asset, soon(), ports())).toMatchObject({ revision: 3, moved: false, refused: [] });
  });
});
