import type { Event, VariableValue } from '#domain/event.ts';
import type { Features } from '../../values.ts';
import { type HistoryPlan, type Measure, type Profile, slotsOf, type WindowFeature } from '../plan.ts';
import { decayOf, deviationOf, distinctOf, meanOf, rateOf, secondsSince, valueOfUnits } from './arithmetic.ts';
import { cellOf, joinCells } from './cells.ts';
import type { Int } from './integers.ts';
import { entityKeyOf, timeOf } from './places.ts';
import type { Cell, Page, Stamp } from './types.ts';

/** A cell with the start of its slot, in epoch milliseconds. */
interface SlotCell {
  readonly startMs: number;
  readonly cell: Cell;
}

/** What one entity has in a profile: the cells of each column, earliest first. */
type Timeline = ReadonlyMap<string, readonly SlotCell[]>;

/**
 * The features of an event, by name, from the pages that `rangesOf` asks for, as they are before the event is counted.
 *
 * Counts, sums and distinct values of nothing are 0. Null: an entity that the feature is of is not in the event, or
 * there is no event to take a value from.
 *
 * @param pages - others than those of the event's ranges change nothing.
 */
export const featuresFrom = (plan: HistoryPlan, event: Event, pages: readonly Page[]): Features => {
  const atMs = timeOf(event);
  const profiles = new Map(plan.reads.map((profile) => [profile.hash, profile]));
  const byEntity = Map.groupBy(pages, ({ profile, entity }) => `${profile}/${entity}`);
  const timelines = new Map<string, Timeline>();
  const timelineFor = (profile: Profile, entity: string): Timeline => {
    const key = `${profile.hash}/${entity}`;
    const timeline = timelines.get(key) ?? timelineOf(profile, byEntity.get(key) ?? []);
    timelines.set(key, timeline);
    return timeline;
  };
  return Object.fromEntries(
    plan.features.map((feature) => {
      const profile = profiles.get(feature.profile);
      const entity = profile && entityKeyOf(profile.kinds, feature.roles, event);
      if (entity === undefined) return [feature.name, null];
      return [feature.name, read(feature, profile!, timelineFor(profile!, entity), event, atMs)];
    }),
  );
};

const CELL_NAME = /^([a-z]+)(\d+)$/i;

const timelineOf = (profile: Profile, pages: readonly Page[]): Timeline => {
  const timeline = new Map<string, SlotCell[]>();
  // The same names stand in every page.
  const places = new Map<string, { readonly slots: SlotCell[]; readonly offsetMs: number }>();
  const placeOf = (name: string) => {
    const [, column = '', slot = ''] = CELL_NAME.exec(name)!;
    const slots = timeline.get(column) ?? [];
    timeline.set(column, slots);
    const place = { slots, offsetMs: Number(slot) * profile.slotMs };
    places.set(name, place);
    return place;
  };
  for (const { startMs, cells } of pages) {
    for (const [name, cell] of cells) {
      const { slots, offsetMs } = places.get(name) ?? placeOf(name);
      slots.push({ startMs: startMs + offsetMs, cell });
    }
  }
  for (const slots of timeline.values()) slots.sort((left, right) => left.startMs - right.startMs);
  return timeline;
};

/** Cells from one instant up to, and without, another. */
const between = (slots: readonly SlotCell[], fromMs: number, toMs: number): readonly SlotCell[] => {
  const first = slots.findIndex(({ startMs }) => startMs >= fromMs);
  return first < 0 ? [] : slots.slice(first, slots.findLastIndex(({ startMs }) => startMs < toMs) + 1);
};

const joinedCells = (kind: Measure['kind'], slots: readonly SlotCell[]): Cell | undefined => {
  // Set by set, each join would copy all that was joined before.
  if (kind === 'distinct') return new Set(slots.flatMap(({ cell }) => [...(cell as ReadonlySet<number>)]));
  let all: Cell | undefined;
  for (const { cell } of slots) all = joinCells(kind, all, cell);
  return all;
};

const read = (
  feature: WindowFeature,
  profile: Profile,
  timeline: Timeline,
  event: Event,
  atMs: number,
): VariableValue | null => {
  const { reading } = feature;
  const { fromMs, toMs } = slotsOf(profile, feature, atMs);
  const cellsOf = (key: string): readonly SlotCell[] => {
    const seen = between(timeline.get(key) ?? [], fromMs, toMs);
    const column = feature.includesCurrent && profile.columns.find((candidate) => candidate.key === key);
    const own = column ? cellOf(column, event, atMs) : undefined;
    return own === undefined
      ? seen
      : withOwn(kindOf(profile, key), seen, { startMs: toMs - profile.slotMs, cell: own });
  };
  const joined = (key: string): Cell | undefined => joinedCells(kindOf(profile, key), cellsOf(key));
  const total = (key: string): Int => (joined(key) ?? 0) as Int;

  switch (reading.kind) {
    case 'count':
      return Number(total(reading.column));
    case 'sum':
      return valueOfUnits(total(reading.column), reading.decimals);
    case 'min':
    case 'max': {
      const units = joined(reading.column) as Int | undefined;
      return units === undefined ? null : valueOfUnits(units, reading.decimals);
    }
    case 'mean':
      return meanOf(total(reading.sum), total(reading.count), reading.decimals);
    case 'stddev':
      return deviationOf(total(reading.sum), total(reading.squares), total(reading.count), reading.decimals);
    case 'first':
    case 'last':
      return (joined(reading.column) as Stamp | undefined)?.value ?? null;
    case 'distinct':
      return distinctOf((joined(reading.column) as ReadonlySet<number> | undefined)?.size ?? 0);
    case 'rate':
      return rateOf(total(reading.part), total(reading.count), reading.prior, reading.weight);
    case 'since_first':
    case 'since_last': {
      const thenMs = joined(reading.column) as Int | undefined;
      return thenMs === undefined ? null : secondsSince(Number(thenMs), atMs);
    }
    case 'is_new':
      return cellsOf(reading.column).every(({ cell }) => cell === 0);
    case 'decayed': {
      const endMs = atMs - feature.delayMs;
      const sum = cellsOf(reading.column).reduce(
        (all, { startMs, cell }) => all + Number(cell) * decayOf(startMs, profile.slotMs, endMs, reading.halfLifeMs),
        0,
      );
      return sum / 10 ** reading.decimals;
    }
  }
};

const kindOf = (profile: Profile, key: string): Measure['kind'] =>
  profile.columns.find((column) => column.key === key)!.measure.kind;

/** The cells with what the current event adds to the last of their slots. */
const withOwn = (
  kind: Measure['kind'],
  seen: readonly SlotCell[],
  { startMs, cell }: SlotCell,
): readonly SlotCell[] => {
  const last = seen.at(-1);
  if (last?.startMs !== startMs) return [...seen, { startMs, cell }];
  return [...seen.slice(0, -1), { startMs, cell: joinCells(kind, last.cell, cell)! }];
};
