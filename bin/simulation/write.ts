import { DAY_MS } from './habits.ts';
import type { SimulatedLabel } from './labels.ts';
import { RecordFile } from './line-file.ts';
import type { SimulationInput } from './options.ts';
import { isParquetName, ParquetFile } from './parquet-file.ts';
import { LABEL_SHAPE, PAYMENT_SHAPE, type RecordShape, TRUTH_SHAPE } from './records.ts';
import type { ScenarioName } from './scenarios.ts';
import { type SimulatedPayment, simulateCardPayments } from './simulate.ts';

/** Where a simulation goes; each file's name says its format: .csv or .jsonl, with or without .gz, or .parquet. */
export interface SimulationFiles {
  /** The payments, in order of time. */
  readonly out: string;
  /** The labels, in the order they are said. */
  readonly labels?: string;
  /** What every payment really was. */
  readonly truth?: string;
}

export interface SimulationSummary {
  readonly events: number;
  readonly frauds: number;
  readonly labels: number;
  readonly byScenario: Readonly<Record<ScenarioName, number>>;
  /** Size of all files together. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Simulates card payments into files.
 *
 * @param onDay - told each day of the simulation as it begins, from 0.
 * @throws {z.ZodError} if an option is out of range, {RangeError} if a file's name does not say its format, or the
 * file system's own error if one cannot be written.
 */
export const writeSimulation = async (
  input: SimulationInput,
  files: SimulationFiles,
  onDay: (day: number) => void = () => undefined,
): Promise<SimulationSummary> => {
  const startedAt = performance.now();
  const out = fileOf(files.out, PAYMENT_SHAPE);
  const labels = files.labels === undefined ? undefined : fileOf(files.labels, LABEL_SHAPE);
  const truth = files.truth === undefined ? undefined : fileOf(files.truth, TRUTH_SHAPE);
  const opened = [out, labels, truth].filter((file) => file !== undefined);
  const waiting = new LabelQueue();
  const tally = tallyOf();

  try {
    let today: number | undefined;
    let day = 0;
    for await (const payment of simulateCardPayments(input)) {
      const date = Math.floor(payment.at / DAY_MS);
      if (date !== today) {
        today = date;
        onDay(day++);
        for (const label of waiting.saidBefore(date)) await labels?.write(label);
      }
      tally.count(payment);
      waiting.add(payment.labels);
      // Awaiting only when told to: a promise for every payment would take longer than the payment.
      const mustWait = out.write(payment);
      if (mustWait) await mustWait;
      const mustWaitForTruth = truth?.write(payment);
      if (mustWaitForTruth) await mustWaitForTruth;
    }
    for (const label of waiting.saidBefore(Number.POSITIVE_INFINITY)) await labels?.write(label);
    const sizes = await Promise.all(opened.map((file) => file.close()));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    return { ...tally.counts, bytes, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    for (const file of opened) file.abort();
    throw error;
  }
};

const fileOf = <T>(path: string, shape: RecordShape<T>): RecordFile<T> | ParquetFile<T> =>
  isParquetName(path) ? new ParquetFile(path, shape) : new RecordFile(path, shape);

/** Labels between the payment and the day they are said: a few months of them, however long the simulation. */
class LabelQueue {
  readonly #byDate = new Map<number, SimulatedLabel[]>();

  add(labels: readonly SimulatedLabel[]): void {
    for (const label of labels) {
      const date = Math.floor(label.saidAt / DAY_MS);
      const sameDay = this.#byDate.get(date);
      if (sameDay) sameDay.push(label);
      else this.#byDate.set(date, [label]);
    }
  }

  /** Takes out what is said before a date (days since 1970), in order of saying. */
  saidBefore(date: number): readonly SimulatedLabel[] {
    const due = [...this.#byDate.keys()].filter((said) => said < date).sort((one, other) => one - other);
    return due.flatMap((said) => {
      const labels = this.#byDate.get(said)!;
      this.#byDate.delete(said);
      return labels.sort((one, other) => one.saidAt - other.saidAt);
    });
  }
}

const tallyOf = () => {
  const byScenario = { card_testing: 0, takeover: 0, compromised_terminal: 0, slow_large: 0 };
  const counts = { events: 0, frauds: 0, labels: 0, byScenario };
  return {
    counts,
    count: ({ scenario, labels }: SimulatedPayment): void => {
      counts.events++;
      counts.labels += labels.length;
      if (!scenario) return;
      counts.frauds++;
      byScenario[scenario]++;
    },
  };
};
