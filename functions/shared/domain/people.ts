import type { EventType, Variable } from './catalog/event-type.ts';

/** Kinds of entities that are people unless an event type says who is. */
export const PERSON_KINDS: ReadonlySet<string> = new Set(['person', 'customer', 'user']);

/** Roles of an event type that people have, as it says or by {@link PERSON_KINDS}, in the order of its entities. */
export const peopleOf = ({ entities, people }: Pick<EventType, 'entities' | 'people'>): readonly string[] =>
  Object.entries(entities)
    .filter(([role, kind]) => (people ? people.includes(role) : PERSON_KINDS.has(kind)))
    .map(([role]) => role);

/**
 * Role of the person that a personal variable belongs to: the one it names; else the first of the event type's people;
 * else its first role.
 *
 * @returns undefined for a variable that is not personal, or where there is no role: then its original is kept nowhere.
 */
export const personRoleOf = (
  { personal }: Pick<Variable, 'personal'>,
  eventType: Pick<EventType, 'entities' | 'people'>,
): string | undefined => {
  if (!personal) return undefined;
  if (personal !== true) return personal.of;
  return peopleOf(eventType)[0] ?? Object.keys(eventType.entities)[0];
};

/** A person's name inside Assay: kind and token, as entity indexes have it. */
export const personOf = (kind: string, token: string): string => `${kind}#${token}`;
