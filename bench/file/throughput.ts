import { join } from 'node:path';
import { drop, follow } from '../../bin/system/drop-and-follow.ts';
import { Progress } from '../../bin/system/progress.ts';
import { nextSample } from '../../bin/system/sample.ts';
import { type MeasuredSystem, startMeasured, type Used } from '../measured-system.ts';

/** One file through the system: how fast. */
export interface FileRun {
  readonly rows: number;
  readonly decided: number;
  /** From drop to results file. */
  readonly seconds: number;
}

/** A run, and what it used until the results were there. */
export interface Throughput extends FileRun {
  readonly used: Used;
}

/** Drops the sample into a system whose event type has this ordering, and follows it to its results. */
export const measureFile = async (ordering: 'strict' | 'relaxed'): Promise<Throughput> => {
  const measured = await startMeasured({
    'event-types/card_payment.yaml': (text) => text.replace(/^(eventType: .*)$/m, `$1\nordering: ${ordering}`),
  });
  try {
    measured.used();
    const run = await dropSample(measured);
    return { ...run, used: measured.used() };
  } finally {
    measured.client.close();
    await measured.stop();
  }
};

/** Drops the sample of `npm start` into a running system, and follows it to its results. */
export const dropSample = async ({ client, directory }: MeasuredSystem): Promise<FileRun> => {
  const quiet = new Progress({ quiet: true });
  const sample = await nextSample(join(directory, 'data'), Date.now());
  const startedMs = Date.now();
  const dropped = await drop(client, { ...sample, purpose: 'events' }, quiet);
  const { rows, counts, seconds } = await follow(client, dropped, { startedMs }, quiet);
  const ended = counts.decided + counts.duplicate + counts.conflict + counts.quarantined;
  if (rows === 0 || ended !== rows) throw new Error(`${ended} of ${rows} rows ended: there is nothing to measure`);
  return { rows, decided: counts.decided, seconds };
};
