import type { FileReport } from '../../../bin/system/follow.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { endOfFile } from '../../support/system-files.ts';
import { type Problems, problemsOf } from '../kills/accounts.ts';
import { type DroppedFile, dropPayments, type FileSize } from '../kills/payments.ts';
import type { Round } from './rounds.ts';

/** How a round ended. */
export interface RoundEnd {
  /** Times that each of its faults has struck. */
  readonly struck: readonly number[];
  readonly file: DroppedFile;
  readonly report: FileReport;
  readonly problems: Problems;
}

/** Sends a file through while the round's faults strike, each at least once. @throws {Error} if one never does. */
export const runRound = async (
  system: TestSystem,
  { faults }: Round,
  { seed, ...size }: FileSize & { readonly seed: number },
): Promise<RoundEnd> => {
  const { cloud, scratch } = system;
  const struck = faults.map(() => 0);
  cloud.faults.redeliverAfter(1);
  for (const [index, fault] of faults.entries()) {
    cloud.faults.begin({ ...fault, onStrike: () => (struck[index]! += 1) });
  }
  try {
    const file = await dropPayments(system, scratch, { ...size, seed });
    const report = await endOfFile(system, file.dropped);
    // What died when all was done is delivered again behind the file's end.
    await eventually('every fault strikes', async () => struck.every((times) => times > 0) || undefined);
    return { struck, file, report, problems: await problemsOf(system, [file], { alone: false }) };
  } finally {
    cloud.faults.clear();
  }
};
