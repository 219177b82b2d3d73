import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { Command, Option } from 'commander';

import { drop, follow } from '../system/drop-and-follow.ts';
import { Progress } from '../system/progress.ts';
import { summaryOf } from '../system/summary.ts';
import { type TargetFlags, withClient } from '../system/target.ts';

interface Flags extends TargetFlags {
  readonly eventType: string;
  readonly feedback?: boolean;
  readonly out?: string;
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
    .action(dropAndFollow);

const dropAndFollow = (file: string, flags: Flags): Promise<void> =>
  withClient(flags, async (client) => {
    const progress = new Progress({ quiet: flags.json ?? false });
    const startedMs = Date.now();
    const purpose = flags.feedback ? 'feedback' : 'events';
    const dropped = await drop(client, { file: readable(file), eventType: flags.eventType, purpose }, progress);
    const resultsInto = flags.out && resolve(flags.out);
    const report = await follow(client, dropped, { startedMs, ...(resultsInto && { resultsInto }) }, progress);
    console.log(flags.json ? JSON.stringify(report, null, 2) : summaryOf(report));
    if (report.status === 'quarantined') process.exitCode = 1;
  });
