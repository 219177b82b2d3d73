import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { hasKnownFormat } from '../simulation/line-file.ts';
import { type SimulationOptions, SimulationOptionsSchema } from '../simulation/options.ts';
import { isParquetName } from '../simulation/parquet-file.ts';
import { type SimulationFiles, type SimulationSummary, writeSimulation } from '../simulation/write.ts';
import { cannotWrite } from '../system/output-file.ts';

interface Flags {
  readonly days?: string;
  readonly customers?: string;
  readonly terminals?: string;
  readonly fraudRate?: string;
  readonly seed?: string;
  readonly start?: string;
  readonly out?: string;
  readonly labels?: string;
  readonly truth?: string;
  readonly json?: boolean;
}

/** `simulate card-payments`: makes card payments, with frauds and late labels, and writes them to files. */
export const simulateCommand = (): Command => {
  const simulate = new Command('simulate').description('make sample data');
  const cardPayments = new Command('card-payments')
    .description('card payments in order of time, a few of them fraud; the same for the same options')
    .option('--days <number>', 'length of the period (default: 30)')
    .option('--customers <number>', 'people who pay, each about 1.2 times a day (default: 1000)')
    .option('--terminals <number>', 'places that take cards (default: 400)')
    .option('--fraud-rate <share>', 'share of fraud among the payments (default: 0.002)')
    .option('--seed <number>', 'another seed makes another world (default: 1)')
    .option('--start <date>', 'first day (default: 2026-01-01)')
    .option('--out <file>', 'the payments: .csv or .jsonl, with or without .gz, or .parquet (required)')
    .option('--labels <file>', 'what is said about them later, in a file of any of these kinds')
    .option('--truth <file>', 'what each of them really was, to judge models by, in a file of any of these kinds')
    .option('--json', 'print the summary as JSON')
    .action(async (flags: Flags, command: Command) => run(flags, command));
  return simulate.addCommand(cardPayments);
};

const run = async (flags: Flags, command: Command): Promise<void> => {
  const options = optionsOf(flags, command);
  const files = filesOf(flags, command);
  const bar = new SingleBar({
    format: 'simulating {bar} day {value} of {total}',
    stream: process.stderr,
    noTTYOutput: false,
    clearOnComplete: true,
  });
  bar.start(options.days, 0);
  try {
    const summary = await writeSimulation(options, files, (day) => bar.update(day));
    bar.stop();
    console.log(flags.json ? JSON.stringify(summary) : inWords(summary, files));
  } catch (error) {
    bar.stop();
    if (!isFileError(error)) throw error;
    command.error(`error: ${cannotWrite(String(error.path), error.code)}`);
  }
};

const optionsOf = (flags: Flags, command: Command): SimulationOptions => {
  const { days, customers, terminals, fraudRate, seed, start } = flags;
  const numbers = { days, customers, terminals, fraudRate, seed };
  const given = Object.entries(numbers).filter(([, text]) => text !== undefined);
  const parsed = SimulationOptionsSchema.safeParse({
    ...Object.fromEntries(given.map(([name, text]) => [name, numberIn(text!)])),
    ...(start !== undefined && { start }),
  });
  if (parsed.success) return parsed.data;
  return usageError(command, parsed.error.issues.map(({ path, message }) => `${flagOf(path)} ${message}`).join('\n'));
};

/** Plain decimal notation only: `Number` alone would take an empty text for 0. */
const numberIn = (text: string): number => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN);

const flagOf = (path: readonly PropertyKey[]): string =>
  `--${path.join('.').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const filesOf = ({ out, labels, truth }: Flags, command: Command): SimulationFiles => {
  if (out === undefined) return usageError(command, '--out is needed: the file to write the payments to');
  const given = Object.entries({ out, labels, truth }).filter(([, path]) => path !== undefined) as [string, string][];
  for (const [name, path] of given) {
    if (!hasKnownFormat(path) && !isParquetName(path)) {
      usageError(command, `--${name} must end in .csv, .jsonl, .csv.gz, .jsonl.gz or .parquet`);
    }
  }
  if (new Set(given.map(([, path]) => resolve(path))).size < given.length) {
    usageError(command, '--out, --labels and --truth must be different files');
  }
  return { out, ...(labels !== undefined && { labels }), ...(truth !== undefined && { truth }) };
};

const usageError = (command: Command, message: string): never =>
  command.error(`error: ${message.replaceAll('\n', '\nerror: ')}`, { exitCode: 2, code: 'assay.usage' });

const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error;

const inWords = ({ events, frauds, labels, seconds }: SimulationSummary, { out }: SimulationFiles): string => {
  const share = events === 0 ? '0' : ((100 * frauds) / events).toFixed(2);
  return `${events} payments, ${frauds} of them fraud (${share} %), ${labels} labels, in ${seconds.toFixed(1)} s: ${out}`;
};
