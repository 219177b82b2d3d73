import { serviceFault } from '#local/dynamodb/errors.ts';
import { dynamoDbError } from '../cloud/aws-errors.ts';
import type { Cloud } from '../cloud/cloud.ts';
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
    const events = sized(scale, 3_000, 8_000, 50_000);
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

/** Messages of standard queues come late and in any order; of files in strict order, some chunks fail and come again. */
export const reordering = scenarioGroup({
  name: 'reordering',
  quick: '0–60 s late and shuffled; strict files whose commits fail, 10 %',
  held: 'order changed nothing but who came first, and strict order was kept',
  runs: (scale, seed) => [
    {
      seed,
      load: { events: sized(scale, 3_000, 5_000, 50_000), files: 40, requests: 50, repeated: 0.05, conflicting: 0.05 },
      weather: ({ weather }) => {
        weather.messages.lagMs = 60_000;
      },
    },
    {
      seed: seed + 1,
      load: { events: sized(scale, 2_000, 3_000, 50_000), files: 4, types: ['transfer'] },
      weather: (cloud) => failCommits(cloud, FAILED_COMMITS),
      mostDeliveries: undefined,
    },
  ],
});

/** Of the transactions of deciding from the queue. */
const FAILED_COMMITS = 0.1;

/** Lets commits fail at once, so that in one batch a chunk fails and those behind it would not. */
const failCommits = (cloud: Cloud, share: number): void => {
  const random = cloud.random.fork('commits');
  const closed = (): Error => dynamoDbError(serviceFault('AccessDeniedException', 'not authorized to perform this'));
  cloud.fate = ({ operation, invocation }) =>
    operation === 'TransactWriteItems' && invocation?.entry === 'scoring/queue' && random.chance(share)
      ? { kind: 'refused', error: closed }
      : undefined;
};
