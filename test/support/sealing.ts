import { MemoryPersonKeys } from '#adapters/memory-person-keys.ts';
import { PersonSealer } from '#adapters/person-sealer.ts';
import type { Clock } from '#ports/clock.ts';
import type { Metrics } from '#ports/telemetry.ts';
import { silentMetrics } from '#runtime/metrics.ts';

/** A sealer over memory, with the keys that a test may open what was sealed with. */
export const memorySealer = (clock: Clock, metrics: Metrics = silentMetrics) => {
  const keys = new MemoryPersonKeys(clock);
  return { keys, sealer: new PersonSealer({ keys, clock, metrics }) };
};
