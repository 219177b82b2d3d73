import { DAY_MS } from './habits.ts';
import type { Draft } from './payment.ts';
import { Random } from './random.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import type { World } from './world.ts';

/** A fraudulent payment, with the way it was done. */
export interface FraudDraft extends Draft {
  readonly scenario: ScenarioName;
}

/**
 * Starts incidents so that the share of fraud follows the rate from the first day to the last.
 *
 * What is missing from the target decides whether the next incident starts; the scenario that is furthest behind its
 * share comes next. So the number of frauds strays from the target by about one incident, never by chance alone.
 * Keeps only the payments that running incidents have yet to make.
 */
export class IncidentSchedule {
  readonly #world: World;
  readonly #startMs: number;
  readonly #fraudPerLegit: number;
  readonly #planned: Record<ScenarioName, number> = {
    card_testing: 0,
    takeover: 0,
    compromised_terminal: 0,
    slow_large: 0,
  };
  readonly #ahead = new Map<number, FraudDraft[]>();
  #legit = 0;
  #frauds = 0;
  #incidents = 0;
  #next: ScenarioName | undefined;

  constructor(world: World, startMs: number, fraudRate: number) {
    this.#world = world;
    this.#startMs = startMs;
    this.#fraudPerLegit = fraudRate / (1 - fraudRate);
  }

  /** The frauds of a day, in no order. Days are asked for one after the other, each once. */
  fraudsOf(day: number, legitToday: number): readonly FraudDraft[] {
    this.#legit += legitToday;
    const target = this.#legit * this.#fraudPerLegit;
    const today = this.#take(day);
    for (;;) {
      this.#next ??= this.#furthestBehind(target);
      const drafts = this.#draw(this.#next, day);
      const early = drafts.filter(({ at }) => this.#dayOf(at) === day);
      // Half of an incident early, half late: on average the rate is met.
      if (target - this.#frauds - today.length < Math.max(early.length, 1) / 2) break;
      this.#start(this.#next, drafts);
      today.push(...this.#take(day));
    }
    this.#frauds += today.length;
    return today;
  }

  /** The same incident from whichever day it may start on, so that waiting does not favour small ones. */
  #draw(scenario: ScenarioName, day: number): readonly FraudDraft[] {
    const { sizes, plan } = SCENARIOS[scenario];
    const random = new Random(this.#world.seed, 'incident', this.#incidents);
    const [dayMs, size] = [this.#startMs + day * DAY_MS, random.whole(...sizes)];
    return plan({ world: this.#world, day, dayMs, size, random }).map((draft) => ({ ...draft, scenario }));
  }

  #start(scenario: ScenarioName, drafts: readonly FraudDraft[]): void {
    for (const draft of drafts) {
      const day = this.#dayOf(draft.at);
      const later = this.#ahead.get(day);
      if (later) later.push(draft);
      else this.#ahead.set(day, [draft]);
    }
    this.#planned[scenario] += drafts.length;
    this.#incidents++;
    this.#next = undefined;
  }

  #take(day: number): FraudDraft[] {
    const drafts = this.#ahead.get(day) ?? [];
    this.#ahead.delete(day);
    return drafts;
  }

  #furthestBehind(target: number): ScenarioName {
    const behind = (name: ScenarioName) => SCENARIOS[name].share * target - this.#planned[name];
    const names = Object.keys(SCENARIOS) as ScenarioName[];
    return names.reduce((furthest, name) => (behind(name) > behind(furthest) ? name : furthest));
  }

  #dayOf(at: number): number {
    return Math.floor((at - this.#startMs) / DAY_MS);
  }
}
