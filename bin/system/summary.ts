import pc from 'picocolors';

import type { FileReport } from './follow.ts';
import { number, table } from './tables.ts';

const share = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`);

const total = (tally: Readonly<Record<string, number>>): number =>
  Object.values(tally).reduce((sum, count) => sum + count, 0);

const tallied = (title: string, tally: Readonly<Record<string, number>>, whole: number, most = 8): string => {
  const rows = Object.entries(tally).sort(([, left], [, right]) => right - left);
  if (rows.length === 0) return '';
  const drawn = table([title, 'count', 'share']);
  for (const [name, count] of rows.slice(0, most)) drawn.push([name, number.format(count), share(count, whole)]);
  if (rows.length > most) drawn.push([`${rows.length - most} more`, '', '']);
  return `${drawn.toString()}\n`;
};

/** What a summary shows of a file, wherever it was decided. */
export type SummedFile = Pick<
  FileReport,
  'rows' | 'counts' | 'outcomes' | 'rules' | 'quarantineReasons' | 'degraded' | 'seconds' | 'resultsAt' | 'rejectsAt'
> &
  Partial<Pick<FileReport, 'fileId' | 'purpose' | 'status' | 'reason' | 'problem'>>;

/** The end of a file as a person reads it: how its rows ended, what was decided and why, how fast, where the results are. */
export const summaryOf = (report: SummedFile): string => {
  const { counts, rows, problem = 'its record does not say why' } = report;
  // Of a file that nothing could be read of, only the reason and the remedy are worth a word.
  if (report.status === 'quarantined') {
    return pc.red(`the file is in quarantine, none of it was taken (${report.reason ?? 'unknown'}): ${problem}`);
  }
  const isFeedback = report.purpose === 'feedback';
  const sum = counts.decided + counts.duplicate + counts.conflict + counts.quarantined + counts.dead;
  const balanced = sum === rows;
  const parts = [counts.decided, counts.duplicate, counts.conflict, counts.quarantined, counts.dead];
  const equation = `${number.format(rows)} rows ${balanced ? '=' : '≠'} ${[
    isFeedback ? 'recorded' : 'decided',
    'duplicate',
    'conflict',
    'quarantined',
    'dead',
  ]
    .map((name, index) => `${number.format(parts[index] ?? 0)} ${name}`)
    .join(' + ')}`;
  return [
    '',
    balanced ? pc.green(equation) : pc.red(equation),
    '',
    // Every detector of the event type decides each event, so there are more outcomes than events.
    tallied(isFeedback ? 'what was said' : 'outcome, of all detectors', report.outcomes, total(report.outcomes)),
    tallied('reason: rule that matched', report.rules, counts.decided),
    tallied('quarantined because', report.quarantineReasons, rows),
    report.degraded > 0 ? pc.yellow(`${number.format(report.degraded)} decisions were degraded\n`) : '',
    `${number.format(Math.round(rows / Math.max(report.seconds, 0.001)))} ${isFeedback ? 'rows' : 'events'} per second, ${report.seconds.toFixed(1)} s from file to results`,
    report.fileId ? `file id: ${report.fileId}` : '',
    report.resultsAt ? `results: ${report.resultsAt}` : '',
    report.rejectsAt ? `rejects: ${report.rejectsAt}` : '',
  ]
    .filter((line, index) => line !== '' || index < 3)
    .join('\n');
};
