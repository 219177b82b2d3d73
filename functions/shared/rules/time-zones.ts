/** What a clock and a calendar show. */
export interface ClockFace {
  /** 0 to 23. */
  readonly hour: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Clocks are put forward and back at full quarters of an hour, for as long as there have been computers. */
const QUARTER_MS = 15 * MINUTE_MS;

/** Offsets that are kept for a zone: a year of events in order has one of each quarter, and uses it many times. */
const KEPT_OFFSETS = 4_096;

/** Instants that a date can have. @see ECMA-262, time values */
const MAX_INSTANT_MS = 8.64e15;

/**
 * The clock of a time zone, summer time included. An instant that no date can have gives NaN.
 *
 * @param zone - of the IANA database, such as `Europe/Berlin`, or `UTC`.
 * @returns undefined where there is no such zone.
 */
export const clockIn = (zone: string): ((epochMs: number) => ClockFace) | undefined => {
  const format = formatOf(zone);
  if (!format) return undefined;
  const offsets = new Map<number, number>();
  const offsetMs = (epochMs: number): number => {
    const quarter = Math.floor(epochMs / QUARTER_MS);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    // Of the quarter's start, so that the answer does not depend on what was asked first.
    const offset = offsetOf(format, quarter * QUARTER_MS);
    if (offsets.size >= KEPT_OFFSETS) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  };
  return (epochMs) => {
    if (!(Math.abs(epochMs) <= MAX_INSTANT_MS)) return { hour: Number.NaN, weekday: Number.NaN };
    const localMs = epochMs + offsetMs(epochMs);
    const days = Math.floor(localMs / DAY_MS);
    // 1 January 1970 was a Thursday.
    return { hour: Math.floor((localMs - days * DAY_MS) / HOUR_MS), weekday: ((((days + 3) % 7) + 7) % 7) + 1 };
  };
};

const formatOf = (zone: string): Intl.DateTimeFormat | undefined => {
  // Offsets such as +02:00 are known to newer runtimes alone, and know no summer time.
  if (!/^[A-Za-z]/.test(zone)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** Milliseconds that local time is ahead of UTC, as the format says: `GMT`, `GMT+02:00`, of old `GMT-00:01:15`. */
const offsetOf = (format: Intl.DateTimeFormat, epochMs: number): number => {
  const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
    /GMT(?:([+-])(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?)?/.exec(name) ?? [];
  const ms = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1_000;
  return sign === '-' ? -ms : ms;
};
