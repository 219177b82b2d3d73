import type { Detector, Member } from '#domain/catalog/detector.ts';
import type { Model } from '#domain/catalog/documents.ts';

/** Versions of the models that a detector may be pinned to. */
export interface ModelVersions {
  /** `name@version` of every model on record. */
  readonly known: ReadonlySet<string>;
  /** Newest version of each model. */
  readonly newest: ReadonlyMap<string, number>;
}

/** Newest version of each model, by name. */
export const newestModels = (
  models: Iterable<{ readonly version: number; readonly document: Pick<Model, 'model'> }>,
): ReadonlyMap<string, number> => {
  const newest = new Map<string, number>();
  for (const { version, document } of models) {
    newest.set(document.model, Math.max(version, newest.get(document.model) ?? 0));
  }
  return newest;
};

/**
 * A detector whose every embedded member names a version: the one it asks for, or the newest of its model. What is
 * pinned is what is judged by, however the catalog changes later.
 *
 * @returns the names of the models that are not on record, when there are any.
 */
export const pinMembers = (
  detector: Detector,
  { known, newest }: ModelVersions,
): { readonly ok: true; readonly pinned: Detector } | { readonly ok: false; readonly missing: readonly string[] } => {
  const members = detector.members.map((member): Member => {
    if (member.kind !== 'embedded' || member.version !== undefined) return member;
    const version = newest.get(member.model);
    return version === undefined ? member : { ...member, version };
  });
  const missing = members.flatMap((member) => {
    if (member.kind !== 'embedded') return [];
    return known.has(`${member.model}@${member.version}`) ? [] : [nameOf(member)];
  });
  return missing.length > 0 ? { ok: false, missing } : { ok: true, pinned: { ...detector, members } };
};

const nameOf = ({ model, version }: Extract<Member, { kind: 'embedded' }>): string =>
  version === undefined ? model : `${model}@${version}`;
