import Table from 'cli-table3';
import pc from 'picocolors';

import { allGroups } from '../groups.ts';
import { runGroups } from '../runner.ts';
import { plant, staleReason } from './apply.ts';
import type { PlantedBug } from './planted-bug.ts';

/** What became of a planted bug. */
export interface Catch {
  readonly name: string;
  readonly harm: PlantedBug['harm'] | 'none';
  /** The group that caught it. */
  readonly group?: string;
  /** What that group said first: the check, and what it found. */
  readonly check?: string;
  /** Why it could not be planted. */
  readonly stale?: string;
  readonly seconds: number;
  readonly verdict: 'caught' | 'survived' | 'clean' | 'dirty';
}

export interface HuntOptions {
  readonly seed: number;
  readonly workers: number;
  readonly onCatch: (caught: Catch) => void;
}

/** The functions as they are: nothing may be caught there, or what is caught elsewhere would mean nothing. */
const CONTROL = 'no bug at all';

/** Plants one bug after the other and lets the proof hunt it. The control comes first. */
export const hunt = async (bugs: readonly PlantedBug[], options: HuntOptions): Promise<readonly Catch[]> => {
  const control = await runControl(bugs, options);
  options.onCatch(control);
  const catches = new Map<string, Catch>();
  const waiting = [...bugs];
  const work = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug; bug = waiting.shift()) {
      const caught = await runBug(bug, options);
      catches.set(bug.name, caught);
      options.onCatch(caught);
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return [control, ...bugs.map(({ name }) => catches.get(name)!)];
};

/** Runs groups on the copy of the functions in a folder. */
const prove = async (names: readonly string[], root: string, workers: number, seed: number) => {
  const groups = (await allGroups()).filter(({ name }) => names.includes(name));
  return runGroups(groups, { scale: 'small', seed, workers, environment: { ASSAY_PROVE_FUNCTIONS: root } });
};

const runControl = async (bugs: readonly PlantedBug[], { seed, workers }: HuntOptions): Promise<Catch> => {
  const startedAt = performance.now();
  const copy = plant();
  try {
    const names = [...new Set(bugs.flatMap(({ groups }) => groups))];
    const failed = (await prove(names, copy.root, workers, seed)).find(({ verdict }) => verdict === 'failed');
    return {
      name: CONTROL,
      harm: 'none',
      ...(failed && { group: failed.name, check: failed.detail }),
      seconds: (performance.now() - startedAt) / 1_000,
      verdict: failed ? 'dirty' : 'clean',
    };
  } finally {
    copy.remove();
  }
};

const runBug = async (bug: PlantedBug, { seed }: HuntOptions): Promise<Catch> => {
  const startedAt = performance.now();
  const { name, harm, groups } = bug;
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const stale = staleReason(bug);
  if (stale !== undefined) return { name, harm, stale, seconds: seconds(), verdict: 'survived' };
  const copy = plant(bug);
  try {
    for (const group of groups) {
      const [row] = await prove([group], copy.root, 1, seed);
      const check = row && row.verdict === 'failed' ? checkIn(row.problems ?? [row.detail], harm) : undefined;
      if (check !== undefined) return { name, harm, group, check, seconds: seconds(), verdict: 'caught' };
    }
    return { name, harm, seconds: seconds(), verdict: 'survived' };
  } finally {
    copy.remove();
  }
};

/** Bounds of work: what only wastes it must be caught by one of these. */
const BOUND = /cost bound|deliveries ÷ accepted/;

/** The first finding that counts as catching a bug. */
const checkIn = (problems: readonly string[], harm: PlantedBug['harm']): string | undefined =>
  harm === 'wastes' ? problems.find((problem) => BOUND.test(problem)) : problems[0];

/** The table of planted bugs. */
export const catchTableOf = (catches: readonly Catch[]): string => {
  const table = new Table({
    head: ['planted bug', 'harm', 'caught by', 'what the check said', 'verdict', 'seconds'],
    colWidths: [34, 11, 17, 48, 10, 9],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { name, harm, group = '', check, stale, verdict, seconds } of catches) {
    const good = verdict === 'caught' || verdict === 'clean';
    const shown = good ? pc.green(verdict) : pc.red(verdict);
    table.push([
      name,
      harm,
      group,
      (check ?? stale ?? '').replace(/^seed \d+: /, '').slice(0, 140),
      shown,
      seconds.toFixed(1),
    ]);
  }
  return table.toString();
};
