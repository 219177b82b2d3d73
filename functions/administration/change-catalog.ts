import { type Actor, type AuditAct, linkTo } from '#domain/audit.ts';
import { isReservedName } from '#domain/canary.ts';
import { catalogJson } from '#domain/catalog/catalog-json.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { type FieldProblem, ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { TokeniserSource } from '#ports/tokeniser.ts';
import { type CommitPorts, type CommittedCatalog, commitSnapshot, seeCatalog } from '../registrar/commit-snapshot.ts';
import { type AuditPorts, deliverAudit } from '../registrar/deliver-audit.ts';
import { EMPTY_SNAPSHOT } from '../registrar/next-snapshot.ts';
import { type DocumentKey, newProblems, problemsIn, type SnapshotProblem } from '../shared/catalog/check-snapshot.ts';

/** What administration needs of the world. */
export interface AdministrationPorts extends CommitPorts, AuditPorts {
  readonly tokeniser: TokeniserSource;
}

/** Who asks, and under which condition. */
export interface Asking {
  readonly actor: Actor;
  readonly requestId: string;
  /** State that the caller has seen, as an `etag` told it; the change is refused when there is another by now. */
  readonly ifMatch?: string | undefined;
  /** True for a caller who wants to write only what is not there yet. */
  readonly ifNew?: boolean;
}

/** A change as it is worked out over the catalog that stands. Made anew when others change the catalog meanwhile. */
export interface Draft {
  /** The catalog as the change would make it: what is checked. */
  readonly snapshot: CatalogSnapshot;
  /** Version of a detector that is to be checked though it is not active, by name. */
  readonly versions?: Readonly<Record<string, number>>;
  /** Registers what is new. @returns the catalog as it is to be. @default the draft itself */
  readonly settle?: () => Promise<CatalogSnapshot>;
}

/** One administrative act on one document. */
export interface CatalogChange {
  readonly document: DocumentKey;
  readonly act: AuditAct;
  draft(standing: CatalogSnapshot): Promise<Draft>;
}

/** What an act came to. */
export interface ChangedCatalog extends CommittedCatalog {
  readonly snapshot: CatalogSnapshot;
  /** The document's state, for the next call's `If-Match`. */
  readonly etag: string;
}

/** Others changed the catalog meanwhile: what they did is read, and the change worked out on top of it. */
const MAX_TRIES = 8;
/** Problems that one answer names. */
const MOST_PROBLEMS = 20;

/**
 * Does one administrative act: works it out over the catalog that stands, checks the whole, and moves the head together
 * with an entry of the audit log. What changes nothing writes nothing. May be repeated safely.
 *
 * @throws {ServiceError} `forbidden` for names of the system's own, `precondition_failed`, `invalid_input` naming each
 * problem that the change would bring, or `conflict`.
 */
export const changeCatalog = async (
  change: CatalogChange,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> => {
  await refuseReserved(change, asking, deadline, ports);
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const changed = await tryToChange(change, asking, deadline, ports);
    if (!changed) continue;
    await deliverAudit(deadline, ports);
    return changed;
  }
  throw new ServiceError('conflict', 'others keep changing the catalog; repeat the request');
};

const tryToChange = async (
  change: CatalogChange,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog | undefined> => {
  const seen = await seeCatalog(deadline, ports);
  if (seen.head && !seen.snapshot) {
    throw new ServiceError('catalog_unavailable', 'the catalog is lost; the registrar builds it again within minutes');
  }
  const standing = seen.snapshot ?? EMPTY_SNAPSHOT;
  checkPrecondition(change.document, standing, asking);
  const draft = await change.draft(standing);
  const broken = newProblems(problemsIn(standing), problemsIn(draft.snapshot, draft.versions));
  if (broken.length > 0) throw refusedFor(broken, change.document);
  const next = draft.settle ? await draft.settle() : draft.snapshot;
  const acting = { actor: asking.actor, act: change.act, requestId: asking.requestId };
  const committed = await commitSnapshot(next, { seen, acting }, deadline, ports);
  return committed && { ...committed, snapshot: next, etag: etagOf(change.document, next) };
};

/** The state of a document, whichever revision of the catalog it is in. */
export const etagOf = (document: DocumentKey, snapshot: CatalogSnapshot): string =>
  `"${sha256Hex(catalogJson({ document, state: stateOf(document, snapshot) })).slice(0, 16)}"`;

const stateOf = (document: DocumentKey, snapshot: CatalogSnapshot): unknown => {
  const [kind, name = ''] = document.split('#');
  const of = <Entry>(entries: Readonly<Record<string, Entry>>): Entry | undefined =>
    Object.hasOwn(entries, name) ? entries[name] : undefined;
  switch (kind) {
    case 'event-type':
      return of(snapshot.eventTypes)?.version;
    case 'list':
      return of(snapshot.lists)?.version;
    case 'detector': {
      const detector = of(snapshot.detectors);
      return detector && { active: detector.active, versions: detector.versions.map(({ version }) => version) };
    }
    case 'model': {
      const versions = Object.values(snapshot.models).filter(({ document: { model } }) => model === name);
      return versions.length > 0 ? versions.map(({ version }) => version) : undefined;
    }
    case 'reference':
      return of(snapshot.references)?.sha256;
    default:
      return snapshot.switches.rulesOnly.includes(name) ? 'rulesOnly' : undefined;
  }
};

const checkPrecondition = (document: DocumentKey, standing: CatalogSnapshot, { ifMatch, ifNew }: Asking): void => {
  const state = stateOf(document, standing);
  if (ifNew && state !== undefined) {
    throw new ServiceError('precondition_failed', 'it is there already; read it, and send its etag as if-match');
  }
  if (ifMatch === undefined || ifMatch === etagOf(document, standing) || (ifMatch === '*' && state !== undefined))
    return;
  throw new ServiceError(
    'precondition_failed',
    'it has changed since you read it; read it again, and repeat the change on top of what stands',
  );
};

/** Refuses with the problems that a change brings: those of its own document by their path, others by their document. */
const refusedFor = (problems: readonly SnapshotProblem[], own: DocumentKey): ServiceError => {
  const fields = problems.slice(0, MOST_PROBLEMS).map(({ document, path, problem, remedy }): FieldProblem => {
    const field = [document === own ? '' : document, path].filter((part) => part !== '').join(' ');
    return { field, problem: `${problem}; ${remedy}` };
  });
  const others = problems.some(({ document }) => document !== own);
  const why = others ? 'the document would break others that are in force' : 'the document is not valid';
  return new ServiceError('invalid_input', `${why}; 'fields' says what to change`, { fields });
};

/** Refuses a document for what it says itself. */
export const refuseFields = (fields: readonly FieldProblem[]): void => {
  if (fields.length === 0) return;
  throw new ServiceError('invalid_input', "the document is not valid; 'fields' says what to change", {
    fields: fields.slice(0, MOST_PROBLEMS),
  });
};

const refuseReserved = async (
  { document, act }: CatalogChange,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<void> => {
  const [kind, name = ''] = document.split('#');
  if (!isReservedName(name)) return;
  const reason = "names that begin with 'assay_' or 'assay-' are the system's own";
  await auditRefusal({ act, kind, name, reason }, asking, deadline, ports);
  throw new ServiceError('forbidden', `${reason}; choose another name`);
};

/** Tells the audit log of an act that policy forbade. */
export const auditRefusal = async (
  {
    act,
    kind,
    name,
    reason,
  }: { readonly act: AuditAct; readonly kind: string | undefined; readonly name: string; readonly reason: string },
  { actor, requestId }: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<void> => {
  const { audit, clock } = ports;
  const changes = [{ kind: kind as DocumentKind, name }];
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const at = new Date(clock.nowMs()).toISOString();
    const record = { v: 1, at, actor, act, requestId, outcome: 'refused', reason, changes } as const;
    const entry = linkTo(await audit.end(deadline), { ...record, changes: [...changes] });
    if (!(await audit.append(entry, deadline))) continue;
    await deliverAudit(deadline, ports);
    return;
  }
  throw new ServiceError('conflict', 'others keep changing the catalog; repeat the request');
};

type DocumentKind = 'event-type' | 'detector' | 'list' | 'model' | 'reference' | 'switch';
