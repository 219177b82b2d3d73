import type { CatalogAsset } from '#domain/catalog/asset.ts';
import { catalogJson } from '#domain/catalog/catalog-json.ts';
import { type CatalogSnapshot, CatalogSnapshotSchema } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { ObjectStore, RegistryHead, RegistryStore } from '#ports/registry-store.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import type { TokeniserSource } from '#ports/tokeniser.ts';
import { nextSnapshot } from './next-snapshot.ts';
import { bytesOf, type RegisteredDocuments, registerDocuments } from './register-documents.ts';
import { objectKey } from './register-version.ts';
import type { Refusal } from './registration-desk.ts';

export interface RegistrarPorts {
  readonly registry: RegistryStore;
  /** The models bucket. */
  readonly objects: ObjectStore;
  readonly tokeniser: TokeniserSource;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** What publishing a catalog came to. */
export interface Publication {
  readonly revision: number;
  readonly snapshotHash: string;
  /** False when this very catalog was active already. */
  readonly moved: boolean;
  /** Versions that are new. */
  readonly added: number;
  readonly refused: readonly Refusal[];
}

/** Somebody else moved the head meanwhile: what they did is read, and the catalog published on top of it. */
const MAX_TRIES = 5;

/**
 * Makes a catalog the active one: numbers what has changed, stores it, writes the snapshot and moves the head.
 *
 * Publishing the same catalog again changes nothing. A version that is there with other content is refused, counted as
 * `CatalogRefused` at every run until it is put right, and what stands stays active; the rest goes on.
 *
 * @throws {ServiceError} when a store is down or others keep moving the head; the next run goes on from there.
 */
export const publishCatalog = async (
  asset: CatalogAsset,
  deadline: Deadline,
  ports: RegistrarPorts,
): Promise<Publication> => {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const head = await ports.registry.head(deadline);
    const previous = head && (await readSnapshot(head, deadline, ports));
    const documents = await registerDocuments(asset, previous, deadline, ports);
    const publication = await activate({ asset, documents, head, previous }, deadline, ports);
    if (publication) return reported(publication, ports);
  }
  throw new ServiceError('conflict', 'others keep moving the head of the registry; the next run tries again');
};

interface Change {
  readonly asset: CatalogAsset;
  readonly documents: RegisteredDocuments;
  readonly head: RegistryHead | undefined;
  readonly previous: CatalogSnapshot | undefined;
}

/** @returns undefined when the head was moved meanwhile. */
const activate = async (
  { asset, documents, head, previous }: Change,
  deadline: Deadline,
  { registry, objects }: RegistrarPorts,
): Promise<Publication | undefined> => {
  const snapshot = CatalogSnapshotSchema.parse(nextSnapshot(asset, documents, previous));
  const bytes = Buffer.from(catalogJson(snapshot));
  const snapshotHash = sha256Hex(bytes);
  const { added, refused } = documents;
  const unchanged = head?.snapshotHash === snapshotHash && { revision: head.revision, snapshotHash, moved: false };
  if (unchanged && previous) return { ...unchanged, added, refused };
  await storeReferences(asset, previous, deadline, objects);
  const snapshotKey = `snapshots/${snapshotHash}.json`;
  await objects.put(snapshotKey, bytes, 'application/json', deadline);
  // The head was right all along; what it points to was lost, and is there again.
  if (unchanged) return { ...unchanged, added, refused };
  const seen = head?.revision ?? 0;
  const revision = seen + 1;
  const moved = await registry.moveHead({ revision, snapshotKey, snapshotHash }, seen, deadline);
  return moved ? { revision, snapshotHash, moved, added, refused } : undefined;
};

/** Stores the score references that were not in use before. */
const storeReferences = async (
  { references }: CatalogAsset,
  previous: CatalogSnapshot | undefined,
  deadline: Deadline,
  objects: ObjectStore,
): Promise<void> => {
  const stored = new Set(Object.values(previous?.references ?? {}).map(({ sha256 }) => sha256));
  for (const { file } of references) {
    if (stored.has(file.sha256)) continue;
    await objects.put(objectKey(file.sha256), bytesOf(file), 'application/json', deadline);
  }
};

const reported = (publication: Publication, { metrics, logger }: RegistrarPorts): Publication => {
  const { revision, snapshotHash, moved, added, refused } = publication;
  if (added > 0) metrics.count('CatalogRegistered', added);
  if (refused.length > 0) metrics.count('CatalogRefused', refused.length);
  for (const { kind, name, version, problem } of refused)
    logger.warn('document refused', { kind, name, version, problem });
  logger.info('catalog published', { revision, snapshotHash, moved, added, refused: refused.length });
  return publication;
};

/** The active snapshot; undefined when its object is lost or damaged, which publishing then mends. */
const readSnapshot = async (
  { snapshotKey, snapshotHash }: RegistryHead,
  deadline: Deadline,
  { objects, logger }: RegistrarPorts,
): Promise<CatalogSnapshot | undefined> => {
  const bytes = await objects.get(snapshotKey, deadline);
  if (bytes && sha256Hex(bytes) === snapshotHash) {
    return CatalogSnapshotSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }
  logger.warn('the active snapshot is lost or damaged, and is written anew', { snapshotKey });
  return undefined;
};
