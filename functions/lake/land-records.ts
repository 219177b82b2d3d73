import type { StreamRecord } from '#domain/stream-record.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import type { Metrics } from '#ports/telemetry.ts';
import { landingOf } from './landing.ts';

export interface LandingPorts {
  readonly lake: Pick<LakeStore, 'put'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/**
 * Brings a batch of changes to the lake, as one object outside of its tables. It reads nothing into them, so that
 * nothing in them can hold it up; making rows of them is for the compactor. May be repeated.
 *
 * @throws {ServiceError} `store_unavailable`; the batch is to come again.
 */
export const landRecords = async (
  records: readonly StreamRecord[],
  deadline: Deadline,
  { lake, clock, metrics }: LandingPorts,
): Promise<void> => {
  const landing = landingOf(records, clock.nowMs());
  if (!landing) return;
  await lake.put(landing.key, landing.bytes, 'application/gzip', deadline);
  metrics.count('LakeRecordsLanded', landing.changes);
};
