import { ENDPOINT_MODES } from '../cloud/endpoints.ts';
import { storedEvents } from '../ledger/records.ts';
import type { Scenario } from './run.ts';
import { scenarioGroup, sized } from './scenarios.ts';

/** Probabilities that the fake's model gives: nothing else may ever be on record as its answer. */
const RIGHT: ReadonlySet<number> = new Set([0.27, 0.95]);

/** Everything that an endpoint may do instead of answering: all of it becomes a decision without it, that says so. */
export const endpoints = scenarioGroup({
  name: 'sagemaker',
  quick: '5xx, hang, slow drip, NaN, HTML, short, throttle …: 500 each',
  nightly: '5,000 each',
  held: 'no wrong answer counted, and every event was decided',
  runs: (scale, seed) => {
    const each = sized(scale, 60, 500, 5_000);
    return ENDPOINT_MODES.filter((mode) => mode !== 'right').map(
      (mode, index): Scenario => ({
        seed: seed + index,
        load: {
          events: each,
          files: 5,
          requests: Math.ceil(each / 10),
          types: ['order'],
          feedback: 0,
          withinMs: 60_000,
        },
        weather: (cloud) => {
          cloud.endpoints.mode = (random) => (random.chance(0.5) ? mode : 'right');
        },
        check: (cloud) => {
          const said = [...storedEvents(cloud).values()].flatMap(({ decisions }) =>
            decisions.flatMap(({ members }) => members.filter(({ member }) => member === 'remote')),
          );
          const wrong = said.filter(({ probability }) => probability !== undefined && !RIGHT.has(Number(probability)));
          return wrong
            .slice(0, 3)
            .map(({ probability }) => `no wrong answer counts: ${mode} gave ${String(probability)}`);
        },
      }),
    );
  },
});
