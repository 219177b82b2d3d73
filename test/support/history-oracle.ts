import type { Event, VariableValue } from '#domain/event.ts';
import type { Column, HistoryPlan, Profile, ValueSource, WindowFeature } from '#features/history/plan.ts';
import { markOf } from '#features/history/state/cells.ts';

/** An event that was counted, with what is known of it by now. */
export interface Counted {
  readonly event: Event;
  readonly label?: string | undefined;
  readonly decisions: readonly { readonly detector: string; readonly outcomes: readonly string[] }[];
}

/**
 * Features of an event by going through all the events that were counted before it, one by one, and by nothing else:
 * slow, without state, and plain enough to be believed. What it holds against others is their state, so it takes the
 * length of a slot from the profile and the marks of distinct values from the code.
 */
export const oracleFeatures = (
  plan: HistoryPlan,
  event: Event,
  history: readonly Counted[],
): Record<string, VariableValue | null> =>
  Object.fromEntries(plan.features.map((feature) => [feature.name, oracleValue(plan, feature, event, history)]));

const oracleValue = (
  plan: HistoryPlan,
  feature: WindowFeature,
  event: Event,
  history: readonly Counted[],
): VariableValue | null => {
  const profile = plan.reads.find(({ hash }) => hash === feature.profile)!;
  const key = keyIn(event, feature.roles);
  if (key === undefined) return null;
  const atMs = Date.parse(event.occurredAt);
  const all = feature.includesCurrent ? [...history, { event, decisions: [] }] : history;
  const seen = all.filter((counted) => {
    const thenMs = Date.parse(counted.event.occurredAt);
    return (
      counted.event.eventType === profile.eventType &&
      keyIn(counted.event, profile.roles) === key &&
      isInWindow(profile, feature, thenMs, atMs)
    );
  });
  return valueOver(seen, profile, feature, atMs);
};

/** Slots are numbered from 1970: the newest is the one of the window's end, and there are as many as a window has. */
const isInWindow = (profile: Profile, feature: WindowFeature, thenMs: number, atMs: number): boolean => {
  const newest = Math.floor((atMs - feature.delayMs) / profile.slotMs);
  const slot = Math.floor(thenMs / profile.slotMs);
  return slot <= newest && newest - slot < Math.ceil(feature.windowMs / profile.slotMs);
};

const keyIn = ({ entities }: Event, roles: readonly string[]): string | undefined =>
  roles.every((role) => role in entities) ? roles.map((role) => entities[role]).join(' ') : undefined;

const valueOver = (
  seen: readonly Counted[],
  profile: Profile,
  { reading, delayMs }: WindowFeature,
  atMs: number,
): VariableValue | null => {
  const column = (key: string): Column => profile.columns.find((candidate) => candidate.key === key)!;
  const of = (key: string): readonly Counted[] => seen.filter((counted) => isOf(column(key), counted));
  const units = (key: string): readonly bigint[] => of(key).map((counted) => unitsIn(column(key), counted)!);
  const sum = (values: readonly bigint[]): bigint => values.reduce((all, value) => all + value, 0n);
  switch (reading.kind) {
    case 'count':
      return of(reading.column).length;
    case 'sum':
      return Number(sum(units(reading.column))) / 10 ** reading.decimals;
    case 'mean': {
      const n = of(reading.count).length;
      return n === 0 ? null : Number(sum(units(reading.sum))) / 10 ** reading.decimals / n;
    }
    case 'stddev': {
      const values = units(reading.sum);
      const n = BigInt(values.length);
      if (n < 2n) return null;
      const above = n * sum(values.map((value) => value * value)) - sum(values) ** 2n;
      return Math.sqrt(Number(above) / Number(n * (n - 1n))) / 10 ** reading.decimals;
    }
    case 'min':
    case 'max': {
      const values = [...units(reading.column)].sort((left, right) => (left < right ? -1 : Number(left > right)));
      const value = reading.kind === 'min' ? values[0] : values.at(-1);
      return value === undefined ? null : Number(value) / 10 ** reading.decimals;
    }
    case 'first':
    case 'last': {
      const inOrder = [...of(reading.column)].sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
      const found = reading.kind === 'first' ? inOrder[0] : inOrder.at(-1);
      return found ? valueIn(column(reading.column), found.event)! : null;
    }
    case 'distinct': {
      const marks = new Set(of(reading.column).map(({ event }) => markOf(valueIn(column(reading.column), event)!)));
      return Math.round(256 * (Math.log(256) - Math.log(256 - Math.min(marks.size, 255))));
    }
    case 'rate': {
      const evidence = of(reading.count).length + reading.weight;
      return evidence === 0 ? null : (of(reading.part).length + reading.prior * reading.weight) / evidence;
    }
    case 'since_first':
    case 'since_last': {
      const times = of(reading.column).map(({ event }) => Date.parse(event.occurredAt));
      if (times.length === 0) return null;
      const thenMs = reading.kind === 'since_first' ? Math.min(...times) : Math.max(...times);
      return thenMs > atMs ? 0 : (atMs - thenMs) / 1_000;
    }
    case 'is_new':
      return of(reading.column).length === 0;
    case 'decayed': {
      // Added up slot by slot, earliest first, as doubles must be to come out the same.
      const bySlot = Map.groupBy(of(reading.column), ({ event }) =>
        Math.floor(Date.parse(event.occurredAt) / profile.slotMs),
      );
      let all = 0;
      for (const [slot, events] of [...bySlot].sort(([left], [right]) => left - right)) {
        const middleMs = slot * profile.slotMs + profile.slotMs / 2;
        const ageMs = Math.max(0, atMs - delayMs - middleMs);
        const { measure } = column(reading.column);
        const value =
          measure.kind === 'count'
            ? events.length
            : Number(sum(events.map((it) => unitsIn(column(reading.column), it)!)));
        all += value * 2 ** (-ageMs / reading.halfLifeMs);
      }
      return all / 10 ** reading.decimals;
    }
  }
};

const orderOf = ({ event }: Counted): string => `${event.occurredAt} ${event.eventId}`;

/** Whether an event is counted in a column. */
const isOf = (column: Column, { event, label, decisions }: Counted): boolean => {
  const { measure, where } = column;
  if (where && !where(event)) return false;
  if (measure.kind === 'labelled') return label === measure.label;
  if (measure.kind === 'outcome')
    return decisions.some(
      ({ detector, outcomes }) => detector === measure.detector && outcomes.includes(measure.outcome),
    );
  if (measure.kind === 'count' && !measure.of) return true;
  if ('decimals' in measure && measure.decimals !== undefined) return unitsIn(column, { event }) !== undefined;
  return valueIn(column, event) !== undefined;
};

const unitsIn = ({ measure }: Column, { event }: Pick<Counted, 'event'>): bigint | undefined => {
  if (!('of' in measure) || !measure.of || !('decimals' in measure)) return undefined;
  const value = Number(valueFrom(measure.of, event) ?? Number.NaN);
  const units = Math.round(value * 10 ** measure.decimals!);
  return Number.isSafeInteger(units) ? BigInt(units) : undefined;
};

const valueIn = ({ measure }: Column, event: Event): VariableValue | undefined =>
  'of' in measure && measure.of ? valueFrom(measure.of, event) : undefined;

const valueFrom = (of: ValueSource, event: Event): VariableValue | undefined => {
  if ('transform' in of) return of.value(event);
  if ('time' in of) return Date.parse(event.occurredAt);
  return 'role' in of ? event.entities[of.role] : event.variables[of.variable];
};
