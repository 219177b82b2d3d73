import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as z from 'zod';

import { withDefects } from '../simulation/defects.ts';
import { writeLines } from '../simulation/line-file.ts';
import { EVENT_TYPE, simulateCardPayments } from '../simulation/simulate.ts';

/** Days, people and terminals of the sample: about 24,000 payments, simulated in a second or two. */
const SAMPLE = { days: 20, customers: 1_000, terminals: 400 } as const;
const DAY_MS = 86_400_000;

const RunsSchema = z.object({ samples: z.int().min(0) });

/** How many samples this data directory has had: each start makes a new one, so that there is something to decide. */
const samplesIn = (directory: string): number => {
  try {
    return RunsSchema.parse(JSON.parse(readFileSync(join(directory, 'samples.json'), 'utf8'))).samples;
  } catch {
    return 0;
  }
};

/**
 * Writes the next sample of card payments, ending yesterday, as files are in life: with 3 % bad rows and 2 %
 * repeated ids.
 */
export const nextSample = async (
  dataDirectory: string,
  nowMs: number,
): Promise<{ file: string; eventType: string }> => {
  const directory = join(dataDirectory, 'samples');
  mkdirSync(directory, { recursive: true });
  const seed = samplesIn(directory) + 1;
  const start = new Date(nowMs - (SAMPLE.days + 1) * DAY_MS).toISOString().slice(0, 10);
  const file = join(directory, `card-payments-${seed}.csv`);
  const { lines } = withDefects(simulateCardPayments({ ...SAMPLE, seed, start }), { seed });
  await writeLines(file, lines);
  writeFileSync(join(directory, 'samples.json'), JSON.stringify({ samples: seed }));
  return { file, eventType: EVENT_TYPE };
};
