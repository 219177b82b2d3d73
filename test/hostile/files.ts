import { Random } from '../../bin/simulation/random.ts';
import { type OpenedFile, openRows } from '../../functions/ingestion/read-rows.ts';
import { collect, partsOf, streamOf } from '../functions/ingestion/reading.ts';
import { type Group, resultOf } from '../prove/group.ts';
import { endOf, faultsOf } from './file-ends.ts';
import { differenceOfFile, FIXED_FILES } from './fixed-files.ts';
import { type DroppedFile, fileOf } from './mutate-file.ts';

const COUNTS = { small: 60, quick: 500, nightly: 20_000 } as const;
/** Least share of files of which rows must still be decided. */
const LEAST_READ = 0.3;

/** How a file is read again, in other pieces and from another row. */
const readAgain = async ({ key, content }: DroppedFile, skipRows: number, pieces: readonly number[]) => {
  const opened: OpenedFile = await openRows(streamOf(content, pieces), { key, skipRows, parts: partsOf(content) });
  return opened.ok ? collect(opened.rows) : opened.reason;
};

/** What differs when a file is read again; undefined when nothing does. */
const driftOf = async (file: DroppedFile, random: Random): Promise<string | undefined> => {
  const whole = await readAgain(file, 0, [64 * 1024]);
  const skip = typeof whole === 'string' ? 0 : random.whole(0, whole.length);
  const again = await readAgain(file, skip, [random.whole(1, 300), random.whole(1, 5_000)]);
  const expected = typeof whole === 'string' ? whole : whole.slice(skip);
  return JSON.stringify(again) === JSON.stringify(expected) ? undefined : `is read otherwise from row ${skip} on`;
};

/** Drops bad files into the inbox of the real handlers. */
export const badFiles: Group = {
  name: 'bad-files',
  quick: `${FIXED_FILES.length} fixed, 500 generated`,
  nightly: '20k generated',
  run: async ({ scale, seed, onProgress }) => {
    const total = COUNTS[scale];
    const problems: string[] = [];
    const counts = { fixed: FIXED_FILES.length, generated: total, rows: 0, decided: 0, quarantined: 0, wholeFiles: 0 };
    for (const file of FIXED_FILES) {
      const end = await endOf(file.key, file.content());
      const difference = differenceOfFile(file, end) ?? faultsOf(end)[0];
      if (difference) problems.push(`${file.name}: ${difference}`);
    }
    let read = 0;
    for (let index = 0; index < total; index++) {
      if (index % 100 === 0) onProgress(index / total);
      const file = fileOf(seed, index);
      const end = await endOf(file.key, file.content);
      const { record } = end;
      counts.rows += record.checkpoint.rows;
      counts.decided += record.counts.decided;
      counts.quarantined += record.counts.quarantined;
      if (record.status === 'quarantined') counts.wholeFiles++;
      if (record.counts.decided > 0) read++;
      const drift = await driftOf(file, new Random(seed, 'again', index));
      for (const fault of [...faultsOf(end), ...(drift ? [drift] : [])].slice(0, 3)) {
        problems.push(`file ${index} of seed ${seed} (${file.key}): ${fault}`);
      }
    }
    if (read < LEAST_READ * total) problems.push(`of only ${read} of ${total} files was a row decided`);
    const held = 'each row ends in one place, for a reason of the closed list; read again, every file is the same';
    return resultOf({ counts, seeds: [seed] }, held, problems.slice(0, 20));
  },
};
