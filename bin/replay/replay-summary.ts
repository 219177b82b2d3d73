import pc from 'picocolors';

import { number, table } from '../system/tables.ts';
import type { ReplayReport } from './replay-files.ts';

/** The end of a replay as a person reads it. */
export const replaySummaryOf = (report: ReplayReport & { readonly matrixAt: string }): string => {
  const { rows, events, duplicates, conflicts, refused, written, labelled } = report;
  const parts = { events, duplicate: duplicates, conflict: conflicts, refused };
  const equation = Object.entries(parts).map(([name, count]) => `${number.format(count)} ${name}`);
  return [
    '',
    pc.green(`${number.format(rows)} rows = ${equation.join(' + ')}`),
    `${number.format(written)} of them are in the matrix, ${number.format(labelled)} with a label`,
    '',
    tallied('row refused because', report.refusedReasons),
    tallied('feedback refused because', report.feedbackRefusedReasons),
    missing(report.missing),
    report.untold.length > 0 ? pc.yellow(`${report.untold.join(', ')}: ${UNTOLD}\n`) : '',
    report.labelsWithoutEvent > 0
      ? pc.yellow(`${number.format(report.labelsWithoutEvent)} labelled events are not in the files\n`)
      : '',
    `${number.format(report.eventsPerSecond)} events per second, ${report.seconds.toFixed(1)} s`,
    `matrix: ${report.matrixAt}`,
  ]
    .filter((line, index) => line !== '' || index < 4)
    .join('\n');
};

const UNTOLD = 'missing everywhere, as no feedback is given, or decisions are needed';

const tallied = (title: string, tally: Readonly<Record<string, number>>): string => {
  const entries = Object.entries(tally).sort(([, left], [, right]) => right - left);
  if (entries.length === 0) return '';
  const drawn = table([title, 'count']);
  for (const [name, count] of entries) drawn.push([name, number.format(count)]);
  return `${drawn.toString()}\n`;
};

const missing = (shares: ReplayReport['missing']): string => {
  const entries = Object.entries(shares);
  if (entries.length === 0) return '';
  const drawn = table(['feature', 'missing']);
  for (const [name, share] of entries) drawn.push([name, `${(100 * share).toFixed(2)} %`]);
  return `${drawn.toString()}\n`;
};
