import type { Detector, Member } from '#domain/catalog/detector.ts';

/** Versions of the models that a detector may be pinned to. */
export interface ModelVersions {
  /** `name@version` of every model on record. */
  readonly known: ReadonlySet<string>;
  /** Version of each model of the catalog, the newest where it has several. */
  readonly newest: ReadonlyMap<string, number>;
}

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
