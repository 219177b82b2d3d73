import { join } from 'node:path';
import { drop, follow } from '../../bin/system/drop-and-follow.ts';
import { Progress } from '../../bin/system/progress.ts';
import { nextSample } from '../../bin/system/sample.ts';
import { startMeasured, type Used } from '../measured-system.ts';

/** One file through the system: how fast, and what it used. */
export interface Throughput {
  readonly rows: number;
  readonly decided: number;
  readonly seconds: number;
  readonly used: Used;
}

/** Drops the sample of `npm start` into a system whose event type has this ordering, and follows it to its results. */
export const measureFile = async (ordering: 'strict' | 'relaxed'): Promise<Throughput> => {
  const measured = await startMeasured({
    'event-types/card_payment.yaml': (text) => text.replace(/^(eventType: .*)$/m, `$1\nordering: ${ordering}`),
  });
  const quiet = new Progress({ quiet: true });
  try {
    const sample = await nextSample(join(measured.directory, 'data'), Date.now());
    measured.used();
    const startedMs = Date.now();
    const dropped = await drop(measured.client, { ...sample, purpose: 'events' }, quiet);
    const { rows, counts, seconds } = await follow(measured.client, dropped, { startedMs }, quiet);
    const ended = counts.decided + counts.duplicate + counts.conflict + counts.quarantined;
    if (rows === 0 || ended !== rows) throw new Error(`${ended} of ${rows} rows ended: there is nothing to measure`);
    return { rows, decided: counts.decided, seconds, used: measured.used() };
  } finally {
    measured.client.close();
    await measured.stop();
  }
};
