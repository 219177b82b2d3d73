import { randomBytes } from 'node:crypto';

import { MemoryAuditArchive, MemoryObjectStore, MemoryRegistryStore } from '#adapters/memory-registry-store.ts';
import { RegistryCatalogSource } from '#adapters/registry-catalog-source.ts';
import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { CatalogAssetSchema } from '#domain/catalog/asset.ts';
import type { Catalog } from '#domain/catalog/catalog.ts';
import type { RegisteredDetector } from '#domain/catalog/detector.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import { deadlineIn, systemClock } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { publishCatalog } from '../../functions/registrar/publish-catalog.ts';
import { createPreparer } from '../../functions/scoring/prepare-detector.ts';
import type { PreparedDetector } from '../../functions/scoring/prepared-detector.ts';
import { compileCatalog } from '../catalog/compile.ts';
import type { ReadOptions } from '../catalog/read-catalog.ts';

/** A catalog's folder, registered in memory as a deployment would register it. */
export interface MemoryCatalog {
  readonly source: CatalogSource;
  readonly catalog: Catalog;
  /** Under a key of this run alone: lists of persons match, and nothing that is written can be joined with anything. */
  readonly tokeniser: Tokeniser;
}

/** A detector of a catalog's folder, ready to judge on this machine. */
export interface OpenDetector {
  readonly prepared: PreparedDetector;
  /** As the catalog's: of this run alone. */
  readonly tokeniser: Tokeniser;
}

const LONG_MS = 600_000;

/** Registers the catalog of a folder in memory. @throws {Error} that says what is wrong with it. */
export const openCatalog = async (folder: string, options: ReadOptions = {}): Promise<MemoryCatalog> => {
  const asset = CatalogAssetSchema.parse(JSON.parse(compileCatalog(folder, options)));
  const registry = new MemoryRegistryStore();
  const objects = new MemoryObjectStore();
  const tokeniser = hmacTokeniser({ current: 1, keys: [randomBytes(32).toString('hex')] });
  const ports = { registry, objects, clock: systemClock, metrics: silentMetrics };
  const tokens = { current: async () => tokeniser };
  const { refused } = await publishCatalog(asset, deadlineIn(LONG_MS), {
    ...ports,
    audit: registry,
    archive: new MemoryAuditArchive(),
    tokeniser: tokens,
    logger: silentLogger,
  });
  const [refusal] = refused;
  if (refusal) throw new Error(`${refusal.kind} '${refusal.name}' cannot be registered: ${refusal.problem}`);
  const source = new RegistryCatalogSource(ports);
  return { source, catalog: await source.current(deadlineIn(LONG_MS)), tokeniser };
};

/**
 * Registers the catalog of a folder in memory, and prepares one of its detectors.
 *
 * @throws {Error} that says what is wrong with the catalog, or which detectors there are.
 */
export const openDetector = async (folder: string, name: string, options: ReadOptions = {}): Promise<OpenDetector> => {
  const { source, catalog, tokeniser } = await openCatalog(folder, options);
  const prepare = createPreparer({ catalog: source, clock: systemClock, metrics: silentMetrics });
  return { prepared: await prepare(catalog, detectorIn(catalog, name), deadlineIn(LONG_MS), silentLogger), tokeniser };
};

/** The active version, or the newest while all stand by. */
const detectorIn = ({ snapshot, detector }: Catalog, name: string): RegisteredDetector => {
  const versions = snapshot.detectors[name]?.versions ?? [];
  const newest = Math.max(...versions.map(({ version }) => version));
  const found = detector(name) ?? detector(name, newest);
  if (found) return found;
  const there = Object.keys(snapshot.detectors).join(', ') || 'none';
  throw new Error(`there is no detector '${name}' in the catalog; it has: ${there}`);
};
