import { resolve } from 'node:path';

import { Command } from 'commander';
import pc from 'picocolors';

import type { Decision } from '#domain/decision.ts';
import { publicDecisionOf } from '#domain/public-decision.ts';
import { headerLine, RESULT_COLUMNS, resultLines } from '#domain/results-csv.ts';
import { type OpenDetector, openDetector } from '../scoring/open-catalog.ts';
import { Adder, type ScoredRow, scoreFile } from '../scoring/score-file.ts';
import { hasKnownFormat, LineFile } from '../simulation/line-file.ts';
import { writable } from '../system/output-file.ts';
import { Progress } from '../system/progress.ts';
import { summaryOf } from '../system/summary.ts';
import { readable } from './drop.ts';

interface Flags {
  readonly catalog: string;
  readonly detector: string;
  readonly file: string;
  readonly out?: string;
  readonly json?: boolean;
}

const STARTER = resolve(import.meta.dirname, '../../catalog');

/** `score`: decides the events of a file by a detector of a catalog's folder, without any cloud. */
export const scoreCommand = (): Command =>
  new Command('score')
    .description("decide a file's events by a detector, on this machine and without any cloud")
    .option('--catalog <folder>', 'folder of the catalog', STARTER)
    .requiredOption(
      '--detector <name>',
      'the detector: its active version, or its newest while all stand by (required)',
    )
    .requiredOption('--file <file>', 'events of its type: CSV or JSON Lines, plain or gzip, or Parquet (required)')
    .option('--out <file>', 'write how each row ended: .csv or .jsonl, with or without .gz')
    .option('--json', 'print the summary as JSON')
    .action(score);

const score = async (flags: Flags, command: Command): Promise<void> => {
  const { catalog, detector, out, json = false } = flags;
  if (out !== undefined && !hasKnownFormat(out)) {
    command.error('error: --out must end in .csv, .jsonl, .csv.gz or .jsonl.gz', { exitCode: 2 });
  }
  if (out !== undefined) await writable(out);
  const progress = new Progress({ quiet: json });
  const opened = await openDetector(resolve(catalog), detector);
  noteMissing(opened, progress);
  const startedMs = performance.now();
  const adder = new Adder();
  const file = out === undefined ? undefined : new LineFile(out);
  try {
    if (out?.includes('.csv')) await file?.write(headerLine(RESULT_COLUMNS).trimEnd());
    for await (const row of scoreFile(readable(flags.file), opened, progress)) {
      adder.add(row);
      if (file) for (const line of linesOf(row, out!, opened)) await file.write(line);
    }
    await file?.close();
  } catch (error) {
    file?.abort();
    throw error;
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const report = { ...adder.sums, seconds, ...(out !== undefined && { resultsAt: out }) };
  console.log(json ? JSON.stringify(report, undefined, 2) : summaryOf(report));
};

const noteMissing = ({ prepared: { degraded, members } }: OpenDetector, progress: Progress): void => {
  for (const { what } of degraded) progress.note(pc.yellow(`${what} could not be loaded and is left out`));
  for (const { member } of members) {
    if (member.kind === 'sagemaker') progress.note(pc.yellow(`member ${member.name} is an endpoint and is left out`));
  }
};

const linesOf = (row: ScoredRow, out: string, { prepared }: OpenDetector): readonly string[] => {
  if (out.includes('.csv')) return 'problems' in row ? [] : resultLines([row]).trimEnd().split('\n');
  if ('problems' in row) return [JSON.stringify({ row: row.row, disposition: 'quarantined', problems: row.problems })];
  const { rules } = prepared.detector;
  const describe = (id: string): string | undefined => rules.list.find((rule) => rule.id === id)?.description;
  const view = (decision: Decision) => {
    const { recorded: _, ...shown } = publicDecisionOf(decision, { recorded: 'committed', describe });
    return shown;
  };
  return [JSON.stringify({ ...row, decisions: row.decisions.map(view) })];
};
