import { Readable } from 'node:stream';

import { describe, expect, test } from '@jest/globals';

import { DISPOSITIONS } from '#domain/decision.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import { silentLogger } from '#runtime/log.ts';
import { continueFile, ingestObject } from '../../../functions/ingestion/ingest-file.ts';
import { settleFile } from '../../../functions/ingestion/settle-file.ts';
import { takeBatch } from '../../../functions/ingestion/take-batch.ts';
import { MOST_REDRIVES, STALE_MS } from '../../../functions/reconciler/move-on.ts';
import type { ReconcilePorts } from '../../../functions/reconciler/ports.ts';
import { reconcile } from '../../../functions/reconciler/reconcile.ts';
import { deadlineIn } from '../../../functions/shared/runtime/deadline.ts';
import {
  createWorld,
  delivery,
  drain,
  drop,
  idOf,
  PAYMENT_HEADER,
  paymentLine,
  processFile,
  type World,
} from '../ingestion/world.ts';

const KEY = 'events/payment/november.csv';
const csv = (...lines: readonly string[]): string => [PAYMENT_HEADER, ...lines, ''].join('\n');
const payments = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => paymentLine(`e-${index + 1}`));

/** The reconciler over the world of ingestion, and what it counts. */
const reconcilerOf = (world: World, more: Partial<ReconcilePorts> = {}) => {
  const counted = new Map<string, number>();
  const count = (name: string, value = 1) => counted.set(name, (counted.get(name) ?? 0) + value);
  const { ledger, decisions, feedback, results, messages } = world;
  const ports: ReconcilePorts = {
    clock: world.ports.clock,
    openFiles: ledger,
    ledger,
    decisions,
    feedback,
    results,
    messages,
    queues: { areEmpty: async () => true },
    logger: silentLogger,
    metrics: { count, duration: () => {} },
    ...more,
  };
  return { counted, run: () => reconcile(deadlineIn(60_000), ports) };
};

/** Looks twice, so long after each other that what has not moved stands still. */
const standStill = async (world: World, { run }: ReturnType<typeof reconcilerOf>, ms: number): Promise<void> => {
  await run();
  world.time.nowMs += ms + 1;
  await run();
};

/** Does what the reconciler has asked for. */
const followUp = (world: World) => drain(world, async () => {});

const LOST = { send: async () => new Set<number>() };

describe('a file that has ended', () => {
  test('and adds up is closed, and not looked at again', async () => {
    const world = createWorld();
    await processFile(world, KEY, csv(...payments(450), paymentLine('e-1'), paymentLine('e-2', 7), 'ragged'));
    const { run, counted } = reconcilerOf(world);

    expect(await run()).toEqual({ looked: 1, reconciled: 1, imbalanced: 0, all: true });
    expect(await run()).toEqual({ looked: 0, reconciled: 0, imbalanced: 0, all: true });
    expect(counted.get('ReconcilerRuns')).toBe(2);
    expect(counted.has('ReconcilerImbalances')).toBe(false);
  });

  test('of feedback, and a batch, are closed likewise', async () => {
    const world = createWorld();
    await processFile(world, 'feedback/payment/a.csv', 'event_id,label,said_at\ne-1,fraud,2026-11-20T11:00:00Z\n');
    await sendBatch(world);
    await followUp(world);

    expect(await reconcilerOf(world).run()).toMatchObject({ looked: 2, reconciled: 2, imbalanced: 0 });
  });

  test.each<{ what: string; more: (world: World) => Partial<ReconcilePorts> }>([
    {
      what: 'whose events are not on record',
      more: () => ({ decisions: { find: async () => new Map() } }),
    },
    {
      what: 'whose events another delivery has brought',
      more: ({ decisions }) => ({
        decisions: {
          find: async (eventType, ids, detectors) =>
            new Map(
              [...(await decisions.find(eventType, ids, detectors))].map(([id, found]) => [
                id,
                { ...found, origin: 'api/other' },
              ]),
            ),
        },
      }),
    },
    {
      what: 'one of whose chunks has lost a row',
      more: ({ ledger }) => ({
        ledger: Object.assign(Object.create(ledger), {
          async *chunksAfter(fileId: string, sequence: number) {
            for await (const chunk of ledger.chunksAfter(fileId, sequence)) {
              yield { ...chunk, counts: { ...chunk.counts, decided: chunk.counts.decided - 1 } };
            }
          },
        }),
      }),
    },
    {
      what: 'one of whose chunks nobody has written down',
      more: ({ ledger }) => ({
        ledger: Object.assign(Object.create(ledger), {
          chunksAfter: (fileId: string) => ledger.chunksAfter(fileId, 1),
        }),
      }),
    },
  ])('$what is told of at every run', async ({ more }) => {
    const world = createWorld();
    await processFile(world, KEY, csv(...payments(250)));
    const { run, counted } = reconcilerOf(world, more(world));

    expect(await run()).toMatchObject({ looked: 1, reconciled: 0, imbalanced: 1 });
    expect(await run()).toMatchObject({ imbalanced: 1 });
    expect(counted.get('ReconcilerImbalances')).toBe(2);
  });
});

test('a file that cannot be read is told of, and keeps nobody from the others', async () => {
  const world = createWorld();
  await processFile(world, KEY, csv(...payments(3)));
  await processFile(world, 'events/payment/december.csv', csv(...payments(3)));
  let opened = 0;
  const broken = { ok: true, found: true, bytes: Readable.from([Buffer.from('"a\n')]) };
  const results = {
    open: (...of: Parameters<typeof world.results.open>) => (opened++ ? world.results.open(...of) : broken),
  };
  const { run, counted } = reconcilerOf(world, { results } as unknown as Partial<ReconcilePorts>);

  await expect(run()).rejects.toThrow();

  expect(opened).toBeGreaterThan(1);
  expect(counted.get('FilesReconciled')).toBe(1);
  expect(counted.get('ReconcilerRuns')).toBe(1);
  expect(await run()).toMatchObject({ looked: 1, reconciled: 1 });
});

test('a file that is summed up afresh at this moment is let be', async () => {
  const world = createWorld();
  const { fileId } = await processFile(world, KEY, csv(...payments(3)));
  await world.ledger.takeLease(fileId, 'settling', world.time.nowMs + 1_000);

  expect(await reconcilerOf(world).run()).toMatchObject({ looked: 1, reconciled: 0 });
});

describe('a file that stands still', () => {
  test('while it is read goes on from its checkpoint', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250)));
    await world.ledger.begin(await beginning(world, object));
    const reconciler = reconcilerOf(world);

    await standStill(world, reconciler, STALE_MS.reading);
    await followUp(world);

    expect(reconciler.counted.get('FilesRedriven')).toBe(1);
    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'complete', counts: { decided: 250 } });
  });

  test('is let be while somebody works on it, while it moves, and for as long as it may take', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250)));
    const record = await world.ledger.begin(await beginning(world, object));
    const reconciler = reconcilerOf(world);
    await reconciler.run();
    world.time.nowMs += STALE_MS.reading - 1;
    await reconciler.run();
    world.time.nowMs += 2;
    await world.ledger.takeLease(record.fileId, 'reader', world.time.nowMs + 1_000);
    await reconciler.run();
    await world.ledger.update({ ...record, checkpoint: { rows: 100, chunks: 1, quarantined: 0 } }, 'reader');
    await world.ledger.releaseLease(record.fileId, 'reader');
    await reconciler.run();

    expect(reconciler.counted.has('FilesStale')).toBe(false);
    expect(world.messages.take()).toEqual([]);
  });

  test('is made to move a few times at most', async () => {
    const world = createWorld();
    await world.ledger.begin(await beginning(world, drop(world, KEY, csv(...payments(1)))));
    const reconciler = reconcilerOf(world);

    for (let look = 0; look < MOST_REDRIVES + 3; look++) await standStill(world, reconciler, STALE_MS.reading);

    expect(reconciler.counted.get('FilesRedriven')).toBe(MOST_REDRIVES);
    expect(reconciler.counted.get('FilesStale')).toBeGreaterThan(MOST_REDRIVES);
  });

  test('because nobody looks whether its chunks have settled is looked at', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250)));
    await ingestObject(object, delivery(), { ...world.ports, messages: { send: async () => {} } });
    const reconciler = reconcilerOf(world, { queues: { areEmpty: async () => false } });
    // Its chunks are decided; the message by which it would look is gone.
    await followUp(world);
    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'settling' });

    await standStill(world, reconciler, STALE_MS.settling);
    await followUp(world);

    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'complete', counts: { decided: 250 } });
    expect(await reconciler.run()).toMatchObject({ reconciled: 1 });
  });
});

describe('chunks whose messages are lost', () => {
  test('are sent again by reading the file again, and counted once', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250), paymentLine('e-1')));
    await ingestObject(object, delivery(), { ...world.ports, eventChunks: LOST });
    const reconciler = reconcilerOf(world);

    await standStill(world, reconciler, STALE_MS.settling);
    await followUp(world);

    const record = await world.ledger.find(idOf(object));
    expect(record).toMatchObject({ status: 'complete', counts: { ...NO_COUNTS, decided: 250, duplicate: 1 } });
    expect(await reconciler.run()).toMatchObject({ reconciled: 1, imbalanced: 0 });
  });

  test('are let be for as long as any message is on its way', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250)));
    await ingestObject(object, delivery(), { ...world.ports, eventChunks: LOST });
    const reconciler = reconcilerOf(world, { queues: { areEmpty: async () => false } });

    await standStill(world, reconciler, STALE_MS.settling);

    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'settling' });
    expect(reconciler.counted.get('FilesStale')).toBe(1);
    expect(reconciler.counted.has('RowsDead')).toBe(false);
  });

  test('are none when the last message has settled its chunk between the looks', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250), 'ragged'));
    await ingestObject(object, delivery(), world.ports);
    const areEmpty = async () => {
      await followUp(world);
      return true;
    };
    const reconciler = reconcilerOf(world, { queues: { areEmpty } });

    await standStill(world, reconciler, STALE_MS.settling);

    expect(reconciler.counted.has('RowsDead')).toBe(false);
    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'complete', counts: { decided: 250 } });
  });

  test('are not sent again over what another has written about the file meanwhile', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250)));
    await ingestObject(object, delivery(), { ...world.ports, eventChunks: LOST });
    const areEmpty = async () => {
      const record = (await world.ledger.find(idOf(object)))!;
      await world.ledger.takeLease(record.fileId, 'settling', world.time.nowMs + 1_000);
      await world.ledger.update({ ...record, settledThrough: 1 }, 'settling');
      await world.ledger.releaseLease(record.fileId, 'settling');
      return true;
    };
    const reconciler = reconcilerOf(world, { queues: { areEmpty } });

    await standStill(world, reconciler, STALE_MS.settling);

    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'settling', settledThrough: 1 });
    expect(reconciler.counted.has('FilesRedriven')).toBe(false);
  });

  test('of a file with bad rows are dead, so that no bad row is told of twice', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250), 'ragged'));
    await ingestObject(object, delivery(), { ...world.ports, eventChunks: LOST });
    const reconciler = reconcilerOf(world);

    await standStill(world, reconciler, STALE_MS.settling);
    await followUp(world);

    const { counts, imbalance } = (await world.ledger.find(idOf(object)))!;
    expect(counts).toEqual({ ...NO_COUNTS, quarantined: 1, dead: 250 });
    expect(imbalance).toBeUndefined();
    expect(reconciler.counted.get('RowsDead')).toBe(250);
    expect(await reconciler.run()).toMatchObject({ reconciled: 1 });
  });

  test('of a batch are dead, since nobody has kept it; sent again under its key, it is decided', async () => {
    const world = createWorld();
    const { fileId } = await sendBatch({ ...world, ports: { ...world.ports, eventChunks: LOST } });
    const reconciler = reconcilerOf(world);

    await standStill(world, reconciler, STALE_MS.settling);

    expect(reconciler.counted.get('RowsDead')).toBe(2);
    expect(await reconciler.run()).toMatchObject({ reconciled: 1 });
    await sendBatch(world);
    await followUp(world);
    expect(await world.ledger.findChunk(fileId, 1)).toMatchObject({ status: 'settled', counts: { decided: 2 } });
  });
});

describe('a version that is deleted between send and checkpoint', () => {
  test.each([
    { sentBefore: 0, decided: 2_000 },
    { sentBefore: 1, decided: 2_500 },
  ])('adds up all the same: what was sent counts ($sentBefore checkpoints before)', async ({ sentBefore, decided }) => {
    let updates = 0;
    const world = createWorld({
      disturb: (what) => {
        if (what === 'ledger.update' && updates++ === sentBefore) throw new Error('killed before the checkpoint');
        return undefined;
      },
    });
    const object = drop(world, KEY, csv(...payments(2_500)));

    await expect(ingestObject(object, delivery(), world.ports)).rejects.toThrow('killed');
    world.time.nowMs += 60_000;
    const inbox = { ...world.ports, inbox: { ...world.ports.inbox, open: async () => GONE } };
    await continueFile(idOf(object), 1, delivery(), inbox);
    await drain(world, async () => {});

    const { status, checkpoint, counts, imbalance } = (await world.ledger.find(idOf(object)))!;
    expect(status).toBe('complete');
    expect(imbalance).toBeUndefined();
    expect(counts).toEqual({ ...NO_COUNTS, decided, quarantined: 1 });
    expect(DISPOSITIONS.reduce((sum, name) => sum + counts[name], 0)).toBe(checkpoint.rows);
    expect(await reconcilerOf(world).run()).toMatchObject({ reconciled: 1 });
  });
});

const GONE = { found: false, why: 'deleted' } as const;

const sendBatch = (world: World) => {
  const occurredAt = '2026-11-20T10:00:00Z';
  const events = ['b-1', 'b-2'].map((eventId) => ({
    eventId,
    eventType: 'payment',
    occurredAt,
    entities: { customer: 'c-1' },
    variables: { amount: 5 },
  }));
  const request = { caller: 'caller', requestId: 'request', idempotencyKey: 'key' };
  const { metrics, logger } = delivery();
  return takeBatch({ events }, request, { deadline: deadlineIn(5_000), metrics, logger }, world.ports);
};

/** The record of a file whose notification was taken, and nothing else. */
const beginning = async (world: World, object: ReturnType<typeof drop>) => {
  const other = createWorld();
  other.time.nowMs = world.time.nowMs;
  await ingestObject(object, delivery(), {
    ...other.ports,
    inbox: world.ports.inbox,
    messages: { send: async () => {} },
  });
  const record = (await other.ledger.find(idOf(object)))!;
  return { ...record, status: 'reading' as const, checkpoint: { rows: 0, chunks: 0, quarantined: 0 } };
};

test('a file that is settled again after a redrive is looked at again', async () => {
  const world = createWorld();
  const record = await processFile(world, KEY, csv(...payments(10)));
  await reconcilerOf(world).run();
  await world.ledger.takeLease(record.fileId, 'person', world.time.nowMs + 1_000);
  await world.ledger.update({ ...record, counts: { ...NO_COUNTS, decided: 9, dead: 1 } }, 'person');
  await world.ledger.releaseLease(record.fileId, 'person');

  await settleFile({ fileId: record.fileId, sinceMs: world.time.nowMs }, delivery(), world.ports);

  expect(await reconcilerOf(world).run()).toMatchObject({ looked: 1, reconciled: 1 });
});
