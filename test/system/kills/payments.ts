import { join } from 'node:path';

import { fileIdOf } from '#domain/file-id.ts';
import { type DefectCounts, withDefects } from '../../../bin/simulation/defects.ts';
import { writeLines } from '../../../bin/simulation/line-file.ts';
import { simulateCardPayments } from '../../../bin/simulation/simulate.ts';
import type { DroppedObject } from '../../../bin/system/client.ts';
import type { SystemClients } from '../../support/system.ts';

/** A file on its way through the system, and how it must end. */
export interface DroppedFile {
  readonly fileId: string;
  readonly dropped: DroppedObject;
  readonly counts: DefectCounts;
}

/** How large the files are: each customer pays about 1.2 times a day. */
export interface FileSize {
  readonly days: number;
  readonly customers: number;
}

const DAY_MS = 86_400_000;

/** Makes a file of card payments that no other seed makes, as files are in life, and drops it. */
export const dropPayments = async (
  { client }: Pick<SystemClients, 'client'>,
  folder: string,
  { days, customers, seed }: FileSize & { readonly seed: number },
): Promise<DroppedFile> => {
  const name = `payments-${seed}.csv`;
  const start = new Date(Date.now() - (days + 2) * DAY_MS).toISOString().slice(0, 10);
  const payments = simulateCardPayments({ days, customers, terminals: 100, seed, start });
  const { lines, counts } = withDefects(payments, { seed });
  await writeLines(join(folder, name), lines);
  const dropped = await client.drop(join(folder, name), `events/card_payment/${name}`);
  return { fileId: fileIdOf(dropped.bucket, dropped.key, dropped.versionId), dropped, counts };
};
