import type { Cloud } from '../cloud/cloud.ts';
import type { Service } from '../cloud/weather.ts';
import type { Group } from '../group.ts';
import { outageProblems } from './costs.ts';
import { redriveAll } from './faults.ts';
import type { Scenario } from './run.ts';
import { scenarioGroup, sized } from './scenarios.ts';

/** Into a minute of work. */
const FROM_MS = 20_000;

/** Services, and how many calls of them an event of the run may cost, the outage included. */
const OUTAGES: readonly (readonly ['dynamodb' | 'sagemaker' | 'sqs', number])[] = [
  ['dynamodb', 0.75],
  ['sagemaker', 0.8],
  ['sqs', 0.12],
];

/** Of the entries of a batch. */
const REFUSED_ENTRIES = 0.3;

/** A service is down for a while, for everybody at once; flapping: up and down every ten seconds. */
const outage = (cloud: Cloud, service: Service, forMs: number, flapping: boolean): void => {
  const weather = cloud.weather.services[service];
  const stepMs = flapping ? 10_000 : forMs;
  for (let atMs = 0; atMs < forMs; atMs += 2 * stepMs) {
    cloud.later(FROM_MS + atMs, () => {
      weather.down = true;
    });
    cloud.later(FROM_MS + atMs + stepMs, () => {
      weather.down = false;
    });
  }
};

/** Correlated outages: what independent faults never show. */
export const outages: readonly Group[] = OUTAGES.map(([service, most]) =>
  scenarioGroup({
    name: `outage-${service}`,
    quick: '180 s',
    nightly: '60, 180, 1,440 s, flapping',
    held: 'what waited for the service ended once',
    runs: (scale, seed) => {
      const lengths = scale === 'nightly' ? [60_000, 180_000, 1_440_000] : [180_000];
      const events = sized(scale, 2_500, 6_000, 20_000);
      const scenario = (forMs: number, flapping: boolean, index: number): Scenario => ({
        seed: seed + index,
        load: { events, files: 20, requests: 150, batches: 3, withinMs: 240_000 },
        weather: (cloud) => {
          outage(cloud, service, forMs, flapping);
          // Before and behind an outage, a queue takes batches in part.
          if (service === 'sqs') cloud.weather.refusedEntries = REFUSED_ENTRIES;
        },
        afterwards: redriveAll,
        mostDeliveries: undefined,
        check: outageProblems(service, most),
      });
      const steady = lengths.map((forMs, index) => scenario(forMs, false, index));
      return scale === 'nightly' ? [...steady, scenario(180_000, true, lengths.length)] : steady;
    },
  }),
);
