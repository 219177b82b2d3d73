import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { Command, Option } from 'commander';

import { AssayClient } from '../system/client.ts';
import { drop, follow } from '../system/drop-and-follow.ts';
import { Progress } from '../system/progress.ts';
import { summaryOf } from '../system/summary.ts';
import { deployedSystem, localSystem, nothingRunsOn } from '../system/system.ts';

interface Flags {
  readonly eventType: string;
  readonly feedback?: boolean;
  readonly stage?: string;
  readonly dataDir: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** The path of a file, made absolute. @throws {Error} that says which file cannot be read. */
export const readable = (file: string): string => {
  const path = resolve(file);
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new Error(`'${file}' cannot be read; check the path`, { cause });
  }
  if (statSync(path).isDirectory()) throw new Error(`'${file}' is a folder; name a file`);
  return path;
};

/** `drop`: puts a file into the inbox of a running or deployed system, and follows it to its results. */
export const dropCommand = (): Command =>
  new Command('drop')
    .description('put a file into the inbox of the running system, or of a deployed one, and follow it to its results')
    .argument('<file>', 'CSV or JSON Lines, plain or gzip, or Parquet')
    .requiredOption('--event-type <name>', 'event type of the rows (required)')
    .option('--feedback', 'the rows are feedback (labels and actions), not events')
    .option('--stage <name>', "a stage deployed to AWS, found with your own credentials (default: this machine's)")
    .addOption(new Option('--data-dir <folder>', 'state of the system on this machine').default('.assay'))
    .option('--out <folder>', 'copy results and rejects into this folder')
    .option('--json', 'print the end of the file as JSON')
    .action(async (file: string, flags: Flags) => {
      const system = flags.stage ? await deployedSystem(flags.stage) : localSystem(resolve(flags.dataDir));
      const client = new AssayClient(system);
      try {
        const progress = new Progress({ quiet: flags.json ?? false });
        const startedMs = Date.now();
        const purpose = flags.feedback ? 'feedback' : 'events';
        const dropped = await drop(client, { file: readable(file), eventType: flags.eventType, purpose }, progress);
        const resultsInto = flags.out && resolve(flags.out);
        const report = await follow(client, dropped, { startedMs, ...(resultsInto && { resultsInto }) }, progress);
        console.log(flags.json ? JSON.stringify(report, null, 2) : summaryOf(report));
        if (report.status === 'quarantined') process.exitCode = 1;
      } catch (error) {
        // The note of a system that was stopped stays behind.
        const isGone = !flags.stage && error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
        throw isGone ? nothingRunsOn(resolve(flags.dataDir), error) : error;
      } finally {
        client.close();
      }
    });
