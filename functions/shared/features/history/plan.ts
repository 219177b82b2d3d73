import type { Event, VariableValue } from '#domain/event.ts';

/**
 * What a slot of time keeps of the events that fell into it. Every measure can be added to in any order and gives the
 * same, so that late and repeated deliveries, batches and replays agree.
 *
 * - `count`: number of events; with `of`, of those that have this value, as the measure that is divided by it takes it.
 * - `sum`: of a value, in units of 10^-decimals: an integer, exact whatever the order. A value that is no safe integer
 *   in those units, once rounded, counts as missing: in `sum`, `squares`, `min`, `max` and their `count` alike.
 * - `squares`: of the same integers, exact beyond 2^53.
 * - `min`, `max`: of a value, in the same units.
 * - `first`, `last`: a value, with the time and id of the event that had it: the earliest, or the latest; among equals the
 *   lower, or the higher, event id.
 * - `distinct`: marks of the values that were met, at most 256 of them.
 * - `labelled`: events whose effective label is this one, added to when it is said and taken back when it is corrected.
 * - `outcome`: events of which a detector's decision had this outcome.
 */
export type Measure =
  | { readonly kind: 'count'; readonly of?: ValueSource; readonly decimals?: number }
  | { readonly kind: 'sum' | 'squares' | 'min' | 'max'; readonly of: ValueSource; readonly decimals: number }
  | { readonly kind: 'first' | 'last' | 'distinct'; readonly of: ValueSource }
  | { readonly kind: 'labelled'; readonly label: string }
  | { readonly kind: 'outcome'; readonly detector: string; readonly outcome: string };

/**
 * Where the value of a measure comes from: a variable of the event, its time in epoch milliseconds, a role's token, or
 * a transform of the event's variables (by its canonical name, which is part of the hash).
 */
export type ValueSource =
  | { readonly variable: string }
  | { readonly time: true }
  | { readonly role: string }
  | { readonly transform: string; readonly value: (event: Event) => VariableValue | undefined };

/** One column of a profile: a measure, over the events of one type that meet a condition. */
export interface Column {
  /** Unique within its profile, at most three letters: it stands in every slot of every item. */
  readonly key: string;
  readonly measure: Measure;
  /** Absent: every event of the source's type. */
  readonly where?: (event: Event) => boolean;
}

/**
 * State over the history of the entities of one kind (or of pairs): columns that are kept in slots of one length, and the
 * slots in pages, each an item of its own.
 */
export interface Profile {
  /** 16 hex digits: of all that its state depends on (kinds, event type, roles, columns, slot and page). */
  readonly hash: string;
  /** Event type whose events it is over. */
  readonly eventType: string;
  /** Roles of that event type whose tokens together are the key: one, or two for a pair. */
  readonly roles: readonly string[];
  /** Kinds of those roles, in their order: what another event type finds the state by. */
  readonly kinds: readonly string[];
  readonly columns: readonly Column[];
  /** Length of a slot. A window is made of whole slots, so this is the most that its edge can be off. */
  readonly slotMs: number;
  /** Length of a page: a whole number of slots, so that a full page takes at most 1 KB (see `compile-widths.ts`). */
  readonly pageMs: number;
  /** How long a page is needed after its end: the longest window and delay that may come to be over it. */
  readonly keepMs: number;
  /** Set of entities too busy for one item. Part of the state's name; their pages move as all others do so far. */
  readonly hot?: true;
}

/** How a window's slots become a value. */
export type Reading =
  | { readonly kind: 'count'; readonly column: string }
  | { readonly kind: 'sum' | 'min' | 'max'; readonly column: string; readonly decimals: number }
  | { readonly kind: 'mean'; readonly sum: string; readonly count: string; readonly decimals: number }
  | {
      readonly kind: 'stddev';
      readonly sum: string;
      readonly squares: string;
      readonly count: string;
      readonly decimals: number;
    }
  | { readonly kind: 'first' | 'last'; readonly column: string }
  | { readonly kind: 'distinct'; readonly column: string }
  /** (labelled + prior × weight) ÷ (count + weight); missing without events when the weight is 0. */
  | {
      readonly kind: 'rate';
      readonly part: string;
      readonly count: string;
      readonly prior: number;
      readonly weight: number;
    }
  /**
   * Seconds from the first, or the last, event of the window to the current one; missing without one. The column is the
   * `min`, or the `max`, of the events' time.
   */
  | { readonly kind: 'since_first' | 'since_last'; readonly column: string }
  /** Whether there was no event in the window. */
  | { readonly kind: 'is_new'; readonly column: string }
  /** Sum (or count) in which an event counts half after each half-life, by the middle of its slot. */
  | { readonly kind: 'decayed'; readonly column: string; readonly decimals: number; readonly halfLifeMs: number };

/** A feature over history: which slots of which profile, and what is made of them. */
export interface WindowFeature {
  readonly name: string;
  /** {@link Profile.hash} */
  readonly profile: string;
  /** Roles of the *current* event whose tokens are the key, in the order of the profile's kinds. */
  readonly roles: readonly string[];
  readonly windowMs: number;
  /** The window ends so long before the current event. */
  readonly delayMs: number;
  /** Whether the current event is part of its own window. Never with a delay, nor over another event type. */
  readonly includesCurrent: boolean;
  readonly reading: Reading;
}

/** All that an event type's features ask of history, and all that its events add to it. */
export interface HistoryPlan {
  /** Profiles that features of this event type read. */
  readonly reads: readonly Profile[];
  /** Profiles that events of this type move, whoever reads them. */
  readonly moves: readonly Profile[];
  readonly features: readonly WindowFeature[];
}

/**
 * The slots of a window, as starts in epoch milliseconds: `[from, to)`.
 *
 * An event at time t sees the slots from the one that holds `t - delay - window` (without it) to the one that holds
 * `t - delay`, this one included: so a window of whole slots reaches up to the event, and its far edge is off by less
 * than a slot. Events of the nearest slot that are later than t, which only late arrivals meet, are part of it.
 */
export const slotsOf = (
  { slotMs }: Pick<Profile, 'slotMs'>,
  { windowMs, delayMs }: Pick<WindowFeature, 'windowMs' | 'delayMs'>,
  atMs: number,
): { readonly fromMs: number; readonly toMs: number } => {
  const toMs = Math.floor((atMs - delayMs) / slotMs) * slotMs + slotMs;
  return { fromMs: toMs - Math.ceil(windowMs / slotMs) * slotMs, toMs };
};
