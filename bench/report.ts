import Table from 'cli-table3';

/** What one benchmark came to: figures for machines, rows for people. */
export interface BenchReport {
  readonly bench: string;
  /** Figures by name, units in the name, as `--json` prints them. */
  readonly figures: Readonly<Record<string, number | string | null>>;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What a reader must know to read the table: what was measured, what was not and why. */
  readonly notes: readonly string[];
  /** Aims that were missed, each as a sentence; empty when all are met. */
  readonly missed: readonly string[];
}

/** The report as a table with its notes, in plain text. */
export const inWords = ({ bench, columns, rows, notes, missed }: BenchReport): string => {
  const table = new Table({ head: [...columns], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  const verdict = missed.length === 0 ? 'all aims met' : missed.map((aim) => `missed: ${aim}`).join('\n');
  return [`bench ${bench}`, table.toString(), ...notes.map((note) => `- ${note}`), verdict].join('\n');
};

/** The middle value; of an even number of values the mean of the middle two. @throws {Error} when there are none. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which a share of the values lies, interpolated. @param share - 0 to 1. @throws {Error} for none. */
export const quantile = (values: readonly number[], share: number): number => {
  if (values.length === 0) throw new Error('nothing was measured, so there is no quantile');
  const sorted = [...values].sort((left, right) => left - right);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
};

const format = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** A whole number with separators. */
export const whole = (value: number): string => format.format(value);

/** CPU time that this process has used so far, in milliseconds: steadier than the clock on a shared machine. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
