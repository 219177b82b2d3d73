const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Shortest and longest window. */
export const MIN_WINDOW_MS = MINUTE_MS;
export const MAX_WINDOW_MS = 90 * DAY_MS;

/** Milliseconds of a length of time such as `10m`. @param duration - as `DurationSchema` has it. */
export const durationMs = (duration: string): number =>
  Number(duration.slice(0, -1)) * (UNIT_MS[duration.slice(-1)] ?? Number.NaN);

/** A length of time in the longest unit that it is a whole number of: `90m`, `1d`. @param ms - whole seconds. */
export const durationName = (ms: number): string => {
  const unit = ['d', 'h', 'm'].find((candidate) => ms % UNIT_MS[candidate]! === 0) ?? 's';
  return `${ms / UNIT_MS[unit]!}${unit}`;
};

/** Lengths that a slot may have: each divides the next, so that slots of a shared profile divide all its windows. */
export const SLOT_LADDER_MS: readonly number[] = [
  SECOND_MS,
  5 * SECOND_MS,
  15 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  4 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
];

/** Slots that a window has at least: its far edge is off by less than one. */
export const SLOTS_PER_WINDOW = 24;

/**
 * Length of the slots of a window by itself: the longest of the ladder of which the window has at least 24. With a
 * half-life, which weighs events by the middle of their slot, also at most a 24th of that.
 */
export const slotMsOf = (windowMs: number, halfLifeMs = Number.POSITIVE_INFINITY): number => {
  const longest = Math.min(windowMs, halfLifeMs) / SLOTS_PER_WINDOW;
  return SLOT_LADDER_MS.findLast((slotMs) => slotMs <= longest) ?? SECOND_MS;
};

/** Most pages that a window is read from: one query brings them, and full ones are 96 KB. */
export const MAX_PAGES = 96;

/** Delays are rounded up to one of these where they say how long a page is kept, so that changing one keeps the state. */
const DELAY_LADDER_MS: readonly number[] = [0, 30 * DAY_MS, MAX_WINDOW_MS];

/**
 * How long a page is kept after its end: as long as any window that could share its profile is, so that another window
 * over the same columns finds a whole history.
 */
export const keepMsOf = (pageMs: number, longestDelayMs: number): number =>
  Math.min(MAX_PAGES * pageMs, MAX_WINDOW_MS) +
  (DELAY_LADDER_MS.find((delayMs) => delayMs >= longestDelayMs) ?? MAX_WINDOW_MS);
