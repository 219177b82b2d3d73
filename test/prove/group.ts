/** How much of a group is done: `quick` with each change, `nightly` in the night, `small` to see whether a bug is caught. */
export type Scale = 'small' | 'quick' | 'nightly';

/** What a run of a group is given. */
export interface GroupRun {
  readonly scale: Scale;
  /** All randomness of the run derives from it: the same seed does the same again. */
  readonly seed: number;
  /** Tells how far the run is. @param done - from 0 to 1. */
  readonly onProgress: (done: number) => void;
}

/** What a run of a group showed. */
export interface GroupResult {
  /** What was done, in the order in which it is shown: `{ events: 50_000, files: 100 }`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Every seed that was used; a failing one alone repeats the failure. */
  readonly seeds: readonly number[];
  readonly verdict: 'proved' | 'failed';
  /** One line: what held, or of a failed group the first thing that did not, with what it takes to find it. */
  readonly detail: string;
  /** Everything that did not hold, one line each. @default none */
  readonly problems?: readonly string[];
}

/**
 * A row of the table of proof. Groups share processes, one after the other: each starts clean in both scales, and cleans
 * up what it has taken over or written.
 */
export interface Group {
  /** As `--only` takes it: words in lower case, joined by hyphens. */
  readonly name: string;
  /** What each change does, as the table shows it: `50k events, 100 files`. */
  readonly quick: string;
  /** What the night does; absent for a group that has no other column. */
  readonly nightly?: string;
  /** Most memory that its process, which it has alone then, may take for objects, in MB. @default what Node takes */
  readonly heapMb?: number;
  /** Never throws for what it proves: what does not hold is its verdict. An error is a fault of the group itself. */
  readonly run: (run: GroupRun) => Promise<GroupResult>;
}

/** The result of a group from what did not hold. */
export const resultOf = (
  { counts, seeds }: Pick<GroupResult, 'counts' | 'seeds'>,
  held: string,
  problems: readonly string[],
): GroupResult => ({
  counts,
  seeds,
  verdict: problems.length === 0 ? 'proved' : 'failed',
  detail: problems[0] ?? held,
  ...(problems.length > 0 && { problems }),
});
