import type { EventType } from '#domain/catalog/event-type.ts';
import type { Feature } from '#domain/catalog/feature.ts';
import type { Report } from '#domain/catalog/report.ts';
import { ownOf } from '#domain/own.ts';

/** Whose history a feature is over. */
export interface FeatureRoles {
  /** Roles of the current event, each at the place of its role in the history. */
  readonly roles: readonly string[];
  /** Roles of the history's event type, in alphabetical order. */
  readonly sourceRoles: readonly string[];
  /** Kinds of both, in the same order. */
  readonly kinds: readonly string[];
}

/**
 * The roles of a feature in its own event type and in that of its history, matched by kind where nothing is said.
 *
 * @returns undefined when they cannot be matched, which is reported.
 */
export const rolesOf = (
  name: string,
  { per = [], roles: map = {} }: Feature,
  { eventType, source }: { readonly eventType: EventType; readonly source: EventType },
  report: Report,
): FeatureRoles | undefined => {
  const own = typeof per === 'string' ? [per] : per;
  const found = own.map((role) => pairOf(name, role, map, { eventType, source }, report));
  let wrong = found.includes(undefined);
  for (const role of Object.keys(map).filter((key) => !own.includes(key))) {
    wrong = true;
    report(['features', name, 'roles', role], `'${role}' is not in 'per'`, `name one of ${own.join(', ')}`);
  }
  const pairs = found.filter((pair) => pair !== undefined);
  if (new Set(pairs.map(({ sourceRole }) => sourceRole)).size < pairs.length || new Set(own).size < own.length) {
    report(['features', name, 'per'], 'both are one and the same', 'name one role, or two that differ');
    return undefined;
  }
  if (wrong) return undefined;
  pairs.sort((left, right) => (left.sourceRole < right.sourceRole ? -1 : 1));
  return {
    roles: pairs.map(({ role }) => role),
    sourceRoles: pairs.map(({ sourceRole }) => sourceRole),
    kinds: pairs.map(({ kind }) => kind),
  };
};

const pairOf = (
  name: string,
  role: string,
  map: Readonly<Record<string, string>>,
  { eventType, source }: { readonly eventType: EventType; readonly source: EventType },
  report: Report,
): { role: string; sourceRole: string; kind: string } | undefined => {
  const kind = ownOf(eventType.entities, role);
  if (kind === undefined) {
    const roles = Object.keys(eventType.entities).join(', ');
    report(
      ['features', name, 'per'],
      `the event type has no role '${role}'`,
      roles ? `use one of ${roles}` : 'declare it among its entities',
    );
    return undefined;
  }
  const named = ownOf(map, role);
  if (named !== undefined) {
    const other = ownOf(source.entities, named);
    if (other === kind) return { role, sourceRole: named, kind };
    const problem =
      other === undefined
        ? `'${source.eventType}' has no role '${named}'`
        : `'${named}' of '${source.eventType}' is of kind '${other}', and '${role}' of kind '${kind}'`;
    report(['features', name, 'roles', role], problem, fittingRemedy(source, kind));
    return undefined;
  }
  if (source === eventType) return { role, sourceRole: role, kind };
  const fitting = rolesOfKind(source, kind);
  if (fitting.length === 1) return { role, sourceRole: fitting[0]!, kind };
  if (fitting.length === 0) {
    const problem = `'${source.eventType}' has no role of kind '${kind}', which '${role}' is of`;
    report(['features', name, 'of'], problem, 'name an event type that shares the kind');
  } else {
    const problem = `'${source.eventType}' has several roles of kind '${kind}'`;
    report(['features', name, 'roles'], problem, `say which, as in 'roles: { ${role}: ${fitting[0]} }'`);
  }
  return undefined;
};

const rolesOfKind = ({ entities }: EventType, kind: string): readonly string[] =>
  Object.keys(entities).filter((role) => entities[role] === kind);

const fittingRemedy = (source: EventType, kind: string): string => {
  const fitting = rolesOfKind(source, kind);
  return fitting.length > 0 ? `use one of ${fitting.join(', ')}` : 'name an event type that shares the kind';
};
