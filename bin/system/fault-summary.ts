import pc from 'picocolors';

import type { FaultReport } from './faulted-run.ts';
import { number, table } from './tables.ts';

/** What went wrong on purpose and what became of it, as a person reads it. */
export const faultSummaryOf = (report: FaultReport): string => {
  const injected = table(['injected', 'struck']);
  for (const { fault, times } of report.injected) injected.push([fault, number.format(times)]);
  const became = table(['what became of it', 'count']);
  for (const [what, count] of aftermathOf(report)) became.push([what, number.format(count)]);
  const idle = report.injected.filter(({ times }) => times === 0).map(({ fault }) => fault);
  return [
    '',
    injected.toString(),
    '',
    became.toString(),
    ...(idle.length > 0 ? [pc.yellow(`struck nothing: ${idle.join(', ')}`)] : []),
    ...callerLines(report),
    pc.dim(`--fault-seed ${report.seed}`),
  ].join('\n');
};

const aftermathOf = (report: FaultReport): readonly (readonly [string, number])[] => [
  ['calls tried again', report.retries],
  ['tries that the retry budget forbade', report.retriesForbidden],
  ['messages delivered again', report.redeliveries],
  ['decisions degraded', report.degradedDecisions],
  ['breakers opened', report.breakersOpened],
  ['decisions answered as pending', report.pendingDecisions],
  ['decisions kept beside another', report.rivalDecisions],
];

const callerLines = ({ caller }: FaultReport): readonly string[] => {
  if (!caller) return [];
  const { asked, committed, pending, degraded, refused, refusals, lost } = caller;
  const why = Object.entries(refusals).map(([status, count]) => `${count} × ${status}`);
  const equation = `${number.format(asked)} asked by API = ${number.format(committed)} committed + ${number.format(pending)} pending + ${number.format(refused)} refused${why.length > 0 ? ` (${why.join(', ')})` : ''}`;
  const ends =
    lost === 0 ? 'every answered one is on record' : `${number.format(lost)} answered ones are not on record`;
  const line = `${equation}; ${number.format(degraded)} degraded; ${ends}`;
  return [lost === 0 ? pc.green(line) : pc.red(line)];
};
