import * as z from 'zod';

import { canonicalJson, sha256Hex } from './content-hash.ts';
import { NameSchema, VersionSchema } from './names.ts';

/** What may be done to the catalog. The list is closed; docs/administration.md says what each means. */
export const AUDIT_ACTS = [
  'catalog.deploy',
  'catalog.rebuild',
  'event-type.put',
  'detector.put',
  'detector.activate',
  'detector.standby',
  'model.put',
  'reference.put',
  'list.replace',
  'list.append',
  'list.remove',
  'switch.set',
] as const;
export type AuditAct = (typeof AUDIT_ACTS)[number];

/** Who acted: a deployment, or the caller that the gateway vouches for. */
export const ActorSchema = z.strictObject({
  kind: z.enum(['deployment', 'service', 'person']),
  /** `deployment`, the ARN of an AWS identity, or the subject of a person. */
  id: z.string().min(1),
});
export type Actor = z.infer<typeof ActorSchema>;

const StateSchema = z.strictObject({
  version: VersionSchema.optional(),
  /** SHA-256 of the content. */
  hash: z.string().optional(),
  /** Of a detector's version: there when it is the one that decides. */
  decides: z.literal(true).optional(),
});

/** One document that an act changed: what stood, and what stands now. Never a value of a list or of an event. */
export const AuditChangeSchema = z.strictObject({
  kind: z.enum(['event-type', 'detector', 'list', 'model', 'reference', 'switch']),
  name: NameSchema,
  /** Absent where there was nothing. */
  before: StateSchema.optional(),
  /** Absent where nothing is left. */
  after: StateSchema.optional(),
});
export type AuditChange = z.infer<typeof AuditChangeSchema>;

/** An administrative act, as it is told before it has its place in the chain. */
export const AuditRecordSchema = z.strictObject({
  v: z.literal(1),
  /** UTC. */
  at: z.iso.datetime({ precision: 3 }),
  actor: ActorSchema,
  act: z.enum(AUDIT_ACTS),
  /** `refused`: policy forbade it; nothing was changed. */
  outcome: z.enum(['done', 'refused']),
  /** Why it was refused. */
  reason: z.string().optional(),
  /** Of the call of the API. */
  requestId: z.string().optional(),
  /** Revision of the catalog that the act made, and hash of its snapshot. */
  revision: z.int().min(1).optional(),
  snapshot: z.string().optional(),
  changes: z.array(AuditChangeSchema),
  /** How many further changes there were than fit the entry. */
  furtherChanges: z.int().min(1).optional(),
});
export type AuditRecord = z.infer<typeof AuditRecordSchema>;

/** A link of the audit log: an act, its place, and the hash of the entry before it. */
export const AuditEntrySchema = z.strictObject({
  ...AuditRecordSchema.shape,
  /** 1 for the first entry, one more with each. */
  sequence: z.int().min(1),
  /** Hash of the entry before; 64 zeros for the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  /** SHA-256 of all the rest as canonical JSON. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AuditEntry = z.infer<typeof AuditEntrySchema>;

/** Where the chain ends. */
export type ChainEnd = Pick<AuditEntry, 'sequence' | 'hash'>;

/** What the first entry names as the one before it. */
export const BEFORE_FIRST: ChainEnd = { sequence: 0, hash: '0'.repeat(64) };

const MOST_CHANGES = 1_000;

/** An act as the next link of the chain. */
export const linkTo = (end: ChainEnd, record: AuditRecord): AuditEntry => {
  const further = record.changes.length - MOST_CHANGES;
  const fitting = further > 0 ? { changes: record.changes.slice(0, MOST_CHANGES), furtherChanges: further } : {};
  const link = { ...record, ...fitting, sequence: end.sequence + 1, previous: end.hash };
  return { ...link, hash: hashOfLink(link) };
};

const hashOfLink = (link: Omit<AuditEntry, 'hash'>): string => sha256Hex(canonicalJson(link));

/** Key of an entry in the audit bucket; keys are in the order of the entries. */
export const auditKey = (sequence: number): string => `entries/${String(sequence).padStart(12, '0')}.json`;

/** Why an entry does not continue the chain. */
export interface BrokenLink {
  /** Place in the chain where something else should be. */
  readonly sequence: number;
  readonly why: string;
}

/**
 * Checks the next entry of the log.
 *
 * @param stored - the content of its object; undefined when that is no JSON.
 * @returns where the chain ends now, or why it is broken here.
 */
export const checkLink = (
  end: ChainEnd,
  stored: unknown,
): { readonly ok: true; readonly entry: AuditEntry } | { readonly ok: false; readonly broken: BrokenLink } => {
  const sequence = end.sequence + 1;
  const broken = (why: string) => ({ ok: false, broken: { sequence, why } }) as const;
  const parsed = AuditEntrySchema.safeParse(stored);
  if (!parsed.success) return broken('the entry is not one that Assay writes');
  const { hash, ...link } = parsed.data;
  if (link.sequence !== sequence) return broken(`entry ${link.sequence} stands in its place`);
  if (link.previous !== end.hash) return broken('it does not continue the entry before it');
  if (hashOfLink(link) !== hash) return broken('its content is not what its hash says: it was changed');
  return { ok: true, entry: parsed.data };
};
