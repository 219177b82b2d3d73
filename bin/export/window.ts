import { parseTime } from '#domain/times.ts';

/** A span of time: from the first instant on, up to the second, which is not part of it. Milliseconds since 1970. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const DAY_MS = 86_400_000;

/**
 * The span that a person names by two dates, or two times with an offset. A date as the end is the whole of that day.
 *
 * @throws {Error} that says how to write them.
 */
export const windowOf = (from: string | undefined, to: string | undefined): Window => {
  const fromMs = from === undefined ? 0 : instantOf(from, '--from').ms;
  const end = to === undefined ? undefined : instantOf(to, '--to');
  const toMs = end === undefined ? Number.MAX_SAFE_INTEGER : end.ms + (end.isDay ? DAY_MS : 0);
  if (toMs <= fromMs) throw new Error('--to is before --from; name the earlier of the two first');
  return { fromMs, toMs };
};

const instantOf = (text: string, option: string): { readonly ms: number; readonly isDay: boolean } => {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const time = parseTime(isDay ? `${text}T00:00:00Z` : text);
  if (time === undefined) {
    throw new Error(`${option} must be a date such as 2026-11-22, or a time such as 2026-11-22T09:00:00Z`);
  }
  return { ms: Date.parse(time), isDay };
};
