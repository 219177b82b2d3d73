import type { CatalogAsset } from '#domain/catalog/asset.ts';
import type { Detector } from '#domain/catalog/detector.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import type { RegisteredDocuments } from './register-documents.ts';
import { objectKey, type Registered } from './register-version.ts';

type SnapshotDetector = CatalogSnapshot['detectors'][string];

/**
 * The snapshot that a catalog leads to.
 *
 * Versions of detectors, and the models that they are pinned to, stay for as long as there are decisions by them; what
 * the catalog no longer has stops deciding. Event types, lists, references and switches are those of the catalog.
 */
export const nextSnapshot = (
  asset: CatalogAsset,
  documents: RegisteredDocuments,
  previous: CatalogSnapshot | undefined,
): CatalogSnapshot => {
  const detectors = detectorsOf(documents, previous);
  return {
    format: 1,
    eventTypes: Object.fromEntries([...documents.eventTypes].map(([name, registered]) => [name, entryOf(registered)])),
    detectors,
    lists: Object.fromEntries([...documents.lists].map(([name, registered]) => [name, entryOf(registered)])),
    models: modelsOf(asset, documents, detectors),
    references: Object.fromEntries(
      asset.references.map(({ detector, file: { sha256 } }) => [detector, { key: objectKey(sha256), sha256 }]),
    ),
    switches: asset.switches,
  };
};

const entryOf = <Document>({ version, hash, document }: Registered<Document>): Registered<Document> => ({
  version,
  hash,
  document,
});

const detectorsOf = (
  { detectors }: RegisteredDocuments,
  previous: CatalogSnapshot | undefined,
): CatalogSnapshot['detectors'] => {
  const names = new Set([...Object.keys(previous?.detectors ?? {}), ...detectors.keys()]);
  const entries = [...names].map((name): [string, SnapshotDetector] => {
    const before = previous?.detectors[name];
    const now = detectors.get(name);
    const versions = mergeVersions(before?.versions ?? [], now ?? []);
    // A version that only stands by, or was refused, does not stop the one that decides.
    const active = now && (now.find((version) => version.active)?.version ?? before?.active);
    return [name, { ...(active !== undefined && { active }), versions }];
  });
  return Object.fromEntries(entries.filter(([, { versions }]) => versions.length > 0));
};

const mergeVersions = (
  before: SnapshotDetector['versions'],
  now: readonly Registered<Detector>[],
): SnapshotDetector['versions'] => {
  const byVersion = new Map([...before, ...now].map((registered) => [registered.version, entryOf(registered)]));
  return [...byVersion.values()].sort((left, right) => left.version - right.version);
};

/** Models of the catalog, and those that a version of a detector is pinned to. */
const modelsOf = (
  asset: CatalogAsset,
  { models }: RegisteredDocuments,
  detectors: CatalogSnapshot['detectors'],
): CatalogSnapshot['models'] => {
  const inCatalog = new Set(asset.models.map(({ document }) => document.model));
  const pinned = new Set(
    Object.values(detectors).flatMap(({ versions }) =>
      versions.flatMap(({ document }) =>
        document.members.map((member) => (member.kind === 'embedded' ? `${member.model}@${member.version}` : '')),
      ),
    ),
  );
  return Object.fromEntries(
    [...models].filter(([key, { document }]) => pinned.has(key) || inCatalog.has(document.model)),
  );
};
