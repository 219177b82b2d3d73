import { type Group, type GroupResult, resultOf, type Scale } from '../group.ts';
import { runScenario, type Scenario } from './run.ts';

/** A group that is nothing but runs of clouds. */
export interface ScenarioGroup {
  readonly name: string;
  readonly quick: string;
  readonly nightly?: string;
  /** What held, when all runs did. */
  readonly held: string;
  readonly runs: (scale: Scale, seed: number) => readonly Scenario[];
}

/** Makes a group of runs, one after the other; their counts are added up. */
export const scenarioGroup = ({ name, quick, nightly, held, runs }: ScenarioGroup): Group => ({
  name,
  quick,
  ...(nightly !== undefined && { nightly }),
  run: async ({ scale, seed, onProgress }): Promise<GroupResult> => {
    const scenarios = runs(scale, seed);
    const counts: Record<string, number> = {};
    const problems: string[] = [];
    for (const [index, scenario] of scenarios.entries()) {
      const result = await runScenario({
        ...scenario,
        onProgress: (done) => onProgress((index + done) / scenarios.length),
      });
      for (const [count, value] of Object.entries(result.counts)) counts[count] = (counts[count] ?? 0) + value;
      problems.push(
        ...result.problems.map((problem) => (scenarios.length > 1 ? `seed ${scenario.seed}: ${problem}` : problem)),
      );
      onProgress((index + 1) / scenarios.length);
    }
    return resultOf({ counts, seeds: scenarios.map((scenario) => scenario.seed) }, held, problems);
  },
});

/** A number for each scale. */
export const sized = (scale: Scale, small: number, quick: number, nightly: number): number =>
  ({ small, quick, nightly })[scale];

/** So many seeds from a first one. */
export const seedsFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index);
