import { Command } from 'commander';

import { benchCold } from './cold/cold.ts';
import { benchInference } from './inference/inference.ts';
import { type BenchReport, inWords } from './report.ts';

interface Bench {
  readonly name: string;
  readonly description: string;
  readonly run: () => BenchReport | Promise<BenchReport>;
}

const BENCHES: readonly Bench[] = [
  {
    name: 'inference',
    description: 'speed of tree inference, beside XGBoost where Python has it',
    run: benchInference,
  },
  { name: 'cold', description: 'size and import time of each function', run: benchCold },
];

/** Not a timed test: what it prints is for people to judge, and a missed aim is said but fails nothing. */
const program = new Command('bench').description('Measures Assay. Each prints a table, or figures with --json.');
for (const { name, description, run } of BENCHES) {
  program
    .command(name)
    .description(description)
    .option('--json', 'print the figures as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const report = await run();
      console.log(json ? JSON.stringify({ bench: name, ...report.figures, missed: report.missed }) : inWords(report));
    });
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
