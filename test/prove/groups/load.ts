import { costProblems } from './costs.ts';
import { scenarioGroup, seedsFrom, sized } from './scenarios.ts';

/** Nothing goes wrong: everything ends, once, at the price that it should have. */
export const load = scenarioGroup({
  name: 'load',
  quick: '50k events, 100 files',
  nightly: '1M events, 2,000 files',
  held: 'every event ended once, at no more calls than it takes',
  runs: (scale, seed) => {
    const events = sized(scale, 3_000, 50_000, 1_000_000);
    const files = sized(scale, 8, 100, 2_000);
    const withinMs = 120_000;
    return [{ seed, load: { events, files, requests: 200, batches: 5, withinMs }, check: costProblems }];
  },
});

/** Everything goes wrong a little, in ever other ways. */
export const seeds = scenarioGroup({
  name: 'seeds',
  quick: '5 × 10k events, all faults at 0.5 %',
  nightly: '500 × 10k',
  held: 'every event ended once, whatever the seed',
  runs: (scale, seed) =>
    seedsFrom(seed, sized(scale, 1, 5, 500)).map((each) => ({
      seed: each,
      load: { events: sized(scale, 3_000, 10_000, 10_000), files: 25, requests: 100, batches: 2 },
      mostDeliveries: undefined,
      weather: ({ weather }) => {
        for (const service of Object.values(weather.services)) {
          Object.assign(service, { throttle: 0.005, fail: 0.005, lost: 0.005, hang: 0.001 });
        }
        Object.assign(weather, { conflict: 0.005, unprocessed: 0.005, refusedEntries: 0.005, brokenBodies: 0.005 });
        Object.assign(weather.lambda, { throttle: 0.005, kill: 0.005, reap: 0.01, skewMs: 2_000 });
        Object.assign(weather.messages, { repeat: 0.005, mostDeliveries: 2, lagMs: 2_000 });
      },
    })),
});
