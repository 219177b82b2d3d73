import type { Cloud } from '../cloud/cloud.ts';
import { unprocessedProblems } from './costs.ts';
import type { Scenario } from './run.ts';
import { scenarioGroup, sized } from './scenarios.ts';

/** Sends what lies in dead-letter queues that nobody consumes back to where it came from, as the runbook says. */
export const redriveAll = (cloud: Cloud): void => {
  const consumed = new Set(cloud.wiring.mappings.map(({ queueArn }) => queueArn));
  for (const queue of cloud.queues.values()) {
    const isDeadLetters = [...cloud.queues.values()].some(({ wiring }) => wiring.deadLetters?.arn === queue.wiring.arn);
    if (isDeadLetters && !consumed.has(queue.wiring.arn)) cloud.redrive(queue);
  }
};

/** Lambda has no room, and services ask for patience. */
export const throttles = scenarioGroup({
  name: 'throttles',
  quick: '5 %, 30 %',
  nightly: 'to 60 %',
  held: 'throttled work came back and ended once',
  runs: (scale, seed) => {
    const events = sized(scale, 2_000, 5_000, 20_000);
    const shares = scale === 'nightly' ? [0.05, 0.3, 0.45, 0.6] : [0.05, 0.3];
    return shares.map(
      (share, index): Scenario => ({
        seed: seed + index,
        // Files of several chunks, so that some are settled in part.
        load: { events, files: Math.ceil(events / 600), requests: 50, batches: 2 },
        // Services are throttled at half the share: what a call cannot get in three tries costs its message a receive.
        weather: ({ weather }) => {
          weather.lambda.throttle = share;
          for (const service of Object.values(weather.services)) service.throttle = share / 6;
        },
        afterwards: redriveAll,
        mostDeliveries: share > 0.3 ? undefined : 1.5,
      }),
    );
  },
});

/** DynamoDB throttles, conflicts, loses answers and leaves keys unprocessed. */
export const dynamodb = scenarioGroup({
  name: 'dynamodb',
  quick: 'throttle 3 %, conflict 2 %, commit-then-timeout 1 %, unprocessed 5 % and 50 %',
  nightly: '× 3',
  held: 'every commit was made once, and known to be',
  runs: (scale, seed) => {
    const times = scale === 'nightly' ? 3 : 1;
    return [
      {
        seed,
        load: { events: sized(scale, 4_000, 8_000, 100_000), files: 25, requests: 150, batches: 2 },
        weather: ({ weather }) => {
          Object.assign(weather.services.dynamodb, { throttle: 0.02 * times, lost: 0.01 * times });
          Object.assign(weather, { conflict: 0.02 * times, cancelThrottle: 0.01 * times, unprocessed: 0.05 * times });
          weather.refusedEntries = 0.05 * times;
        },
      },
      {
        seed: seed + 1,
        load: { events: sized(scale, 1_500, 2_000, 20_000), files: 10, requests: 0, repeated: 0.4, conflicting: 0.1 },
        weather: ({ weather }) => {
          weather.unprocessed = 0.5;
        },
        check: unprocessedProblems,
      },
    ];
  },
});
