import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Event } from '#domain/event.ts';
import type { HistoryPlan, Profile, WindowFeature } from '#features/history/plan.ts';
import { HistoryEngine, type HistoryEngineOptions } from '#features/history/state/engine/engine.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START_MS = Date.parse('2026-11-01T00:00:00.000Z');

const profile: Profile = {
  hash: 'p1',
  eventType: 'payment',
  roles: ['customer'],
  kinds: ['person'],
  columns: [
    { key: 'n', measure: { kind: 'count' } },
    { key: 'd', measure: { kind: 'distinct', of: { variable: 'city' } } },
    { key: 'b', measure: { kind: 'labelled', label: 'fraud' } },
    { key: 'z', measure: { kind: 'last', of: { variable: 'city' } } },
  ],
  slotMs: MINUTE,
  pageMs: 10 * MINUTE,
  keepMs: 2 * HOUR,
};
const count = (given: Partial<WindowFeature> = {}): WindowFeature => ({
  name: 'count',
  profile: 'p1',
  roles: ['customer'],
  windowMs: HOUR,
  delayMs: 0,
  includesCurrent: false,
  reading: { kind: 'count', column: 'n' },
  ...given,
});

const engineOf = (features: readonly WindowFeature[], options?: HistoryEngineOptions): HistoryEngine => {
  const plan: HistoryPlan = { reads: [profile], moves: [profile], features };
  return new HistoryEngine(new Map([['payment', plan]]), options);
};

const eventAt = (ms: number, customer = 'one', variables: Event['variables'] = {}): Event => ({
  eventId: `${customer}-${ms}`,
  eventType: 'payment',
  occurredAt: new Date(START_MS + ms).toISOString(),
  entities: { customer },
  variables,
});

describe('the edges of a window', () => {
  const times = fc.array(fc.integer({ min: 0, max: 3 * HOUR }), { maxLength: 60 });

  // What a slot holds is in the window or out of it as a whole. So what is within a window less a slot always counts,
  // and what is out of the window never does.
  test.each([
    { windowMs: HOUR, delayMs: 0 },
    { windowMs: 24 * MINUTE + 1, delayMs: 0 },
    { windowMs: HOUR, delayMs: 30 * MINUTE },
  ])('are off by less than a slot: $windowMs ms, $delayMs ms ago', ({ windowMs, delayMs }) => {
    fc.assert(
      fc.property(times, fc.integer({ min: 3 * HOUR, max: 4 * HOUR }), (happened, atMs) => {
        const engine = engineOf([count({ windowMs, delayMs })]);
        for (const ms of happened.toSorted((left, right) => left - right)) engine.count(eventAt(ms));

        const found = Number(engine.look(eventAt(atMs))[0]);

        const slots = Math.ceil(windowMs / MINUTE) * MINUTE;
        const endMs = atMs - delayMs;
        const within = (from: number, to: number): number => happened.filter((ms) => ms > from && ms <= to).length;
        expect(found).toBeGreaterThanOrEqual(within(endMs - slots + MINUTE, endMs));
        // The last slot is there as a whole, too, where a window ends before the current event.
        expect(found).toBeLessThanOrEqual(within(endMs - slots, endMs + MINUTE));
      }),
    );
  });

  test('an event of a moment ago counts, and one of a window ago no more', () => {
    const engine = engineOf([count()]);
    engine.count(eventAt(0));

    expect(engine.look(eventAt(1))).toEqual([1]);
    expect(engine.look(eventAt(HOUR - 1))).toEqual([1]);
    expect(engine.look(eventAt(HOUR))).toEqual([0]);
  });
});

describe('what is held', () => {
  test('follows the entities that a window still reaches, not the length of history', () => {
    const engine = engineOf([count(), count({ delayMs: HOUR })]);
    const sizes: number[] = [];

    for (let step = 0; step < 20_000; step++) {
      engine.step(eventAt(step * 10_000, `customer-${step}`));
      sizes.push(engine.size.entities);
    }

    // Two hours of windows at one customer in ten seconds are 720, and what is gone is found within a round of looks.
    expect(Math.max(...sizes)).toBeLessThan(2 * 720 + 20);
    expect(engine.size.slots).toBeLessThan(2 * 720 + 20);
  });

  test('of one busy entity is no more than its slots', () => {
    const engine = engineOf([count()]);

    for (let step = 0; step < 20_000; step++) engine.step(eventAt(step * 5_000));

    // The 60 of its window. The current one, 1,666 minutes on, is 40 s old: it has 8
    // events, and the 59 before it have 12 each.
    expect(engine.size).toEqual({ entities: 1, slots: 60 });
    expect(engine.look(eventAt(20_000 * 5_000))).toEqual([8 + 59 * 12]);
  });

  test('is nothing of a profile that no feature reads', () => {
    const engine = engineOf([]);

    expect(engine.step(eventAt(0))).toEqual([]);
    expect(engine.size).toEqual({ entities: 0, slots: 0 });
  });

  test('is nothing of an event that is out of every window when it comes', () => {
    const engine = engineOf([count()]);
    engine.count(eventAt(3 * HOUR));
    engine.count(eventAt(HOUR, 'two'));

    expect(engine.size).toEqual({ entities: 1, slots: 1 });
  });

  test('stays so much longer as events may be late', () => {
    const [strict, lenient] = [undefined, { graceMs: 5 * HOUR }].map((options) => {
      const engine = engineOf([count()], options);
      for (const ms of [HOUR, 5 * HOUR]) engine.count(eventAt(ms));
      return engine.look(eventAt(HOUR + MINUTE));
    });

    expect(strict).toEqual([0]);
    expect(lenient).toEqual([1]);
  });
});

describe('features', () => {
  test('are of nothing for an event type without a plan, and null without the entity', () => {
    const engine = engineOf([count()]);

    expect(engine.namesOf('payment')).toEqual(['count']);
    expect(engine.step({ ...eventAt(0), eventType: 'other' })).toEqual([]);
    expect(engine.step({ ...eventAt(0), entities: {} })).toEqual([null]);
    expect(engine.size.entities).toBe(0);
  });

  test('that take in the current event do so without counting it', () => {
    const engine = engineOf([count({ name: 'with', includesCurrent: true }), count({ name: 'without' })]);

    expect(engine.featuresOf(eventAt(0))).toEqual({ with: 1, without: 0 });
    expect(engine.featuresOf(eventAt(0))).toEqual({ with: 1, without: 0 });
  });

  test('of a label move when it is said, corrected and withdrawn, as long as a window reaches its event', () => {
    const risk = count({ reading: { kind: 'rate', part: 'b', count: 'n', prior: 0, weight: 0 } });
    const engine = engineOf([risk]);
    const [first, second] = [eventAt(0), eventAt(10 * MINUTE)];
    const looked = (): unknown => engine.look(eventAt(20 * MINUTE))[0];
    engine.step(first);
    engine.step(second);

    engine.relabel(first, undefined, 'fraud');
    expect(looked()).toBe(0.5);
    engine.relabel(second, undefined, 'fraud');
    expect(looked()).toBe(1);
    engine.relabel(first, 'fraud', 'legit');
    expect(looked()).toBe(0.5);
    engine.relabel(second, 'fraud', undefined);
    expect(looked()).toBe(0);

    engine.step(eventAt(5 * HOUR));
    engine.relabel(first, 'legit', 'fraud');
    expect(engine.look(eventAt(5 * HOUR + 1))[0]).toBe(0);
    expect(engine.size.slots).toBe(1);
  });

  test('of distinct values and the last one forget what left the window', () => {
    const engine = engineOf([
      count({ name: 'cities', reading: { kind: 'distinct', column: 'd' } }),
      count({ name: 'last', reading: { kind: 'last', column: 'z' } }),
    ]);
    for (const [ms, city] of [
      [0, 'Bern'],
      [30 * MINUTE, 'Graz'],
      [31 * MINUTE, 'Bern'],
    ] as const)
      engine.step(eventAt(ms, 'one', { city }));

    expect(engine.featuresOf(eventAt(32 * MINUTE))).toEqual({ cities: 2, last: 'Bern' });
    expect(engine.featuresOf(eventAt(90 * MINUTE))).toEqual({ cities: 1, last: 'Bern' });
    expect(engine.featuresOf(eventAt(3 * HOUR))).toEqual({ cities: 0, last: null });
  });
});
