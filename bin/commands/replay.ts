import { resolve } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { DurationSchema } from '#domain/catalog/feature.ts';
import { durationMs } from '#features/history/windows.ts';
import { openReplay } from '../replay/replay-files.ts';
import { replaySummaryOf } from '../replay/replay-summary.ts';
import { matrixFormatOf, writeMatrix } from '../replay/write-matrix.ts';
import { writable } from '../system/output-file.ts';
import { Progress } from '../system/progress.ts';

interface Flags {
  readonly catalog: string;
  readonly eventType: string;
  readonly events: readonly string[];
  readonly feedback: readonly string[];
  readonly labelDelay?: number;
  readonly out: string;
  readonly json?: boolean;
}

const STARTER = resolve(import.meta.dirname, '../../catalog');

/** `replay`: the features that the events of a history would have been decided with, as a file. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description("write the features that a history's events would have been decided with, for training")
    .option('--catalog <folder>', 'folder of the catalog', STARTER)
    .requiredOption('--event-type <name>', 'event type whose events are to be written (required)')
    .requiredOption(
      '--events <file...>',
      'events, CSV or JSON Lines, plain or gzip, or Parquet; TYPE=FILE where they are of another type, as logins ' +
        'before payments are; rows may also name theirs (required)',
    )
    .option('--feedback <file...>', 'what they turned out to be, in the same formats; TYPE=FILE as above', [])
    .option(
      '--label-delay <time>',
      'how long after its event feedback was said that has no time of its own, such as 7d',
      delayOf,
    )
    .requiredOption('--out <file>', 'the matrix of features: .parquet or .csv (required)')
    .option('--json', 'print the summary as JSON')
    .action(replay);

const delayOf = (text: string): number => {
  if (!DurationSchema.safeParse(text).success) throw new InvalidArgumentError('Write a length of time, such as 7d.');
  return durationMs(text);
};

const replay = async (flags: Flags, command: Command): Promise<void> => {
  const { labelDelay, json = false } = flags;
  const format = matrixFormatOf(flags.out);
  if (!format) return command.error('error: --out must end in .parquet or .csv', { exitCode: 2 });
  const out = await writable(flags.out);
  const progress = new Progress({ quiet: json });
  const question = { ...flags, catalog: resolve(flags.catalog) };
  const opened = await openReplay(
    { ...question, ...(labelDelay !== undefined && { labelDelayMs: labelDelay }) },
    progress,
  );
  await writeMatrix(out, format, opened);
  const report = { ...opened.report(), matrixAt: flags.out };
  console.log(json ? JSON.stringify(report, undefined, 2) : replaySummaryOf(report));
};
