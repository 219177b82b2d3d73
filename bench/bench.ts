import { Command } from 'commander';

import { benchApi } from './api/api.ts';
import { benchCold } from './cold/cold.ts';
import { benchFile } from './file/file.ts';
import { benchInference } from './inference/inference.ts';
import { benchReplay } from './replay/replay.ts';
import { type BenchReport, inWords } from './report.ts';
import { benchUnits } from './units/units.ts';

interface Flags {
  readonly events?: string;
  readonly json?: boolean;
  readonly megabytes?: string;
  readonly write?: boolean;
}

const say = (what: string): void => console.error(`measuring ${what} …`);

/** Not a timed test: what it prints is for people to judge, and a missed aim is said but fails nothing. */
const program = new Command('bench').description('Measures Assay. Each prints a table, or figures with --json.');

const bench = (
  name: string,
  description: string,
  run: (flags: Flags, command: Command) => BenchReport | Promise<BenchReport>,
): Command =>
  program
    .command(name)
    .description(description)
    .option('--json', 'print the figures as JSON')
    .action(async (flags: Flags, command: Command) => {
      const report = await run(flags, command);
      const { figures, missed } = report;
      console.log(flags.json ? JSON.stringify({ bench: name, ...figures, missed }) : inWords(report));
    });

bench('inference', 'speed of tree inference, beside XGBoost where Python has it', benchInference);
bench('cold', 'size and import time of each function', benchCold);
bench('api', "latency of a decision, and the handler's own share of it", () => benchApi(say));
bench('file', 'events per second from drop to results, what they use, and memory of ingestion', (flags, command) => {
  const megabytes = Number(flags.megabytes);
  if (!(megabytes >= 0 && megabytes <= 100_000)) command.error('error: --megabytes must be a number from 0 to 100000');
  return benchFile({ megabytes, onProgress: say });
}).option('--megabytes <number>', 'size of the file that ingestion reads while its memory is watched; 0: none', '1000');
bench(
  'replay',
  'events per second from a history to its features, beside pandas where Python has it',
  (flags, command) => {
    const events = Number(flags.events);
    if (!(Number.isInteger(events) && events >= 1_000 && events <= 10_000_000))
      command.error('error: --events must be a whole number from 1000 to 10000000');
    return benchReplay(events, say);
  },
).option('--events <number>', 'length of the history', '1000000');
bench('units', 'what an event, an idle hour and the template use, for `assay cost`', ({ write = false }) =>
  benchUnits(write, say),
).option('--write', 'keep the figures as bin/cost/units.json');

try {
  await program.parseAsync();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
