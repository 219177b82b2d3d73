import type { AuditChange } from '../audit.ts';
import type { CatalogSnapshot } from './snapshot.ts';

type State = NonNullable<AuditChange['after']>;
/** By name, or by `name@version` where several versions stand side by side. */
type States = ReadonlyMap<string, State>;

/**
 * What differs between two states of the catalog, by document: derived from the states themselves, so that no act can
 * forget to tell of what it changed. Of detectors and models each version is a document of its own: one that comes in
 * below others is a change, and letting another version decide is two.
 */
export const changesBetween = (before: CatalogSnapshot | undefined, after: CatalogSnapshot): AuditChange[] => {
  const [old, now] = [statesOf(before), statesOf(after)];
  return KINDS.flatMap((kind) => {
    const [was, is] = [old[kind], now[kind]];
    const keys = [...new Set([...was.keys(), ...is.keys()])].sort();
    return keys.flatMap((key): AuditChange[] => {
      const [from, to] = [was.get(key), is.get(key)];
      if (isSame(from, to)) return [];
      return [{ kind, name: key.split('@')[0]!, ...(from && { before: from }), ...(to && { after: to }) }];
    });
  });
};

const KINDS = ['event-type', 'list', 'model', 'detector', 'reference', 'switch'] as const;

const NOTHING: Record<(typeof KINDS)[number], States> = {
  'event-type': new Map(),
  list: new Map(),
  model: new Map(),
  detector: new Map(),
  reference: new Map(),
  switch: new Map(),
};

const statesOf = (snapshot: CatalogSnapshot | undefined): Record<(typeof KINDS)[number], States> => {
  if (!snapshot) return NOTHING;
  const { eventTypes, lists, models, detectors, references, switches } = snapshot;
  return {
    'event-type': new Map(Object.entries(eventTypes).map(([name, { version, hash }]) => [name, { version, hash }])),
    list: new Map(Object.entries(lists).map(([name, entry]) => [name, stateOfList(entry)])),
    model: new Map(Object.entries(models).map(([key, { version, hash }]) => [key, { version, hash }])),
    detector: new Map(Object.entries(detectors).flatMap(([name, detector]) => statesOfDetector(name, detector))),
    reference: new Map(Object.entries(references).map(([name, { sha256 }]) => [name, { hash: sha256 }])),
    switch: new Map(switches.rulesOnly.map((name) => [name, {}])),
  };
};

/** Values that stand under a key more are another state of the same version. */
const stateOfList = (entry: CatalogSnapshot['lists'][string]): State => ({
  version: entry.version,
  hash: 'values' in entry ? entry.values.sha256 : entry.hash,
});

const statesOfDetector = (
  name: string,
  { active, versions }: CatalogSnapshot['detectors'][string],
): readonly [string, State][] =>
  versions.map(({ version, hash }) => [
    `${name}@${version}`,
    { version, hash, ...(version === active && { decides: true }) },
  ]);

const isSame = (left: State | undefined, right: State | undefined): boolean =>
  left && right
    ? left.version === right.version && left.hash === right.hash && left.decides === right.decides
    : left === right;
