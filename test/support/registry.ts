import { type AuditRecord, linkTo } from '#domain/audit.ts';
import type { AuditTrail } from '#ports/audit-trail.ts';
import type { RegistryHead } from '#ports/registry-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';

/** What an act that a test needs only for the move says. */
export const aRecord = (changes: Partial<AuditRecord> = {}): AuditRecord => ({
  v: 1,
  at: '2026-03-01T00:00:00.000Z',
  actor: { kind: 'deployment', id: 'deployment' },
  act: 'catalog.deploy',
  outcome: 'done',
  changes: [],
  ...changes,
});

/** Moves the head of a registry, with the entry that tells of it. @returns whether it was moved. */
export const moveHead = async (trail: AuditTrail, head: RegistryHead, expected: number): Promise<boolean> => {
  const entry = linkTo(await trail.end(deadlineIn(5_000)), aRecord({ revision: head.revision }));
  return trail.append(entry, deadlineIn(5_000), { head, expected });
};
