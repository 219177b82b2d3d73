import fc from 'fast-check';

import type { Event } from '#domain/event.ts';
import type { Column, HistoryPlan, Profile, Reading, WindowFeature } from '#features/history/plan.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
export const START_MS = Date.parse('2026-11-01T00:00:00.000Z');

const AMOUNT = { of: { variable: 'amount' }, decimals: 2 } as const;
const TIME = { of: { time: true }, decimals: 0 } as const;
const isNight = ({ variables }: Event): boolean => variables.night === true;

/** A column of every kind of measure. */
const COLUMNS: readonly Column[] = [
  { key: 'n', measure: { kind: 'count' } },
  { key: 'g', measure: { kind: 'count' }, where: isNight },
  { key: 'v', measure: { kind: 'count', ...AMOUNT } },
  { key: 's', measure: { kind: 'sum', ...AMOUNT } },
  { key: 'q', measure: { kind: 'squares', ...AMOUNT } },
  { key: 'l', measure: { kind: 'min', ...AMOUNT } },
  { key: 'h', measure: { kind: 'max', ...AMOUNT } },
  { key: 'f', measure: { kind: 'first', of: { variable: 'city' } } },
  { key: 'z', measure: { kind: 'last', of: { variable: 'city' } } },
  { key: 'd', measure: { kind: 'distinct', of: { variable: 'city' } } },
  { key: 'e', measure: { kind: 'distinct', of: { role: 'terminal' } } },
  { key: 'b', measure: { kind: 'labelled', label: 'fraud' } },
  { key: 'o', measure: { kind: 'outcome', detector: 'cards', outcome: 'decline' } },
  { key: 't', measure: { kind: 'min', ...TIME } },
  { key: 'u', measure: { kind: 'max', ...TIME } },
  { key: 'w', measure: { kind: 'sum', of: { transform: 'half', value: halfOf }, decimals: 3 } },
];

function halfOf({ variables }: Event): number | undefined {
  return typeof variables.amount === 'number' ? variables.amount / 2 : undefined;
}

const profile = (hash: string, given: Partial<Profile> & Pick<Profile, 'roles' | 'kinds'>): Profile => ({
  hash,
  eventType: 'payment',
  columns: COLUMNS,
  slotMs: MINUTE,
  pageMs: 10 * MINUTE,
  keepMs: 90 * MINUTE,
  ...given,
});

export const PROFILES = {
  customer: profile('customer', { roles: ['customer'], kinds: ['person'] }),
  terminal: profile('terminal', { roles: ['terminal'], kinds: ['terminal'], slotMs: 4 * MINUTE, pageMs: 8 * MINUTE }),
  pair: profile('pair', { roles: ['customer', 'terminal'], kinds: ['person', 'terminal'] }),
  login: profile('login', {
    eventType: 'login',
    roles: ['account'],
    kinds: ['person'],
    slotMs: 30 * SECOND,
    pageMs: MINUTE,
  }),
} satisfies Record<string, Profile>;

/** A reading of every kind, over {@link COLUMNS}. */
export const READINGS: Readonly<Record<string, Reading>> = {
  count: { kind: 'count', column: 'n' },
  nights: { kind: 'count', column: 'g' },
  sum: { kind: 'sum', column: 's', decimals: 2 },
  halves: { kind: 'sum', column: 'w', decimals: 3 },
  min: { kind: 'min', column: 'l', decimals: 2 },
  max: { kind: 'max', column: 'h', decimals: 2 },
  mean: { kind: 'mean', sum: 's', count: 'v', decimals: 2 },
  stddev: { kind: 'stddev', sum: 's', squares: 'q', count: 'v', decimals: 2 },
  first: { kind: 'first', column: 'f' },
  last: { kind: 'last', column: 'z' },
  cities: { kind: 'distinct', column: 'd' },
  terminals: { kind: 'distinct', column: 'e' },
  risk: { kind: 'rate', part: 'b', count: 'n', prior: 0.01, weight: 5 },
  bare_risk: { kind: 'rate', part: 'b', count: 'n', prior: 0, weight: 0 },
  declined: { kind: 'rate', part: 'o', count: 'n', prior: 0, weight: 0 },
  since_first: { kind: 'since_first', column: 't' },
  since_last: { kind: 'since_last', column: 'u' },
  is_new: { kind: 'is_new', column: 'n' },
  decayed_count: { kind: 'decayed', column: 'n', decimals: 0, halfLifeMs: 7 * MINUTE },
  decayed_sum: { kind: 'decayed', column: 's', decimals: 2, halfLifeMs: 20 * MINUTE },
};

/** Windows with and without delay, of whole slots and not, with and without the current event. */
const SPANS = [
  { windowMs: 5 * MINUTE, delayMs: 0, includesCurrent: false },
  { windowMs: 7.5 * MINUTE, delayMs: 0, includesCurrent: true },
  { windowMs: 30 * MINUTE, delayMs: 0, includesCurrent: false },
  { windowMs: 30 * MINUTE, delayMs: 0, includesCurrent: true },
  { windowMs: 20 * MINUTE, delayMs: 11 * MINUTE, includesCurrent: false },
] as const;

const featuresOver = ({ hash }: Profile, roles: readonly string[], names: readonly string[]): WindowFeature[] =>
  SPANS.flatMap((span, at) =>
    names.map((name) => ({ name: `${hash}_${name}_${at}`, profile: hash, roles, ...span, reading: READINGS[name]! })),
  );

const { customer, terminal, pair, login } = PROFILES;
const outOfOwn = (feature: WindowFeature): WindowFeature => ({ ...feature, includesCurrent: false });

/** Payments read all of it, and logins of the same people; logins read payments. */
export const PLANS: ReadonlyMap<string, HistoryPlan> = new Map([
  [
    'payment',
    {
      reads: [customer, terminal, pair, login],
      moves: [customer, terminal, pair],
      features: [
        ...featuresOver(customer, customer.roles, Object.keys(READINGS)),
        ...featuresOver(terminal, terminal.roles, Object.keys(READINGS)),
        ...featuresOver(pair, pair.roles, ['count', 'is_new', 'stddev']),
        ...featuresOver(login, ['customer'], ['count', 'since_last']).map(outOfOwn),
      ],
    },
  ],
  [
    'login',
    {
      reads: [customer],
      moves: [login],
      features: featuresOver(customer, ['account'], ['count', 'risk', 'last']).map(outOfOwn),
    },
  ],
]);

/** What happens, one thing after another: an event comes (again), its label becomes another. */
export type Happening =
  | { readonly kind: 'event'; readonly event: Event; readonly label?: string; readonly outcome: string }
  | { readonly kind: 'repeat' | 'correct'; readonly pick: number; readonly label: string | undefined };

const token = (kind: string, number: number): string => `t1_${`${kind}${number}`.padEnd(24, '0')}`;

/** Milliseconds that events are late or early by: mostly in order, now and then by up to an hour. */
const lateness = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -3 * MINUTE, max: 2 * MINUTE }) },
  { weight: 1, arbitrary: fc.integer({ min: -60 * MINUTE, max: 0 }) },
);

const amount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -500, max: 50_000 }).map((cents) => cents / 100) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.005, 9e12, -9e12, 90_071_992_547_409.91, 1e14, 1e300) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      login: fc.integer({ min: 0, max: 4 }).map((chance) => chance === 0),
      customer: fc.integer({ min: 0, max: 2 }),
      terminal: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined, freq: 6 }),
      gapMs: fc.oneof(fc.integer({ min: 0, max: 3 * MINUTE }), fc.constantFrom(0, MINUTE, 4 * MINUTE, 55 * MINUTE)),
      lateness,
      amount,
      city: fc.option(fc.constantFrom('Bern', 'Graz', 'Lyon', 'Oslo', 7, true), { nil: undefined }),
      night: fc.boolean(),
      label: fc.option(fc.constantFrom('fraud', 'legit'), { nil: undefined, freq: 2 }),
      outcome: fc.constantFrom('approve', 'decline'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('repeat' as const, 'correct' as const),
      pick: fc.nat(),
      label: fc.constantFrom('fraud', 'legit', undefined),
    }),
  },
);

/** A history, in the order in which it becomes known. @param late - whether events may come out of order. */
export const histories = (late: boolean, maxLength = 80): fc.Arbitrary<readonly Happening[]> =>
  fc.array(happening, { minLength: 1, maxLength }).map((drawn) => {
    let nowMs = START_MS;
    return drawn.map((one, index): Happening => {
      // An event that comes again is looked at as of its time: out of order, too.
      if (one.kind !== 'event') return late ? one : { ...one, kind: 'correct' };
      nowMs += one.gapMs;
      const atMs = nowMs + (late ? one.lateness : 0);
      const present = <T extends object>(values: T): T =>
        Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
      const person = token('c', one.customer);
      const event = {
        eventId: `e${(index * 7_919) % 1_000}`,
        eventType: one.login ? 'login' : 'payment',
        occurredAt: new Date(atMs).toISOString(),
        entities: one.login
          ? { account: person }
          : present({ customer: person, terminal: one.terminal === undefined ? undefined : token('t', one.terminal) }),
        variables: present({ amount: one.amount, city: one.city, night: one.night }),
      } as Event;
      return { kind: 'event', event, outcome: one.outcome, ...(one.label && { label: one.label }) };
    });
  });
