import type { MessageWeather } from '../cloud/weather.ts';
import { repeatProblems } from './costs.ts';
import type { Scenario } from './run.ts';
import { scenarioGroup, sized } from './scenarios.ts';

/** Messages come more than once: some up to four times, and in one run every one of them three times. */
export const duplicates = scenarioGroup({
  name: 'duplicates',
  quick: '5 % up to 4 times; one run all × 3',
  nightly: '1 to 10 times',
  held: 'nothing counted twice',
  runs: (scale, seed) => {
    const events = sized(scale, 3_000, 10_000, 50_000);
    const runOf = (index: number, share: number, set: (messages: MessageWeather) => void): Scenario => ({
      seed: seed + index,
      load: { events: events * share, files: 20, requests: 50, batches: 2, repeated: 0.05, conflicting: 0.02 },
      weather: ({ weather }) => set(weather.messages),
      mostDeliveries: undefined,
      check: repeatProblems,
    });
    const some = runOf(0, 1, (messages) => Object.assign(messages, { repeat: 0.05, mostDeliveries: 4 }));
    const times = scale === 'nightly' ? [2, 3, 4, 5, 6, 7, 8, 9, 10] : [3];
    return [some, ...times.map((always, at) => runOf(at + 1, 0.5, (messages) => Object.assign(messages, { always })))];
  },
});

/** Messages of standard queues come late and in any order, files all at once. */
export const reordering = scenarioGroup({
  name: 'reordering',
  quick: '0–60 s late and shuffled',
  held: 'order changed nothing but who came first',
  runs: (scale, seed) => [
    {
      seed,
      load: { events: sized(scale, 3_000, 10_000, 50_000), files: 40, requests: 50, repeated: 0.05, conflicting: 0.05 },
      weather: ({ weather }) => {
        weather.messages.lagMs = 60_000;
      },
    },
  ],
});
