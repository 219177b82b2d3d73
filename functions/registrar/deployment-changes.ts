import type { CatalogAsset } from '#domain/catalog/asset.ts';
import { catalogJson } from '#domain/catalog/catalog-json.ts';
import type { List } from '#domain/catalog/documents.ts';
import type { CatalogSnapshot, Deployed } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import type { DocumentKey } from '../shared/catalog/check-snapshot.ts';
import { newestModels } from './pin-members.ts';

/** What a deployment wants of the catalog that stands. */
export interface DeploymentChanges {
  /** Hash of each document of the checkout, with all that makes another version of it. */
  readonly sources: ReadonlyMap<DocumentKey, string>;
  /** What the last deployment brought. */
  readonly before: Readonly<Record<string, Deployed>>;
  /** Whether the checkout has another document than the last deployment, or one that was refused then. */
  isChanged(key: DocumentKey): boolean;
  /** Whether the checkout has it no more, and no other has written it since. @param version - that stands. */
  isRemoved(key: DocumentKey, version: number): boolean;
  /** Whether the deployment wrote the version that stands. */
  wroteLast(key: DocumentKey, version: number): boolean;
}

/**
 * Compares the checkout with what the last deployment brought. Only what has changed there is written: what others have
 * done by the API since then stays.
 *
 * @param tokeniser - for lists of persons: a plain hash of a short one could be guessed.
 */
export const deploymentChanges = (
  asset: CatalogAsset,
  previous: CatalogSnapshot | undefined,
  tokeniser: Tokeniser | undefined,
): DeploymentChanges => {
  const sources = sourcesOf(asset, tokeniser);
  const before = deployedBefore(previous);
  const known = (key: string): Deployed | undefined => (Object.hasOwn(before, key) ? before[key] : undefined);
  const wroteLast = (key: string, version: number): boolean => known(key)?.version === version;
  return {
    sources,
    before,
    isChanged: (key) => known(key)?.source !== sources.get(key),
    isRemoved: (key, version) => !sources.has(key) && wroteLast(key, version),
    wroteLast,
  };
};

/**
 * A catalog in which a document is another's than the deployment's from now on, though it stands as the deployment had
 * it: a checkout that has it no more does not take it away.
 */
export const disowned = (snapshot: CatalogSnapshot, key: DocumentKey): CatalogSnapshot => {
  const brought = snapshot.deployed?.[key];
  return brought ? { ...snapshot, deployed: { ...snapshot.deployed, [key]: { ...brought, version: 0 } } } : snapshot;
};

const sourcesOf = (asset: CatalogAsset, tokeniser: Tokeniser | undefined): ReadonlyMap<DocumentKey, string> => {
  const hash = (content: unknown): string => sha256Hex(catalogJson(content));
  const listHash = (list: List): string =>
    list.of !== undefined && tokeniser ? tokeniser.fingerprint(catalogJson(list)) : hash(list);
  const models = Map.groupBy(asset.models, ({ document }) => document.model);
  const model = (name: string) =>
    models.get(name)?.map(({ document, file: { sha256 } }) => hash({ document, sha256 })) ?? [];
  const detectors = Map.groupBy(asset.detectors, ({ detector }) => detector);
  const entries: [DocumentKey, string][] = [
    ...asset.eventTypes.map((document): [DocumentKey, string] => [`event-type#${document.eventType}`, hash(document)]),
    ...asset.lists.map((document): [DocumentKey, string] => [`list#${document.list}`, listHash(document)]),
    ...[...models.keys()].map((name): [DocumentKey, string] => [`model#${name}`, hash(model(name))]),
    ...[...detectors].map(([name, documents]): [DocumentKey, string] => [
      `detector#${name}`,
      // A member that names no version is pinned to the model of the checkout: another model makes another detector.
      hash(
        documents.map((document) => ({ document, models: document.members.map((member) => pinnedTo(member, model)) })),
      ),
    ]),
    ...asset.references.map(({ detector, file }): [DocumentKey, string] => [`reference#${detector}`, file.sha256]),
    ...asset.switches.rulesOnly.map((name): [DocumentKey, string] => [`switch#${name}`, 'rulesOnly']),
  ];
  return new Map(entries);
};

const pinnedTo = (
  member: CatalogAsset['detectors'][number]['members'][number],
  model: (name: string) => readonly string[],
): readonly string[] => (member.kind === 'embedded' && member.version === undefined ? model(member.model) : []);

/** Release 0.1 kept no account: all that stood had come with its last deployment. */
const deployedBefore = (previous: CatalogSnapshot | undefined): Readonly<Record<string, Deployed>> => {
  if (!previous) return {};
  if (previous.deployed) return previous.deployed;
  const { eventTypes, lists, models, detectors, references, switches } = previous;
  const versions = (kind: string, documents: Readonly<Record<string, { readonly version: number }>>) =>
    Object.entries(documents).map(([name, { version }]): [string, number] => [`${kind}#${name}`, version]);
  const all: readonly [string, number][] = [
    ...versions('event-type', eventTypes),
    ...versions('list', lists),
    ...[...newestModels(Object.values(models))].map(([name, version]): [string, number] => [`model#${name}`, version]),
    ...Object.entries(detectors).map(([name, { active = 0 }]): [string, number] => [`detector#${name}`, active]),
    ...Object.keys(references).map((name): [string, number] => [`reference#${name}`, 1]),
    ...switches.rulesOnly.map((name): [string, number] => [`switch#${name}`, 1]),
  ];
  return Object.fromEntries(all.map(([key, version]) => [key, { source: '', version }]));
};
