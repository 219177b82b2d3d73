import type { EffectiveLabel } from '#domain/effective-label.ts';
import type { Event } from '#domain/event.ts';
import type { FeaturePlan } from '#features/history/compile.ts';
import { labelsThatCount, untoldRates } from '#features/history/rates.ts';
import { HistoryEngine } from '#features/history/state/engine/engine.ts';
import type { Features } from '#features/values.ts';
import { DueQueue } from './due.ts';
import type { HistoryEvent } from './history-events.ts';
import type { LabelBook, LabelChange } from './label-book.ts';
import { type Meeting, SeenEvents } from './seen-events.ts';

/** What a replay goes by. */
export interface ReplayPlan {
  /** Event type whose features are wanted. */
  readonly eventType: string;
  /** Of every event type of the catalog, by name. */
  readonly plans: ReadonlyMap<string, FeaturePlan>;
  readonly labels: LabelBook;
  /** Event types that there is feedback on. */
  readonly toldOf: ReadonlySet<string>;
}

/** An event with its features as they were when it happened. */
export interface ReplayedEvent {
  readonly event: Event;
  readonly atMs: number;
  /** All of the event type, in the order of their definitions; null where one could not be computed. */
  readonly features: Features;
  /** What it turned out to be, as known in the end. */
  readonly label: EffectiveLabel | undefined;
}

/**
 * Goes through a history in the order of time: each event of the wanted type with the features that it would have been
 * decided with, had labels been said when they were. Events of other types are counted, as theirs may be the history.
 *
 * What was said at an instant is known to the events of that instant. An event that is there twice counts once, and
 * one under the id of another does not count. Memory follows the entities that a window still reaches, and the events
 * whose labels are still to be said; beside that some 30 bytes for each event.
 */
export class Replay {
  readonly #wanted: string;
  readonly #plans: ReplayPlan['plans'];
  readonly #labels: LabelBook;
  readonly #engine: HistoryEngine;
  readonly #untold: readonly string[];
  /** By event type, the labels that rates are of. */
  readonly #counting: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #due = new DueQueue<LabelChange>();
  readonly #seen = new SeenEvents();

  constructor({ eventType, plans, labels, toldOf }: ReplayPlan) {
    const histories = new Map([...plans].map(([name, { history }]) => [name, history]));
    this.#wanted = eventType;
    this.#plans = plans;
    this.#labels = labels;
    this.#engine = new HistoryEngine(histories);
    this.#untold = untoldRates(
      plans.get(eventType)!.history,
      // A history has no decisions, and so no outcomes.
      (part, of) => part.kind === 'labelled' && toldOf.has(of),
    );
    this.#counting = new Map([...histories].map(([name, history]) => [name, labelsThatCount(history)]));
  }

  /** Features that this history says nothing of, and that are therefore missing everywhere. */
  get untold(): readonly string[] {
    return this.#untold;
  }

  /**
   * The next event, none earlier than the one before.
   *
   * @returns its features, if it is of the wanted type and new.
   */
  step({ event, atMs, contentHash }: HistoryEvent): { readonly meeting: Meeting; readonly replayed?: ReplayedEvent } {
    const meeting = this.#seen.meet(event, contentHash);
    if (meeting !== 'new') return { meeting };
    this.#sayUntil(atMs);
    const features = event.eventType === this.#wanted ? this.#featuresOf(event, atMs) : undefined;
    const story = this.#labels.take(event, atMs);
    this.#engine.count(event, atMs, { label: story.before });
    for (const change of story.changes) if (this.#moves(change)) this.#due.add(change);
    return { meeting, ...(features && { replayed: { event, atMs, features, label: story.end } }) };
  }

  #featuresOf(event: Event, atMs: number): Features {
    const values = this.#engine.look(event, atMs);
    const names = this.#engine.namesOf(event.eventType);
    const windows = Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
    for (const name of this.#untold) windows[name] = null;
    return this.#plans.get(event.eventType)!.evaluate(event, windows);
  }

  #sayUntil(atMs: number): void {
    for (let change = this.#due.takeDue(atMs); change; change = this.#due.takeDue(atMs)) {
      this.#engine.relabel(change.event, change.from, change.to);
    }
  }

  #moves({ event, from, to }: LabelChange): boolean {
    const counting = this.#counting.get(event.eventType);
    return counting !== undefined && [from, to].some((label) => label !== undefined && counting.has(label));
  }
}
