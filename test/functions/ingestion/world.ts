import { MemoryChunkQueue, MemoryFileMessages } from '#adapters/memory-chunk-queue.ts';
import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { MemoryFeedbackLedger } from '#adapters/memory-feedback-ledger.ts';
import { MemoryFileLedger } from '#adapters/memory-file-ledger.ts';
import { MemoryObjectBucket } from '#adapters/memory-object-bucket.ts';
import { MemoryPersonKeys } from '#adapters/memory-person-keys.ts';
import { PersonSealer } from '#adapters/person-sealer.ts';
import { S3ResultStore } from '#adapters/s3-result-store.ts';
import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { type Catalog, catalogOf } from '#domain/catalog/catalog.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import type { Disposition } from '#domain/decision.ts';
import { originKey } from '#domain/event.ts';
import { fileIdOf } from '#domain/file-id.ts';
import { NO_COUNTS, tallyOf } from '#domain/file-sums.ts';
import type { EventChunk } from '#domain/messages.ts';
import type { Chunk } from '#ports/chunk-queue.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { DecisionStore } from '#ports/decision-store.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { ResultStore } from '#ports/results.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { recordChunk } from '../../../functions/feedback/record-chunk.ts';
import { continueFile, ingestObject } from '../../../functions/ingestion/ingest-file.ts';
import type { ArrivedObject } from '../../../functions/ingestion/notification.ts';
import type { Delivery, IngestionPorts } from '../../../functions/ingestion/ports.ts';
import { settleFile } from '../../../functions/ingestion/settle-file.ts';

export const NOW = '2026-11-20T12:00:00.000Z';
export const BUCKET = 'inbox';

/** A small event type: one entity, an amount and an optional note. */
export const paymentType = (overrides: Record<string, unknown> = {}): EventType =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'payment',
    purpose: 'fraud-detection',
    entities: { customer: 'person' },
    variables: { amount: { type: 'number', required: true }, note: { type: 'string', maxLength: 8_192 } },
    ...overrides,
  });

export const catalogWith = (eventType: EventType, version = 1) =>
  catalogOf(
    {
      format: 1,
      eventTypes: { [eventType.eventType]: { version, hash: `h${version}`, document: eventType } },
      detectors: {},
      lists: {},
      models: {},
      references: {},
      switches: { format: 1, rulesOnly: [] },
    },
    `snapshot-${version}`,
  );

/** Called before each call of any port; throws to make it fail, or asks to fail when it has been done. */
export type Disturb = (what: string) => 'after' | undefined;

const disturbed = <Port extends object>(port: Port, name: string, disturb: Disturb): Port =>
  new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]) => {
        const what = `${name}.${String(key)}`;
        if (key === 'chunksAfter' || key === 'keysUnder') {
          disturb(what);
          return member.apply(target, args);
        }
        return (async () => {
          const when = disturb(what);
          const result: unknown = await member.apply(target, args);
          if (when === 'after') throw new Error(`killed after ${what}`);
          return result;
        })();
      };
    },
  });

export interface WorldOptions {
  readonly eventType?: EventType;
  readonly disturb?: Disturb;
}

/** All of ingestion over memory: what is dropped into the inbox is read, decided by a simple scorer, and settled. */
export const createWorld = ({ eventType = paymentType(), disturb = () => undefined }: WorldOptions = {}) => {
  const time = { nowMs: Date.parse(NOW) };
  const clock: Clock = { nowMs: () => time.nowMs };
  const bare = {
    inbox: new MemoryObjectBucket(),
    results: new MemoryObjectBucket(),
    quarantine: new MemoryObjectBucket(),
    ledger: new MemoryFileLedger({ clock }),
    eventChunks: new MemoryChunkQueue(),
    feedbackChunks: new MemoryChunkQueue(),
    messages: new MemoryFileMessages(),
    feedback: new MemoryFeedbackLedger(),
    decisions: new MemoryDecisionStore(),
    people: new MemoryPersonKeys(clock),
  };
  const through = <Name extends keyof typeof bare>(name: Name): (typeof bare)[Name] =>
    disturbed(bare[name] as object, name, disturb) as (typeof bare)[Name];
  const catalog: { current: Catalog; newest?: Catalog } = { current: catalogWith(eventType) };
  const keys = { current: { current: 1, keys: ['a key of sixteen or more'] } };
  const ports: IngestionPorts = {
    clock,
    catalog: {
      current: async () => catalog.current,
      newest: async () => {
        catalog.current = catalog.newest ?? catalog.current;
        return catalog.current;
      },
      bytes: async () => {
        throw new Error('no catalog of the past was kept');
      },
    },
    sealer: new PersonSealer({ keys: through('people'), clock, metrics: silentMetrics }),
    tokenisers: { current: async () => hmacTokeniser(keys.current) },
    ledger: through('ledger'),
    inbox: through('inbox'),
    results: through('results'),
    quarantine: through('quarantine'),
    eventChunks: through('eventChunks'),
    feedbackChunks: through('feedbackChunks'),
    messages: through('messages'),
    retentionDays: 365,
  };
  return {
    ...bare,
    time,
    catalog,
    keys,
    ports,
    resultStore: new S3ResultStore(ports.results) as ResultStore,
  };
};
export type World = ReturnType<typeof createWorld>;

let deliveries = 0;
export const delivery = (deadline: Deadline = deadlineIn(600_000)): Delivery => ({
  deadline,
  owner: `delivery-${++deliveries}`,
  logger: silentLogger,
  metrics: silentMetrics,
});

/** A deadline that so many looks at its time leave whole, and all after them almost passed. */
export const shortAfter = (looks: number): Deadline => {
  let left = looks;
  const deadline: Deadline = {
    remainingMs: () => (left-- > 0 ? 600_000 : 1_000),
    signal: new AbortController().signal,
    within: () => deadline,
  };
  return deadline;
};

/** Puts a file into the inbox. */
export const drop = (world: World, key: string, content: string | Uint8Array): ArrivedObject => {
  const versionId = world.inbox.put(key, content);
  return { bucket: BUCKET, key, malformedKey: false, versionId, bytes: content.length };
};

export const idOf = ({ bucket, key, versionId }: ArrivedObject): string => fileIdOf(bucket, key, versionId);

interface ScorerPorts {
  readonly decisions: DecisionStore;
  readonly ledger: FileLedger;
  readonly results: ResultStore;
}

/** Records the events of a chunk without detectors, and settles it as the real scorer does. */
export const scoreChunk = async (chunk: EventChunk, { decisions, ledger, results }: ScorerPorts): Promise<void> => {
  const { fileId, sequence, eventType } = chunk;
  if ((await ledger.findChunk(fileId, sequence))?.status === 'settled') return;
  const ends: Disposition[] = [];
  for (const { row, event, contentHash } of chunk.rows) {
    const origin = originKey({ kind: 'file', fileId, row });
    await decisions.commit([{ event, contentHash, origin, decisions: [], eventRecorded: false }], deadlineIn(1_000));
    const recorded = (await decisions.find(eventType, [event.eventId], [], deadlineIn(1_000))).get(event.eventId)!;
    if (recorded.origin === origin) ends.push('decided');
    else ends.push(recorded.contentHash === contentHash ? 'duplicate' : 'conflict');
  }
  const rows = chunk.rows.map(({ row, event }, index) => ({
    row,
    eventId: event.eventId,
    disposition: ends[index]!,
    decisions: [],
  }));
  await results.writeChunk(fileId, sequence, rows);
  const counts = { ...NO_COUNTS, ...tallyOf(ends) };
  const sums = { outcomes: {}, rules: {}, degraded: 0 };
  await ledger.settleChunk({ v: 1, fileId, sequence, rows: rows.length, status: 'settled', counts, ...sums });
};

type Task = () => Promise<void>;

/** Delivers everything that waits until nothing does; what fails is delivered again, an hour later. */
export const drain = async (world: World, first: Task, onFailure: () => void = () => {}): Promise<number> => {
  const tasks: Task[] = [first];
  let delivered = 0;
  for (let task = tasks.shift(); task; task = tasks.shift()) {
    if (++delivered > 500) throw new Error('nothing comes to an end');
    try {
      await task();
    } catch {
      onFailure();
      world.time.nowMs += 3_600_000;
      tasks.push(task);
    }
    world.time.nowMs += 1_000;
    for (const chunk of [...world.eventChunks.take(), ...world.feedbackChunks.take()])
      tasks.push(chunkTask(world, chunk));
    for (const { message } of world.messages.take()) {
      tasks.push(() =>
        message.kind === 'continue'
          ? continueFile(message.fileId, message.hops, delivery(), world.ports)
          : settleFile(message, delivery(), world.ports),
      );
    }
  }
  return delivered;
};

const chunkTask = (world: World, chunk: Chunk): Task => {
  const { ledger } = world.ports;
  const { resultStore: results, decisions, feedback } = world;
  return () =>
    chunk.kind === 'events'
      ? scoreChunk(chunk, { decisions, ledger, results })
      : recordChunk(chunk, deadlineIn(10_000), { feedback, ledger, results, metrics: silentMetrics });
};

/** Drops a file and follows it to its end. */
export const processFile = async (world: World, key: string, content: string | Uint8Array) => {
  const object = drop(world, key, content);
  await drain(world, () => ingestObject(object, delivery(), world.ports));
  return (await world.ledger.find(idOf(object)))!;
};

/** A row of a file of payments. */
export const paymentLine = (eventId: string, amount: number | string = 5): string =>
  `${eventId},2026-11-20T10:00:00Z,c-1,${amount}`;
export const PAYMENT_HEADER = 'event_id,occurred_at,customer,amount';
