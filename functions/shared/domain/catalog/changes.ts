import type { AuditChange } from '../audit.ts';
import type { CatalogSnapshot } from './snapshot.ts';

type State = NonNullable<AuditChange['after']>;
type States = ReadonlyMap<string, State>;

/**
 * What differs between two states of the catalog, by document: derived from the states themselves, so that no act can
 * forget to tell of what it changed.
 *
 * Of detectors the version that decides counts; a version that only stands by is a change of `detector` without one.
 */
export const changesBetween = (before: CatalogSnapshot | undefined, after: CatalogSnapshot): AuditChange[] => {
  const [old, now] = [statesOf(before), statesOf(after)];
  return KINDS.flatMap((kind) => {
    const [was, is] = [old[kind], now[kind]];
    const names = [...new Set([...was.keys(), ...is.keys()])].sort();
    return names.flatMap((name): AuditChange[] => {
      const [from, to] = [was.get(name), is.get(name)];
      const stays = was.has(name) === is.has(name);
      if (stays && from?.version === to?.version && from?.hash === to?.hash) return [];
      return [{ kind, name, ...(from && { before: from }), ...(to && { after: to }) }];
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
  const newest = new Map<string, State>();
  for (const { document, version, hash } of Object.values(models)) {
    if (version > (newest.get(document.model)?.version ?? 0)) newest.set(document.model, { version, hash });
  }
  return {
    'event-type': new Map(Object.entries(eventTypes).map(([name, { version, hash }]) => [name, { version, hash }])),
    list: new Map(Object.entries(lists).map(([name, entry]) => [name, stateOfList(entry)])),
    model: newest,
    detector: new Map(Object.entries(detectors).map(([name, detector]) => [name, stateOfDetector(detector)])),
    reference: new Map(Object.entries(references).map(([name, { sha256 }]) => [name, { hash: sha256 }])),
    switch: new Map(switches.rulesOnly.map((name) => [name, {}])),
  };
};

/** Values that stand under a key more are another state of the same version. */
const stateOfList = (entry: CatalogSnapshot['lists'][string]): State => ({
  version: entry.version,
  hash: 'values' in entry ? entry.values.sha256 : entry.hash,
});

const stateOfDetector = ({ active, versions }: CatalogSnapshot['detectors'][string]): State => {
  const newest = versions.at(-1);
  return { ...(active !== undefined && { version: active }), ...(newest && { hash: newest.hash }) };
};
