import * as z from 'zod';

/** How far ahead of this machine's clock a sender's may be. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

const DAY_MS = 86_400_000;

const IsoTimeSchema = z.iso.datetime({ offset: true });

/**
 * Reads an ISO 8601 time with an offset, such as `2026-03-01T12:00:00Z`. Calendar dates must exist: `Date` alone
 * makes 1 March of 30 February.
 *
 * @returns UTC with milliseconds; digits beyond them are cut off. Undefined for anything else.
 */
export const parseTime = (value: unknown): string | undefined => {
  const parsed = IsoTimeSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const ms = Date.parse(parsed.data);
  return Number.isNaN(ms) ? undefined : isoOf(ms);
};

const isoOf = (ms: number): string | undefined => {
  const iso = new Date(ms).toISOString();
  // An offset can carry the last or first hours of four-digit years out of them.
  return iso.length === 24 ? iso : undefined;
};

/** Why a time cannot be taken, or undefined when it can. @param time - as {@link parseTime} gives it. */
export const timeProblemOf = (
  time: string,
  { nowMs, retentionDays }: { readonly nowMs: number; readonly retentionDays: number | undefined },
): { readonly reason: 'too_old' | 'in_future'; readonly problem: string } | undefined => {
  const ms = Date.parse(time);
  if (ms > nowMs + CLOCK_TOLERANCE_MS) {
    return { reason: 'in_future', problem: 'more than 5 minutes ahead; check the clock and the offset' };
  }
  if (retentionDays !== undefined && ms < nowMs - retentionDays * DAY_MS) {
    return { reason: 'too_old', problem: `older than the ${retentionDays} days that events are kept` };
  }
  return undefined;
};
