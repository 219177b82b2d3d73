import type { Detector } from '#domain/catalog/detector.ts';
import type { CatalogSnapshot, Deployed } from '#domain/catalog/snapshot.ts';
import type { DocumentKey } from '../shared/catalog/check-snapshot.ts';
import { newestModels } from './pin-members.ts';
import type { RegisteredDocuments, Registering } from './register-documents.ts';
import { objectKey, type Registered } from './register-version.ts';

/** Of what has no versions: a reference, a switch. */
const ONLY_VERSION = 1;

type SnapshotDetector = CatalogSnapshot['detectors'][string];

/** A catalog before anything is registered, by a deployment either: what the API writes first is nobody else's. */
export const EMPTY_SNAPSHOT: CatalogSnapshot = {
  format: 1,
  eventTypes: {},
  detectors: {},
  lists: {},
  models: {},
  references: {},
  switches: { format: 1, rulesOnly: [] },
  deployed: {},
};

/** A deployment's changes, and what came of registering them. */
export interface Deploying extends Registering {
  readonly documents: RegisteredDocuments;
}

/**
 * The snapshot that a deployment leads to: what stands, with what has changed in the checkout since the last deployment.
 *
 * Versions of detectors, and the models that they are pinned to, stay for as long as there are decisions by them. What
 * the checkout has no more goes, or stops deciding, unless somebody else has written it since.
 */
export const nextSnapshot = (deploying: Deploying): CatalogSnapshot => {
  const { previous = EMPTY_SNAPSHOT, changes, documents } = deploying;
  const detectors = detectorsOf(deploying, previous);
  const eventTypes = new Map([...documents.eventTypes].map(([name, registered]) => [name, entryOf(registered)]));
  const next = {
    format: 1 as const,
    eventTypes: merged(previous.eventTypes, eventTypes, (name, { version }) =>
      changes.isRemoved(`event-type#${name}`, version),
    ),
    detectors,
    lists: merged(previous.lists, documents.lists, (name, { version }) => changes.isRemoved(`list#${name}`, version)),
    models: modelsOf(deploying, detectors),
    references: referencesOf(deploying, previous),
    switches: switchesOf(deploying, previous),
  };
  return { ...next, deployed: deployedBy(deploying, next) };
};

export const entryOf = <Document>({ version, hash, document }: Registered<Document>): Registered<Document> => ({
  version,
  hash,
  document,
});

/** What stands and was not removed, with what was written over it. */
const merged = <Entry>(
  before: Readonly<Record<string, Entry>>,
  written: ReadonlyMap<string, NoInfer<Entry>>,
  isRemoved: (name: string, entry: Entry) => boolean,
): Record<string, Entry> => ({
  ...Object.fromEntries(Object.entries(before).filter(([name, entry]) => !isRemoved(name, entry))),
  ...Object.fromEntries(written),
});

const detectorsOf = (
  { documents: { detectors }, changes }: Deploying,
  previous: CatalogSnapshot,
): CatalogSnapshot['detectors'] => {
  const names = new Set([...Object.keys(previous.detectors), ...detectors.keys()]);
  const entries = [...names].map((name): [string, SnapshotDetector] => {
    const before = previous.detectors[name];
    const now = detectors.get(name) ?? [];
    const versions = mergeVersions(before?.versions ?? [], now);
    const stops = changes.isRemoved(`detector#${name}`, before?.active ?? 0);
    // A version that only stands by, or was refused, does not stop the one that decides.
    const active = stops ? undefined : (now.find((version) => version.active)?.version ?? before?.active);
    return [name, { ...(active !== undefined && { active }), versions }];
  });
  return Object.fromEntries(entries.filter(([, { versions }]) => versions.length > 0));
};

export const mergeVersions = (
  before: SnapshotDetector['versions'],
  now: readonly Registered<Detector>[],
): SnapshotDetector['versions'] => {
  const byVersion = new Map([...before, ...now].map((registered) => [registered.version, entryOf(registered)]));
  return [...byVersion.values()].sort((left, right) => left.version - right.version);
};

/** `name@version` of every model that a version of a detector is pinned to. */
const pinnedModels = (detectors: CatalogSnapshot['detectors']): ReadonlySet<string> =>
  new Set(
    Object.values(detectors).flatMap(({ versions }) =>
      versions.flatMap(({ document }) =>
        document.members.map((member) => (member.kind === 'embedded' ? `${member.model}@${member.version}` : '')),
      ),
    ),
  );

/** Models of the checkout, those that a version of a detector is pinned to, and what others have registered. */
const modelsOf = (
  { asset, documents: { models }, changes: { before } }: Deploying,
  detectors: CatalogSnapshot['detectors'],
): CatalogSnapshot['models'] => {
  const inCatalog = new Set(asset.models.map(({ document }) => document.model));
  const pinned = pinnedModels(detectors);
  const isOthers = (name: string, version: number): boolean => version > (before[`model#${name}`]?.version ?? 0);
  return Object.fromEntries(
    [...models].filter(
      ([
        key,
        {
          document: { model },
          version,
        },
      ]) => pinned.has(key) || inCatalog.has(model) || isOthers(model, version),
    ),
  );
};

const referencesOf = (
  { asset, changes: { isChanged, sources, before } }: Deploying,
  previous: CatalogSnapshot,
): CatalogSnapshot['references'] => {
  const written = asset.references.filter(({ detector }) => isChanged(`reference#${detector}`));
  const isRemoved = (name: string, { sha256 }: CatalogSnapshot['references'][string]): boolean => {
    const deployed = before[`reference#${name}`];
    return deployed !== undefined && !sources.has(`reference#${name}`) && [sha256, ''].includes(deployed.source);
  };
  const pointers = written.map(({ detector, file: { sha256 } }): [string, { key: string; sha256: string }] => [
    detector,
    { key: objectKey(sha256), sha256 },
  ]);
  return merged(previous.references, new Map(pointers), isRemoved);
};

/** A switch that the checkout has turned is turned; the others stay as they are, those that others have turned too. */
const switchesOf = (
  { asset, changes: { isChanged, isRemoved } }: Deploying,
  previous: CatalogSnapshot,
): CatalogSnapshot['switches'] => {
  const turnedOn = asset.switches.rulesOnly.filter((name) => isChanged(`switch#${name}`));
  const staying = previous.switches.rulesOnly.filter((name) => !isRemoved(`switch#${name}`, ONLY_VERSION));
  return { format: 1, rulesOnly: [...new Set([...staying, ...turnedOn])] };
};

/** The account by which the next deployment tells what has changed. What was refused is tried again by the next run. */
const deployedBy = (
  { changes, documents: { detectors, refused } }: Deploying,
  next: Omit<CatalogSnapshot, 'deployed'>,
): Record<string, Deployed> => {
  const again = new Set(refused.map(({ kind, name }): string => `${kind}#${name}`));
  const newest = newestModels(Object.values(next.models));
  return Object.fromEntries(
    [...changes.sources].flatMap(([key, source]): [string, Deployed][] => {
      const before = changes.before[key];
      if (again.has(key)) return before ? [[key, before]] : [];
      if (before && !changes.isChanged(key)) return [[key, before]];
      const activated = detectors.get(key.slice('detector#'.length))?.find(({ active }) => active)?.version;
      const version = key.startsWith('detector#') ? (activated ?? before?.version ?? 0) : versionIn(next, key, newest);
      return [[key, { source, version }]];
    }),
  );
};

const versionIn = (
  { eventTypes, lists }: Omit<CatalogSnapshot, 'deployed'>,
  key: DocumentKey,
  newest: ReadonlyMap<string, number>,
): number => {
  const [kind, name = ''] = key.split('#');
  if (kind === 'event-type') return eventTypes[name]?.version ?? 0;
  if (kind === 'list') return lists[name]?.version ?? 0;
  if (kind === 'model') return newest.get(name) ?? 0;
  return ONLY_VERSION;
};
