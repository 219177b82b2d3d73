import { type Group, type GroupResult, type GroupRun, resultOf, type Scale } from '../prove/group.ts';
import { startSystem } from '../support/system.ts';
import { synthesizeSystem } from '../support/system-assembly.ts';
import { ROUNDS } from './faulted/rounds.ts';
import { type RoundEnd, runRound } from './faulted/run-round.ts';
import { killAgainAndAgain } from './kills/kills.ts';
import { EACH_CHANGE, FEW_CHUNKS } from './kills/sizes.ts';

/** Files of each round. */
const FILES: Readonly<Record<Scale, number>> = { small: 1, quick: 1, nightly: 40 };
const KILLS: Readonly<Record<Scale, number>> = { small: 1, quick: 2, nightly: 200 };

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const runRounds = async ({ scale, seed, onProgress }: GroupRun): Promise<GroupResult> => {
  const system = await startSystem();
  const ends: RoundEnd[] = [];
  const all = ROUNDS.flatMap((round) => Array.from({ length: FILES[scale] }, () => round));
  try {
    for (const [index, round] of all.entries()) {
      ends.push(await runRound(system, round, { ...FEW_CHUNKS, seed: seed * 1_000 + index }));
      onProgress((index + 1) / all.length);
    }
  } finally {
    await system.stop();
  }
  const problems = ends.flatMap((end, index) => end.problems.map((problem) => `${all[index]?.what}: ${problem}`));
  const counts = {
    files: ends.length,
    rows: sum(ends.map(({ file }) => file.counts.rows)),
    faults: sum(ends.flatMap(({ struck }) => struck)),
  };
  return resultOf({ counts, seeds: [seed] }, 'every row of every file, in its results and in the store', problems);
};

const runKills = async ({ scale, seed, onProgress }: GroupRun): Promise<GroupResult> => {
  const times = KILLS[scale];
  const assembly = await synthesizeSystem();
  try {
    const { files, rows, decided, problems } = await killAgainAndAgain({
      assembly: assembly.path,
      times,
      seed,
      size: EACH_CHANGE,
      onKill: ({ number }) => onProgress(number / (times + 1)),
    });
    const counts = { kills: times, files, rows, decided };
    return resultOf({ counts, seeds: [seed] }, 'rows, results and store add up after the last restart', problems);
  } finally {
    assembly.remove();
  }
};

/** What the embedded cloud proves: the same functions in their own processes, over stores that are durable. */
export const GROUPS: readonly Group[] = [
  {
    name: 'embedded-cloud',
    quick: `${ROUNDS.length} files, each with its own faults`,
    nightly: `${ROUNDS.length * FILES.nightly} files`,
    run: runRounds,
  },
  {
    name: 'killed-cloud',
    quick: `kill -9 of everything, ${KILLS.quick} times (20: npm run prove:kill)`,
    nightly: `${KILLS.nightly} times`,
    run: runKills,
  },
];
