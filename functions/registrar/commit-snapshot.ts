import { type AuditRecord, linkTo } from '#domain/audit.ts';
import { catalogJson } from '#domain/catalog/catalog-json.ts';
import { changesBetween } from '#domain/catalog/changes.ts';
import { type CatalogSnapshot, CatalogSnapshotSchema } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import type { AuditTrail } from '#ports/audit-trail.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { ObjectStore, RegistryHead, RegistryStore } from '#ports/registry-store.ts';

/** The catalog as a writer of it has seen it. */
export interface SeenCatalog {
  readonly head: RegistryHead | undefined;
  /** Undefined where there is none, or where snapshot and copy are lost. */
  readonly snapshot: CatalogSnapshot | undefined;
  /** True when the head's own object was not there: writing it again mends it. */
  readonly lost: boolean;
}

export interface CommitPorts {
  readonly registry: RegistryStore;
  readonly audit: AuditTrail;
  /** The models bucket. */
  readonly objects: ObjectStore;
  readonly clock: Clock;
}

/** Who does what: the part of an audit record that the catalog does not tell by itself. */
export type Acting = Pick<AuditRecord, 'actor' | 'act' | 'requestId'>;

/** What writing the catalog came to. */
export interface CommittedCatalog {
  readonly revision: number;
  readonly snapshotHash: string;
  /** False when this very catalog was active already. */
  readonly moved: boolean;
}

const snapshotKeyOf = (hash: string): string => `snapshots/${hash}.json`;
/** A second object, so that a lost one is mended with all that the API has written. */
const copyKeyOf = (hash: string): string => `copies/${hash}.json`;

/** The catalog that the head points to, for whoever is about to write the next one. */
export const seeCatalog = async (
  deadline: Deadline,
  { registry, objects }: Pick<CommitPorts, 'registry' | 'objects'>,
): Promise<SeenCatalog> => {
  const head = await registry.head(deadline);
  if (!head) return { head, snapshot: undefined, lost: false };
  const read = async (key: string): Promise<CatalogSnapshot | undefined> => {
    const bytes = await objects.get(key, deadline);
    if (!bytes || sha256Hex(bytes) !== head.snapshotHash) return undefined;
    return CatalogSnapshotSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  };
  const snapshot = await read(head.snapshotKey);
  if (snapshot) return { head, snapshot, lost: false };
  return { head, snapshot: await read(copyKeyOf(head.snapshotHash)), lost: true };
};

/**
 * Makes a catalog the active one, and tells of it in the audit log, in one transaction. What is active already is not
 * written again, unless its object was lost.
 *
 * @returns undefined when the head was moved, or the log has grown, meanwhile: look again and try again.
 */
export const commitSnapshot = async (
  next: CatalogSnapshot,
  { seen, acting }: { readonly seen: SeenCatalog; readonly acting: Acting },
  deadline: Deadline,
  { audit, objects, clock }: CommitPorts,
): Promise<CommittedCatalog | undefined> => {
  const { head, snapshot: before, lost } = seen;
  const bytes = Buffer.from(catalogJson(CatalogSnapshotSchema.parse(next)));
  const snapshotHash = sha256Hex(bytes);
  const unchanged = head?.snapshotHash === snapshotHash && { revision: head.revision, snapshotHash, moved: false };
  if (unchanged && !lost) return unchanged;
  const snapshotKey = snapshotKeyOf(snapshotHash);
  await objects.put(copyKeyOf(snapshotHash), bytes, 'application/json', deadline);
  await objects.put(snapshotKey, bytes, 'application/json', deadline);
  // The head was right all along; what it points to was lost, and is there again.
  if (unchanged) return unchanged;
  const seenRevision = head?.revision ?? 0;
  const revision = seenRevision + 1;
  const entry = linkTo(await audit.end(deadline), {
    v: 1,
    at: new Date(clock.nowMs()).toISOString(),
    ...acting,
    outcome: 'done',
    revision,
    snapshot: snapshotHash,
    changes: changesBetween(before, next),
  });
  const move = { head: { revision, snapshotKey, snapshotHash }, expected: seenRevision };
  return (await audit.append(entry, deadline, move)) ? { revision, snapshotHash, moved: true } : undefined;
};
