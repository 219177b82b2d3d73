import type { Tokeniser } from '#domain/tokeniser.ts';
import type { Deadline } from './clock.ts';

export type { Tokeniser };

/** Gives the tokeniser with the keys of the last few minutes. */
export interface TokeniserSource {
  /** @throws {ServiceError} `store_unavailable` when the keys cannot be read. */
  current(deadline: Deadline): Promise<Tokeniser>;
}
