import type { BadRow } from '#domain/row-problem.ts';
import type { Features } from '#features/values.ts';
import { reasonsOf } from '../../functions/ingestion/send-slices.ts';
import type { ReplayedEvent } from './replay.ts';
import type { Meeting } from './seen-events.ts';

/** How the rows of a history ended. */
export interface ReplaySums {
  /** Of the files of events: events + duplicates + conflicts + refused. */
  readonly rows: number;
  /** That count, of all types. */
  readonly events: number;
  /** Of the wanted type: rows of the matrix. */
  readonly written: number;
  /** Of them, those with a label. */
  readonly labelled: number;
  readonly duplicates: number;
  /** Events under the id of another. */
  readonly conflicts: number;
  /** Rows that are no events. */
  readonly refused: number;
  /** Why, by reason; a row may have several. */
  readonly refusedReasons: Readonly<Record<string, number>>;
  /** Share of the rows of the matrix that have no value, 0 to 1, by feature. */
  readonly missing: Readonly<Record<string, number>>;
}

/** Adds up rows as they pass by. */
export class ReplayTally {
  readonly #meetings = { new: 0, duplicate: 0, conflict: 0 };
  readonly #reasons = new Map<string, number>();
  readonly #missing: Map<string, number>;
  #refused = 0;
  #written = 0;
  #labelled = 0;

  /** @param features - names of the features, in their order. */
  constructor(features: Iterable<string>) {
    this.#missing = new Map([...features].map((name) => [name, 0]));
  }

  /** A row that is no event, or says nothing of one. */
  refuse(row: BadRow): void {
    this.#refused += 1;
    for (const reason of Object.keys(reasonsOf([row]))) raise(this.#reasons, reason);
  }

  met(meeting: Meeting): void {
    this.#meetings[meeting] += 1;
  }

  wrote({ features, label }: ReplayedEvent): void {
    this.#written += 1;
    if (label) this.#labelled += 1;
    this.#miss(features);
  }

  #miss(features: Features): void {
    for (const name of this.#missing.keys()) if (features[name] === null) raise(this.#missing, name);
  }

  get sums(): ReplaySums {
    const { new: events, duplicate: duplicates, conflict: conflicts } = this.#meetings;
    return {
      rows: events + duplicates + conflicts + this.#refused,
      events,
      written: this.#written,
      labelled: this.#labelled,
      duplicates,
      conflicts,
      refused: this.#refused,
      refusedReasons: Object.fromEntries(this.#reasons),
      missing: Object.fromEntries(
        [...this.#missing].map(([name, count]) => [name, this.#written === 0 ? 0 : count / this.#written]),
      ),
    };
  }
}

const raise = (tally: Map<string, number>, name: string): void => {
  tally.set(name, (tally.get(name) ?? 0) + 1);
};
