import type { AuditEntry, ChainEnd } from '#domain/audit.ts';
import type { Deadline } from './clock.ts';
import type { RegistryHead } from './registry-store.ts';

/** A move of the catalog's head. */
export interface HeadMove {
  readonly head: RegistryHead;
  /** Revision that the mover has seen, 0 for none. */
  readonly expected: number;
}

/**
 * The chain of administrative acts as it grows. An entry and the act that it tells of are one transaction: there is no
 * act without its entry, and no entry of an act that never was.
 */
export interface AuditTrail {
  /** Where the chain ends. */
  end(deadline: Deadline): Promise<ChainEnd>;
  /**
   * Appends the next entry, and with it makes another snapshot the active one.
   *
   * @param move - absent for an act that moved nothing.
   * @returns false when the chain has grown, or the head has moved, meanwhile; nothing is written then.
   */
  append(entry: AuditEntry, deadline: Deadline, move?: HeadMove): Promise<boolean>;
  /** Entries that were not delivered to the archive yet, oldest first: at most a hundred. */
  undelivered(deadline: Deadline): Promise<readonly AuditEntry[]>;
  /** Notes that all entries up to this one are in the archive. */
  markDelivered(sequence: number, deadline: Deadline): Promise<void>;
}

/** Where entries are kept so that nobody can change them. */
export interface AuditArchive {
  /** Keeps an entry; one that is there already stays as it is. */
  keep(entry: AuditEntry, deadline: Deadline): Promise<void>;
}
