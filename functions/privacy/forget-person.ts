import { normaliseText } from '#domain/normalise-text.ts';
import { personOf } from '#domain/people.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Erasure, PersonVault } from '#ports/person-keys.ts';
import type { TokeniserSource } from '#ports/tokeniser.ts';

/** Who is to be forgotten, and who asks for it. */
export interface ForgetCommand {
  /** Kind of entity, such as `person`. */
  readonly kind: string;
  /** The original id. */
  readonly id: string;
  /** For the record: a ticket, or whoever answers for it. */
  readonly by: string;
}

/**
 * Erases a person's keys, one for each key that their id was ever tokenised with, and so everything that was sealed for
 * them, wherever a copy of it lies. Their tokens stay, and with them decisions, joins and counts. May be repeated.
 *
 * @throws {ServiceError} `store_unavailable`; some keys may be erased then: repeat it.
 */
export const forgetPerson = async (
  { kind, id, by }: ForgetCommand,
  deadline: Deadline,
  { tokeniser, vault }: { readonly tokeniser: TokeniserSource; readonly vault: Pick<PersonVault, 'erase'> },
): Promise<readonly Erasure[]> => {
  const keyed = await tokeniser.current(deadline);
  const erasures: Erasure[] = [];
  for (const token of keyed.tokens(kind, normaliseText(kind, id))) {
    erasures.push(await vault.erase(personOf(kind, token), by, deadline));
  }
  return erasures;
};
