import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type Units, UnitsSchema } from '../../bin/cost/units.ts';
import { decideRequests } from '../api/requests.ts';
import { dropSample } from '../file/throughput.ts';
import { type MeasuredSystem, startMeasured } from '../measured-system.ts';
import type { BenchReport } from '../report.ts';
import { type Amounts, per, pricedOf, without } from './priced.ts';
import { standingOf } from './standing.ts';
import { storedIn } from './stored.ts';

const UNITS_FILE = resolve(import.meta.dirname, '../../bin/cost/units.json');
/** Schedules run every five minutes at the slowest, so ten see each of them twice. */
const IDLE_MINUTES = 10;
/** What follows the tables' streams has ended by then. */
const FOLLOW_MINUTES = 2;
const CALLS = 1_000;
/** The stage whose keys, alarms and firewall are paid for. */
const STAGE = 'prod';

/**
 * What an event, an idle hour and the template itself use, for `assay cost`. A quarter of an hour.
 *
 * @param write - keeps the figures as bin/cost/units.json.
 */
export const benchUnits = async (write: boolean, onProgress: (what: string) => void): Promise<BenchReport> => {
  const { standing, pollsPerHour } = await standingOf(STAGE);
  const system = await startMeasured();
  try {
    onProgress(`what is used while nothing happens, for ${IDLE_MINUTES} minutes`);
    await pause(IDLE_MINUTES * 60_000);
    const idlePerMinute = per(pricedOf(system.used()), IDLE_MINUTES);
    const before = await storedIn(system.system);
    onProgress('what a file uses');
    const file = await measure(system, idlePerMinute, async () => (await dropSample(system)).decided);
    const after = await storedIn(system.system);
    onProgress('what calls of the API use');
    const api = await measure(system, idlePerMinute, () => callApi(system));
    const tableBytes = (after.tableBytes - before.tableBytes) / file.events;
    const bucketBytes = (after.bucketBytes - before.bucketBytes) / file.events;
    const units = UnitsSchema.parse({
      format: 1,
      measured: {
        by: 'npm run bench -- units --write',
        on: new Date().toISOString().slice(0, 10),
        events: file.events + api.events,
      },
      perFileEvent: per(file.amounts, file.events),
      // One of twenty requests is traced.
      perApiEvent: { ...per(api.amounts, api.events), 'apigateway.request': 1, 'waf.request': 1, 'xray.trace': 0.05 },
      // How often a queue is asked is AWS's own habit, not the embedded cloud's.
      perIdleHour: { ...per(idlePerMinute, 1 / 60), 'sqs.request': pollsPerHour },
      standing,
      bytesPerEvent: {
        'dynamodb.storage': Math.round(tableBytes),
        'dynamodb.backup': Math.round(tableBytes),
        's3.storage': Math.round(bucketBytes),
      },
    });
    if (write) writeFileSync(UNITS_FILE, `${JSON.stringify(units, null, 2)}\n`);
    return report(units);
  } finally {
    system.client.close();
    await system.stop();
  }
};

/** What some events add to what runs anyhow. @param work - @returns how many events it decided. */
const measure = async (
  { used }: MeasuredSystem,
  idlePerMinute: Amounts,
  work: () => Promise<number>,
): Promise<{ readonly events: number; readonly amounts: Amounts }> => {
  used();
  const startedMs = Date.now();
  const events = await work();
  await pause(FOLLOW_MINUTES * 60_000);
  const minutes = (Date.now() - startedMs) / 60_000;
  return { events, amounts: without(pricedOf(used()), per(idlePerMinute, 1 / minutes)) };
};

const callApi = async ({ client }: MeasuredSystem): Promise<number> => {
  for (const request of await decideRequests(CALLS)) {
    // What a call uses does not depend on how soon it is answered, and a busy machine may take its time.
    const { status } = await client.call('POST', 'v1/decisions', request, { 'assay-budget-ms': '20000' });
    if (status !== 200) throw new Error(`the API answered ${status}: there is nothing to measure`);
  }
  return CALLS;
};

const report = (units: Units): BenchReport => {
  const parts = {
    'an event of a file': units.perFileEvent,
    'an event of the API': units.perApiEvent,
    'an idle hour': units.perIdleHour,
    standing: units.standing,
    'bytes kept of an event': units.bytesPerEvent,
  };
  const rows = Object.entries(parts).flatMap(([part, amounts]) =>
    Object.entries(amounts).map(([name, amount]) => [part, name, String(amount)]),
  );
  return {
    bench: 'units',
    figures: Object.fromEntries(rows.map(([part, name, amount]) => [`${part}: ${name}`, Number(amount)])),
    columns: ['for', 'unit', 'amount'],
    rows,
    notes: [
      "durations of functions are this machine's; everything else is counted",
      `standing is what the template of stage '${STAGE}' has, and one metric for each name in three functions`,
    ],
    missed: [],
  };
};
