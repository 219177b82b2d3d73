import type { Event, VariableValue } from '#domain/event.ts';
import type { Features } from '../../../values.ts';
import type { Column, HistoryPlan, Profile, WindowFeature } from '../../plan.ts';
import { type Judged, type Known, labelGain, outcomeGain } from '../cells.ts';
import { timeOf } from '../places.ts';
import { type Finish, finishOf } from './finish.ts';
import { Track } from './track.ts';
import type { SlidingWindows } from './window.ts';

/** How an engine is set up. */
export interface HistoryEngineOptions {
  /**
   * How much later than a later event an event may come, and still find all of its windows and leave all that it
   * should: what is kept longer than windows reach.
   * @default 0, for events in the order of their time
   */
  readonly graceMs?: number;
}

/** What an engine holds. */
export interface HistoryEngineSize {
  /** Entities with an event that a window may still reach, one for each profile that they are in. */
  readonly entities: number;
  /** Slots of them. */
  readonly slots: number;
}

/** A feature with its place in the answer. */
interface Made {
  readonly index: number;
  readonly finish: Finish;
}

/** Features over the windows of one length and delay. */
interface WindowView {
  readonly windows: SlidingWindows;
  readonly without: readonly Made[];
  readonly withOwn: readonly Made[];
}

/** Features of one profile and entity. */
interface View {
  readonly track: Track;
  readonly roles: readonly string[];
  readonly windows: readonly WindowView[];
  readonly indexes: readonly number[];
  readonly hasOwn: boolean;
}

interface Compiled {
  readonly names: readonly string[];
  readonly views: readonly View[];
  readonly moved: readonly Track[];
  readonly values: (VariableValue | null)[];
}

const NOTHING: Compiled = { names: [], views: [], moved: [], values: [] };

/**
 * History in memory, for one pass over many events: the same features as pages give, to the bit, at a cost for each
 * event that does not grow with what came before. Memory follows the entities that are still in a window.
 *
 * Counting an event once is the caller's affair, and so is when labels are said.
 */
export class HistoryEngine {
  readonly #tracks = new Map<string, Track>();
  readonly #plans = new Map<string, Compiled>();

  /** @param plans - by event type; what no feature of them reads is not kept. */
  constructor(plans: ReadonlyMap<string, HistoryPlan>, { graceMs = 0 }: HistoryEngineOptions = {}) {
    const features = Map.groupBy(
      [...plans.values()].flatMap((plan) => plan.features),
      ({ profile }) => profile,
    );
    for (const profile of [...plans.values()].flatMap(({ reads, moves }) => [...reads, ...moves])) {
      const over = features.get(profile.hash);
      if (over && !this.#tracks.has(profile.hash)) this.#tracks.set(profile.hash, new Track(profile, over, graceMs));
    }
    for (const [eventType, plan] of plans) this.#plans.set(eventType, this.#compile(plan));
  }

  get size(): HistoryEngineSize {
    const tracks = [...this.#tracks.values()];
    return {
      entities: tracks.reduce((sum, { entities }) => sum + entities.size, 0),
      slots: tracks.reduce((sum, { rows }) => sum + rows.size, 0),
    };
  }

  /** Names of the features of an event type, in the order of {@link look}'s values. */
  namesOf(eventType: string): readonly string[] {
    return this.#planOf(eventType).names;
  }

  /** The features of an event and then the event counted: {@link look}, then {@link count}. */
  step(event: Event, atMs: number = timeOf(event), known: Known = {}): readonly (VariableValue | null)[] {
    const values = this.look(event, atMs);
    this.count(event, atMs, known);
    return values;
  }

  /** The features of an event that is not counted yet, in the order of the plan. The answer is good until the next one. */
  look(event: Event, atMs: number = timeOf(event)): readonly (VariableValue | null)[] {
    const { views, values } = this.#planOf(event.eventType);
    for (const view of views) fill(view, values, event, atMs);
    return values;
  }

  /** The same by name. */
  featuresOf(event: Event): Features {
    const values = this.look(event);
    return Object.fromEntries(this.namesOf(event.eventType).map((name, index) => [name, values[index]!]));
  }

  /** Counts an event, with what is known of it: once, says the caller. */
  count(event: Event, atMs: number = timeOf(event), known: Known = {}): void {
    for (const track of this.#planOf(event.eventType).moved) {
      const key = keyOf(event, track.profile.roles);
      if (key !== undefined) track.count(key, event, atMs, known);
    }
  }

  /** Moves the rates that an event is part of, when its effective label becomes another: see `labelMoves`. */
  relabel(event: Event, from: string | undefined, to: string | undefined): void {
    this.#adjust(event, ({ measure }) => labelGain(measure, from, to));
  }

  /** Counts a further decision on an event: see `outcomeMoves`. */
  judged(event: Event, judged: Judged): void {
    this.#adjust(event, ({ measure }) => outcomeGain(measure, judged));
  }

  #adjust(event: Event, byOf: (column: Column) => number): void {
    for (const track of this.#planOf(event.eventType).moved) {
      const key = keyOf(event, track.profile.roles);
      if (key !== undefined) track.adjust(key, event, timeOf(event), byOf);
    }
  }

  #planOf(eventType: string): Compiled {
    return this.#plans.get(eventType) ?? NOTHING;
  }

  #compile({ features, moves }: HistoryPlan): Compiled {
    const numbered = features.map((feature, index) => ({ feature, index }));
    const byEntity = Map.groupBy(numbered, ({ feature }) => `${feature.profile} ${feature.roles.join(' ')}`);
    return {
      names: features.map(({ name }) => name),
      views: [...byEntity.values()].map((alike) => this.#viewOf(alike)),
      moved: moves.map(({ hash }: Profile) => this.#tracks.get(hash)).filter((track) => track !== undefined),
      values: features.map(() => null),
    };
  }

  #viewOf(alike: readonly { readonly feature: WindowFeature; readonly index: number }[]): View {
    const { profile, roles } = alike[0]!.feature;
    const track = this.#tracks.get(profile)!;
    const byWindow = Map.groupBy(alike, ({ feature }) => track.windowsOf(feature));
    return {
      track,
      roles,
      indexes: alike.map(({ index }) => index),
      hasOwn: alike.some(({ feature }) => feature.includesCurrent),
      windows: [...byWindow].map(([windows, over]) => {
        const made = over.map(({ feature, index }) => ({
          feature,
          index,
          finish: finishOf(feature.reading, {
            profile: track.profile,
            layout: track.layout,
            rows: track.rows,
            windows,
          }),
        }));
        return {
          windows,
          without: made.filter(({ feature }) => !feature.includesCurrent),
          withOwn: made.filter(({ feature }) => feature.includesCurrent),
        };
      }),
    };
  }
}

/** Fills in the values of one view. */
const fill = (
  { track, roles, windows, indexes, hasOwn }: View,
  values: (VariableValue | null)[],
  event: Event,
  atMs: number,
): void => {
  const key = keyOf(event, roles);
  if (key === undefined) {
    for (const index of indexes) values[index] = null;
    return;
  }
  const entity = track.entities.find(key);
  const tail = track.tailOf(entity);
  const own = hasOwn ? track.ownOf(event, atMs, {}) : undefined;
  for (const view of windows) {
    let glance = view.windows.glance(entity, track.slotAt(atMs - view.windows.delayMs), tail);
    for (const { index, finish } of view.without) values[index] = finish(glance, atMs, undefined);
    if (!own || view.withOwn.length === 0) continue;
    glance = view.windows.withOwn(glance, own);
    for (const { index, finish } of view.withOwn) values[index] = finish(glance, atMs, own);
  }
};

/** Who a profile is of: the tokens of its roles. Kinds need not stand in it, as a profile has its own entities. */
const keyOf = ({ entities }: Event, roles: readonly string[]): string | undefined => {
  const first = entities[roles[0]!];
  if (roles.length === 1 || first === undefined) return first;
  const second = entities[roles[1]!];
  return second === undefined ? undefined : `${first} ${second}`;
};
