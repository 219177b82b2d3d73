import { expect, test } from '@jest/globals';

import { clockIn } from '#rules/time-zones.ts';

test.each([
  ['UTC', '2026-01-01T00:00:00Z', 0, 4],
  ['UTC', '1969-12-31T23:59:59.999Z', 23, 3],
  ['UTC', '1960-02-29T12:00:00Z', 12, 1],
  // Clocks go forward at 01:00 UTC and back at 01:00 UTC.
  ['Europe/Berlin', '2026-03-29T00:59:59Z', 1, 7],
  ['Europe/Berlin', '2026-03-29T01:00:00Z', 3, 7],
  ['Europe/Berlin', '2026-10-25T00:59:59Z', 2, 7],
  ['Europe/Berlin', '2026-10-25T01:00:00Z', 2, 7],
  ['Europe/Berlin', '2026-10-25T02:00:00Z', 3, 7],
  ['America/New_York', '2026-07-04T03:59:59Z', 23, 5],
  ['America/New_York', '2026-07-04T04:00:00Z', 0, 6],
  ['Asia/Kathmandu', '2026-07-04T18:14:59Z', 23, 6],
  ['Asia/Kathmandu', '2026-07-04T18:15:00Z', 0, 7],
  // Half an hour of summer time, and the date line.
  ['Australia/Lord_Howe', '2026-01-01T13:00:00Z', 0, 5],
  ['Pacific/Kiritimati', '2026-01-01T10:00:00Z', 0, 5],
])('in %s, %s is hour %i of day %i of the week', (zone, instant, hour, weekday) => {
  expect(clockIn(zone)?.(Date.parse(instant))).toEqual({ hour, weekday });
});

test('the answer does not depend on what was asked before', () => {
  const asked = clockIn('Europe/Berlin')!;
  const instants = Array.from({ length: 9_000 }, (_, at) => Date.UTC(2026, 2, 20) + at * 444_444);

  expect(instants.map(asked)).toEqual(instants.toReversed().map(asked).toReversed());
});

test.each(['', 'Berlin', 'Europe/Nowhere', '+02:00', 'Europe/Berlin '])('there is no time zone "%s"', (zone) => {
  expect(clockIn(zone)).toBeUndefined();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 9e15])('no clock shows the instant %d', (instant) => {
  expect(clockIn('UTC')!(instant)).toEqual({ hour: Number.NaN, weekday: Number.NaN });
});
