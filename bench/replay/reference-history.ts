import type { Event } from '#domain/event.ts';
import type { Column, HistoryPlan, Profile, Reading, WindowFeature } from '#features/history/plan.ts';
import { Random } from '../../bin/simulation/random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const AMOUNT = { of: { variable: 'amount' }, decimals: 2 } as const;

/** Columns by their keys. */
const COLUMNS = {
  n: { key: 'n', measure: { kind: 'count' } },
  s: { key: 's', measure: { kind: 'sum', ...AMOUNT } },
  q: { key: 'q', measure: { kind: 'squares', ...AMOUNT } },
  l: { key: 'l', measure: { kind: 'min', ...AMOUNT } },
  h: { key: 'h', measure: { kind: 'max', ...AMOUNT } },
  d: { key: 'd', measure: { kind: 'distinct', of: { role: 'terminal' } } },
  z: { key: 'z', measure: { kind: 'last', of: { variable: 'city' } } },
  u: { key: 'u', measure: { kind: 'max', of: { time: true }, decimals: 0 } },
  b: { key: 'b', measure: { kind: 'labelled', label: 'fraud' } },
} as const satisfies Record<string, Column>;

const COUNT: Reading = { kind: 'count', column: 'n' };
const MEAN: Reading = { kind: 'mean', sum: 's', count: 'n', decimals: 2 };
const RISK: Reading = { kind: 'rate', part: 'b', count: 'n', prior: 0.01, weight: 10 };

/** A profile of payments: slots of an hour, pages of a day. */
const profileOf = (kind: 'customer' | 'terminal', columns: readonly Column[], slotMs: number): Profile => ({
  hash: kind,
  eventType: 'payment',
  roles: [kind],
  kinds: [kind],
  columns,
  slotMs,
  pageMs: DAY,
  keepMs: 40 * DAY,
});

type Window = readonly [name: string, days: number, reading: Reading, delayDays?: number];

const featuresOf = (profile: string, windows: readonly Window[]): WindowFeature[] =>
  windows.map(([name, days, reading, delayDays = 0]) => ({
    name,
    profile,
    roles: [profile],
    windowMs: days * DAY,
    delayMs: delayDays * DAY,
    includesCurrent: false,
    reading,
  }));

const planOf = (features: readonly WindowFeature[], profiles: readonly Profile[]): ReadonlyMap<string, HistoryPlan> =>
  new Map([['payment', { reads: profiles, moves: profiles, features }]]);

function planOfKind(reading: Reading, columns: readonly Column[]): ReadonlyMap<string, HistoryPlan> {
  const windows = [1, 3, 7, 14, 21, 30].map((days): Window => [`${days}d`, days, reading]);
  return planOf(
    [...featuresOf('customer', windows), ...featuresOf('terminal', windows)],
    [profileOf('customer', columns, HOUR), profileOf('terminal', columns, HOUR)],
  );
}

/** Twelve window features over two entities: the aim is for these. */
export const REFERENCE_PLAN = planOf(
  [
    ...featuresOf('customer', [
      ['customer_count_1d', 1, COUNT],
      ['customer_mean_1d', 1, MEAN],
      ['customer_count_7d', 7, COUNT],
      ['customer_mean_7d', 7, MEAN],
      ['customer_count_30d', 30, COUNT],
      ['customer_mean_30d', 30, MEAN],
    ]),
    ...featuresOf('terminal', [
      ['terminal_count_1d', 1, COUNT, 7],
      ['terminal_risk_1d', 1, RISK, 7],
      ['terminal_count_7d', 7, COUNT, 7],
      ['terminal_risk_7d', 7, RISK, 7],
      ['terminal_count_30d', 30, COUNT, 7],
      ['terminal_risk_30d', 30, RISK, 7],
    ]),
  ],
  [profileOf('customer', [COLUMNS.n, COLUMNS.s], HOUR), profileOf('terminal', [COLUMNS.n, COLUMNS.b], HOUR)],
);

const { n, s, q, l, h, d, z, u, b } = COLUMNS;

/** Twelve features of one kind each, in windows of 1 to 30 days over both entities: what a kind costs. */
export const KINDS: Readonly<Record<string, ReadonlyMap<string, HistoryPlan>>> = Object.fromEntries(
  (
    [
      [COUNT, [n]],
      [{ kind: 'sum', column: 's', decimals: 2 }, [s]],
      [MEAN, [n, s]],
      [{ kind: 'stddev', sum: 's', squares: 'q', count: 'n', decimals: 2 }, [n, s, q]],
      [{ kind: 'min', column: 'l', decimals: 2 }, [l]],
      [{ kind: 'max', column: 'h', decimals: 2 }, [h]],
      [{ kind: 'distinct', column: 'd' }, [d]],
      [RISK, [n, b]],
      [{ kind: 'since_last', column: 'u' }, [u]],
      [{ kind: 'is_new', column: 'n' }, [n]],
      [{ kind: 'last', column: 'z' }, [z]],
      [{ kind: 'decayed', column: 's', decimals: 2, halfLifeMs: 3 * DAY }, [s]],
    ] as const satisfies readonly (readonly [Reading, readonly Column[]])[]
  ).map(([reading, columns]) => [reading.kind, planOfKind(reading, columns)]),
);

/** A history in columns: what pandas has it in, too. */
export interface ReferenceHistory {
  readonly events: number;
  /** Epoch milliseconds, in order. */
  readonly atMs: Float64Array;
  readonly customer: Int32Array;
  readonly terminal: Int32Array;
  readonly cents: Int32Array;
  readonly fraud: Uint8Array;
}

/** How many customers and terminals there are, and how many days the history takes: about 11,000 events a day. */
export const REFERENCE = { customers: 20_000, terminals: 10_000, days: 90, events: 1_000_000 } as const;

const START_MS = Date.parse('2026-01-01T00:00:00.000Z');

/** A history of payments, evenly through time; some customers and terminals are much busier than others. */
export const referenceHistory = (seed: number, events: number, days: number): ReferenceHistory => {
  const random = new Random(seed, 'reference history');
  const history = {
    events,
    atMs: new Float64Array(events),
    customer: new Int32Array(events),
    terminal: new Int32Array(events),
    cents: new Int32Array(events),
    fraud: new Uint8Array(events),
  };
  for (let index = 0; index < events; index++) {
    history.atMs[index] = START_MS + Math.floor(((index + random.unit()) / events) * days * DAY);
    history.customer[index] = Math.floor(random.unit() ** 2 * REFERENCE.customers);
    history.terminal[index] = Math.floor(random.unit() ** 2 * REFERENCE.terminals);
    history.cents[index] = Math.floor(100 + 20_000 * random.unit() ** 3);
    history.fraud[index] = Number(random.chance(0.01));
  }
  return history;
};

const CITIES = ['Bern', 'Graz', 'Lyon', 'Oslo', 'Porto'];
const tokensOf = (kind: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, number) => `t1_${kind}${String(number).padStart(23, '0')}`);

/** Makes events of a history, one by one, as a reader of files would. */
export const eventsOf = (history: ReferenceHistory): ((index: number) => Event) => {
  const [customers, terminals] = [tokensOf('c', REFERENCE.customers), tokensOf('t', REFERENCE.terminals)];
  return (index) => ({
    eventId: `e${index}`,
    eventType: 'payment',
    occurredAt: new Date(history.atMs[index]!).toISOString(),
    entities: { customer: customers[history.customer[index]!]!, terminal: terminals[history.terminal[index]!]! },
    variables: { amount: history.cents[index]! / 100, city: CITIES[history.customer[index]! % CITIES.length]! },
  });
};
