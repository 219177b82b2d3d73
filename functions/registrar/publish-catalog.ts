import type { Actor } from '#domain/audit.ts';
import type { CatalogAsset } from '#domain/catalog/asset.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import type { Tokeniser, TokeniserSource } from '#ports/tokeniser.ts';
import { newProblems, problemsIn, type SnapshotProblem } from '../shared/catalog/check-snapshot.ts';
import { type CommitPorts, commitSnapshot, seeCatalog } from './commit-snapshot.ts';
import { type AuditPorts, deliverAudit } from './deliver-audit.ts';
import { type DeploymentChanges, deploymentChanges } from './deployment-changes.ts';
import { keysOf } from './look-up-form.ts';
import { EMPTY_SNAPSHOT, nextSnapshot } from './next-snapshot.ts';
import { bytesOf, registerDocuments } from './register-documents.ts';
import { objectKey } from './register-version.ts';
import type { Refusal } from './registration-desk.ts';

export interface RegistrarPorts extends CommitPorts, AuditPorts {
  readonly tokeniser: TokeniserSource;
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

const DEPLOYMENT: Actor = { kind: 'deployment', id: 'deployment' };

/**
 * Brings what a deployment has changed into the catalog: numbers it, stores it, writes the snapshot, and moves the head
 * together with an entry of the audit log. What the API has written since the last deployment stays, unless the
 * checkout has another content of the same document now.
 *
 * Publishing the same catalog again changes nothing. A version that is there with other content is refused, counted as
 * `CatalogRefused` at every run until it is put right, and what stands stays active; the rest goes on. A deployment
 * that would break what decides by now, together with what the API has written, is held back as a whole.
 *
 * @throws {ServiceError} when a store is down or others keep moving the head; the next run goes on from there.
 */
export const publishCatalog = async (
  asset: CatalogAsset,
  deadline: Deadline,
  ports: RegistrarPorts,
): Promise<Publication> => {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const publication = await tryToPublish(asset, deadline, ports);
    if (!publication) continue;
    await deliverAudit(deadline, ports);
    return reported(publication, ports);
  }
  throw new ServiceError('conflict', 'others keep moving the head of the registry; the next run tries again');
};

/** @returns undefined when the head was moved meanwhile. */
const tryToPublish = async (
  asset: CatalogAsset,
  deadline: Deadline,
  ports: RegistrarPorts,
): Promise<Publication | undefined> => {
  const seen = await seeCatalog(deadline, ports);
  const { head, snapshot: previous } = seen;
  const rebuilds = head !== undefined && previous === undefined;
  const tokeniser = await tokeniserFor(asset, previous, deadline, ports);
  const changes = deploymentChanges(asset, previous, tokeniser);
  const registering = { asset, previous, changes };
  const writing = { ...ports, writtenBy: DEPLOYMENT.id };
  const documents = await registerDocuments(registering, deadline, writing);
  const { added, refused } = documents;
  const next = nextSnapshot({ ...registering, documents });
  const broken = newProblems(problemsIn(previous ?? EMPTY_SNAPSHOT), problemsIn(next));
  if (previous && head && broken.length > 0) {
    const standing = { revision: head.revision, snapshotHash: head.snapshotHash, moved: false };
    return { ...standing, added, refused: [...refused, ...broken.map(heldBack)] };
  }
  await storeReferences(asset, changes, deadline, ports.objects);
  const acting = { actor: DEPLOYMENT, act: rebuilds ? 'catalog.rebuild' : 'catalog.deploy' } as const;
  if (tokeniser) countLackingKeys(next, keysOf(tokeniser), ports);
  const committed = await commitSnapshot(next, { seen, acting }, deadline, ports);
  if (committed && rebuilds) ports.metrics.count('CatalogRebuilt');
  return committed && { ...committed, added, refused };
};

/** Stores the score references that have changed. */
const storeReferences = async (
  { references }: CatalogAsset,
  { isChanged }: DeploymentChanges,
  deadline: Deadline,
  objects: ObjectStore,
): Promise<void> => {
  for (const { detector, file } of references) {
    if (!isChanged(`reference#${detector}`)) continue;
    await objects.put(objectKey(file.sha256), bytesOf(file), 'application/json', deadline);
  }
};

const heldBack = ({ document, path, problem, remedy }: SnapshotProblem): Refusal => {
  const [kind, name = ''] = document.split('#');
  const where = path === '' ? '' : `${path}: `;
  return {
    kind: kind as Refusal['kind'],
    name,
    version: undefined,
    problem: `${where}${problem}; ${remedy}. The deployment is held back until this is put right`,
  };
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

/** Undefined while no list stands for persons: nothing needs the keys then. */
const tokeniserFor = async (
  asset: CatalogAsset,
  previous: CatalogSnapshot | undefined,
  deadline: Deadline,
  { tokeniser }: RegistrarPorts,
): Promise<Tokeniser | undefined> => {
  const standing = Object.values(previous?.lists ?? {}).map(({ document }) => document);
  return [...asset.lists, ...standing].some(({ of }) => of !== undefined) ? tokeniser.current(deadline) : undefined;
};

/**
 * Counts lists of persons that the API wrote before a key was added: whoever they name is not found under the new key.
 * Lists of the deployment got their tokens a moment ago.
 */
const countLackingKeys = ({ lists }: CatalogSnapshot, keys: number, { metrics, logger }: RegistrarPorts): void => {
  const lacking = Object.entries(lists).filter(
    ([, list]) => list.document.of !== undefined && 'values' in list && (list.values.keys ?? 0) < keys,
  );
  if (lacking.length > 0) metrics.count('ListsLackingKeys', lacking.length);
  for (const [list] of lacking) logger.warn('list lacks tokens under the newest key; replace it by the API', { list });
};
