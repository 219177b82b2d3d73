import { type AuditEntry, BEFORE_FIRST, type BrokenLink, type ChainEnd, checkLink } from '#domain/audit.ts';

/** An entry's place in the audit bucket, with all that was ever written there. */
export interface StoredPlace {
  readonly sequence: number;
  /** Content of the first version; undefined when that is no JSON. */
  readonly content: unknown;
  /** Versions and delete markers that were written over the first. */
  readonly later: number;
}

/** The audit log as it is found. */
export interface AuditLog {
  /** Places of the bucket, in order. */
  stored(): AsyncIterable<StoredPlace>;
  /** Entries that wait in the registry, oldest first. */
  waiting(): Promise<readonly AuditEntry[]>;
  /** Where the registry says that the chain ends. */
  end(): Promise<ChainEnd>;
}

/** What verifying came to. */
export interface Verification {
  readonly ok: boolean;
  /** Entries that are sound, from the first on. */
  readonly entries: number;
  /** How many of them wait to be delivered to the bucket. */
  readonly waiting: number;
  /** The first place at which the log is not what was written. */
  readonly broken?: BrokenLink;
}

/**
 * Checks the whole audit log: every entry is there, once, continues the one before it, and is what its hash says; and
 * the chain ends where the registry says.
 */
export const verifyAudit = async (log: AuditLog): Promise<Verification> => {
  // Before the entries: what is added while they are read is not missed then.
  const end = await log.end();
  let at: ChainEnd = BEFORE_FIRST;
  const broken = (why: string, sequence = at.sequence + 1): Verification => ({
    ok: false,
    entries: at.sequence,
    waiting: 0,
    broken: { sequence, why },
  });
  for await (const { sequence, content, later } of log.stored()) {
    if (sequence !== at.sequence + 1) return broken('the entry is missing from the bucket');
    const checked = checkLink(at, content);
    if (!checked.ok) return broken(checked.broken.why);
    if (later > 0) return broken('the object was written over or deleted; its first version is still the entry');
    at = checked.entry;
  }
  const delivered = at.sequence;
  for (const entry of await log.waiting()) {
    if (entry.sequence <= at.sequence) continue;
    const checked = checkLink(at, entry);
    if (!checked.ok) return broken(checked.broken.why);
    at = checked.entry;
  }
  if (at.sequence < end.sequence) return broken('the entry is missing from bucket and registry');
  if (at.sequence === end.sequence && at.hash !== end.hash) {
    return broken('the registry ends in another entry: one of them was changed', at.sequence);
  }
  return { ok: true, entries: at.sequence, waiting: at.sequence - delivered };
};
