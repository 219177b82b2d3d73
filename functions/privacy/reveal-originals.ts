import { ServiceError } from '#domain/errors.ts';
import type { VariableValue } from '#domain/event.ts';
import { openOriginals } from '#domain/originals.ts';
import type { Deadline } from '#ports/clock.ts';
import type { PersonVault } from '#ports/person-keys.ts';
import type { SealedStore } from '#ports/sealed-store.ts';

/** What is personal in an event, in the clear. */
export interface RevealedEvent {
  readonly eventType: string;
  readonly eventId: string;
  /** Id by role. */
  readonly entities: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, VariableValue>>;
  /** People whose key was erased: what was sealed for them is gone for good. */
  readonly erased: readonly string[];
}

/**
 * Opens what was sealed with an event, for a caller who has the right: whoever may not have KMS decrypt is refused there.
 *
 * @throws {ServiceError} `not_found` for an event that is not on record; `store_unavailable` when a store or KMS does not
 * answer, or refuses.
 * @throws {UnsealError} when a box was tampered with.
 */
export const revealOriginals = async (
  { eventType, eventId }: { readonly eventType: string; readonly eventId: string },
  deadline: Deadline,
  { sealed: store, vault }: { readonly sealed: SealedStore; readonly vault: Pick<PersonVault, 'open'> },
): Promise<RevealedEvent> => {
  const sealed = await store.sealedOf(eventType, eventId, deadline);
  if (!sealed) throw new ServiceError('not_found', 'this event is not on record; check event type and id');
  const people = [...new Set(sealed.map(({ person }) => person))];
  const keys = people.length === 0 ? new Map() : await vault.open(people, deadline);
  const opened = sealed.flatMap((box) => {
    const pair = keys.get(box.person);
    return pair ? [openOriginals(box, pair, { eventType, eventId })] : [];
  });
  return {
    eventType,
    eventId,
    entities: Object.assign({}, ...opened.map(({ entities }) => entities)),
    variables: Object.assign({}, ...opened.map(({ variables }) => variables)),
    erased: people.filter((person) => !keys.has(person)),
  };
};
