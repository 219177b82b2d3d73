import { redriveAll } from './faults.ts';
import { scenarioGroup, sized } from './scenarios.ts';

/** Deposits of few accounts meet at the same pages, while transactions conflict, answers are lost and functions die. */
export const history = scenarioGroup({
  name: 'history',
  quick: 'conflict 10 %, throttle 3 %, commit-then-timeout 3 %, killed 3 %',
  nightly: '× 2',
  held: 'every event moved its pages once',
  runs: (scale, seed) => {
    const times = scale === 'nightly' ? 2 : 1;
    return [
      {
        seed,
        load: {
          events: sized(scale, 800, 1_000, 20_000),
          files: 8,
          requests: 100,
          batches: 2,
          types: ['deposit'],
          repeated: 0.1,
        },
        weather: ({ weather }) => {
          Object.assign(weather.services.dynamodb, { throttle: 0.02 * times, lost: 0.03 * times });
          Object.assign(weather, { conflict: 0.1 * times, cancelThrottle: 0.01 * times });
          Object.assign(weather.lambda, { kill: 0.03 * times });
        },
        afterwards: redriveAll,
        mostDeliveries: undefined,
      },
    ];
  },
});
