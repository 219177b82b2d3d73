import * as z from 'zod';
import type { ObjectRecord, Retention, VersionRow } from './schema.ts';

const DAY_MS = 24 * 3600 * 1000;

/** The properties of a bucket whose versions are locked as they come. */
export const ObjectLockSchema = z.strictObject({
  ObjectLockEnabled: z.literal('Enabled'),
  Rule: z.strictObject({
    DefaultRetention: z.strictObject({
      Mode: z.enum(['GOVERNANCE', 'COMPLIANCE']),
      Days: z.coerce.number().int().min(1).max(36_500),
    }),
  }),
});

/** How long each new version of a bucket is locked. */
export interface DefaultRetention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly days: number;
}

/** The lock that a version made now gets; nothing where the bucket has no default. */
export const lockedFrom = (
  retention: DefaultRetention | undefined,
  nowMs: number,
): { readonly retention?: Retention } =>
  retention ? { retention: { mode: retention.mode, untilMs: nowMs + retention.days * DAY_MS } } : {};

/** Whether a version may not go yet. */
export const isLocked = (row: VersionRow, nowMs: number): boolean =>
  ((JSON.parse(row.record) as ObjectRecord).retention?.untilMs ?? 0) > nowMs;
