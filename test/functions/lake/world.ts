import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

import { MemoryLakeStore } from '#adapters/memory-lake-store.ts';
import type { StreamRecord } from '#domain/stream-record.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { type Compaction, compactLake } from '../../../functions/lake/compact-lake.ts';
import { landRecords } from '../../../functions/lake/land-records.ts';
import { partitionOf } from '../../../functions/lake/tables.ts';
import { aDecision, anEvent } from '../../support/decisions.ts';

export const START_MS = Date.parse('2026-11-22T09:30:00Z');
const HOUR_MS = 3_600_000;

/** Numbers in [0, 1) that are the same for a seed (mulberry32). */
export const randomOf = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** A commit as the stream of its table tells it. */
export const recordOf = (
  pk: string,
  sk: string,
  texts: Readonly<Record<string, string>>,
  { sequence = 1, atMs = START_MS, stream = 'arn:events' } = {},
): StreamRecord => ({
  eventName: 'INSERT',
  eventSourceARN: stream,
  dynamodb: {
    ApproximateCreationDateTime: Math.floor(atMs / 1_000),
    Keys: { pk: { S: pk }, sk: { S: sk } },
    NewImage: Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }])),
    SequenceNumber: String(sequence),
  },
});

/** Everything that one event commits: itself, two decisions and a label. */
export const commitsOf = (number: number, atMs = START_MS, eventType = 'card_payment'): readonly StreamRecord[] => {
  const eventId = `e-${number}`;
  const pk = `E#${eventType}#${eventId}`;
  const event = anEvent({ eventId, eventType, variables: { amount: number, currency: 'EUR' } });
  const origin = number % 2 === 0 ? 'api/request-1' : `file/0123456789abcdef01234567/${number}`;
  const at = { sequence: number * 10, atMs };
  const feedback = {
    v: 1,
    feedbackId: `f-${number}`,
    eventType,
    eventId,
    kind: 'label',
    value: 'fraud',
    source: 'analyst',
    saidAt: '2026-11-20T10:00:00.000Z',
    receivedAt: '2026-11-22T09:30:00.000Z',
  };
  const decided = (detector: string) => ({ record: JSON.stringify(aDecision({ event, detector, score: number })) });
  return [
    recordOf(pk, 'EVENT', { event: JSON.stringify(event), contentHash: 'hash', origin }, at),
    recordOf(pk, 'D#one', decided('one'), { ...at, sequence: at.sequence + 1 }),
    recordOf(pk, 'D#two', decided('two'), { ...at, sequence: at.sequence + 2 }),
    recordOf(pk, `F#f-${number}`, { record: JSON.stringify(feedback), origin }, { ...at, stream: 'arn:feedback' }),
  ];
};

/** The lake with its two workers, over memory and a clock that is set. */
export const aLake = () => {
  const clock = { ms: START_MS, nowMs: () => clock.ms };
  const store = new MemoryLakeStore(clock.nowMs);
  return {
    clock,
    store,
    land: (records: readonly StreamRecord[]): Promise<void> =>
      landRecords(records, deadlineIn(60_000), { lake: store, clock, metrics: silentMetrics }),
    compact: (waitMs = 0, lake: LakeStore = store, metrics = silentMetrics): Promise<Compaction> =>
      compactLake(waitMs, deadlineIn(600_000), { lake, clock, logger: silentLogger, metrics }),
    passHours: (hours: number): void => {
      clock.ms += hours * HOUR_MS;
    },
  };
};

/** Every row that a reader of the tables finds, by what it is. The same row twice stands there twice. */
export const rowsIn = async ({ objects }: MemoryLakeStore): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const [key, { bytes }] of objects) {
    const partition = partitionOf(key);
    if (!partition) continue;
    for (const row of await readRows(bytes)) {
      const kind = { events: 'EVENT', decisions: `D#${row.detector}`, feedback: `F#${row.feedback_id}` };
      found.push(`E#${partition.eventType}#${row.event_id} ${kind[partition.table]}`);
    }
  }
  return found.sort();
};

/** Rows of a Parquet file, by an independent reader. */
export const readRows = (bytes: Uint8Array): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: Uint8Array.from(bytes).buffer, compressors });

/** What commits are known by, in the order of {@link rowsIn}. */
export const namesOf = (commits: readonly StreamRecord[]): readonly string[] =>
  commits.map(({ dynamodb: { Keys } }) => `${Keys.pk.S} ${Keys.sk.S}`).sort();

/** A store whose nth call fails, before it has done anything or after it has done all. */
export const failingAt = (store: LakeStore, nth: number, when: 'before' | 'after') => {
  let calls = 0;
  const around = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    calls += 1;
    const isIt = calls === nth;
    if (isIt && when === 'before') throw new Error('crashed');
    const result = await work();
    if (isIt && when === 'after') throw new Error('crashed');
    return result;
  };
  const lake: LakeStore = {
    get: (...call) => around(() => store.get(...call)),
    put: (...call) => around(() => store.put(...call)),
    replace: (...call) => around(() => store.replace(...call)),
    async *list(...call) {
      await around(async () => {});
      yield* store.list(...call);
    },
  };
  return { lake, calls: () => calls };
};
