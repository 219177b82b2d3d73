import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { ServiceError } from '#domain/errors.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import type { Chunk } from '#ports/chunk-queue.ts';
import { continueFile, ingestObject } from '../../../functions/ingestion/ingest-file.ts';
import { settleFile } from '../../../functions/ingestion/settle-file.ts';
import {
  catalogWith,
  createWorld,
  type Disturb,
  delivery,
  drain,
  drop,
  idOf,
  PAYMENT_HEADER,
  paymentLine,
  paymentType,
  processFile,
  shortAfter,
  type World,
} from './world.ts';

const KEY = 'events/payment/november.csv';
const csv = (...lines: readonly string[]): string => [PAYMENT_HEADER, ...lines, ''].join('\n');
const payments = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => paymentLine(`e-${from + index}`));

describe('a file', () => {
  test('adds up: decided, duplicate, conflict and quarantined', async () => {
    const world = createWorld();
    const lines = [...payments(250), paymentLine('e-1'), paymentLine('e-2', 7), paymentLine('', 1), 'ragged'];

    const record = await processFile(world, KEY, csv(...lines));

    expect(record).toMatchObject({
      status: 'complete',
      checkpoint: { rows: 254, chunks: 3, quarantined: 2 },
      counts: { decided: 250, duplicate: 1, conflict: 1, quarantined: 2, dead: 0 },
      quarantineReasons: { missing_field: 1, ragged_row: 1 },
    });
    expect(record.imbalance).toBeUndefined();
  });

  test('leaves its results in the order of rows, its rejects without values, and a summary', async () => {
    const world = createWorld();

    const record = await processFile(
      world,
      KEY,
      csv(...payments(150), paymentLine('e-bad', 'secret'), ...payments(2, 200)),
    );

    const results = world.results.text(record.resultsKey!)!.trim().split('\n');
    expect(results[0]).toBe('row,event_id,disposition,detector,score,probability,outcomes,reasons,rung,degraded');
    expect(results.slice(1).map((line) => Number(line.split(',')[0]))).toEqual([
      ...Array.from({ length: 150 }, (_, index) => index + 1),
      152,
      153,
    ]);
    expect(world.results.text(record.rejectsKey!)).toBe(
      'row,line,field,reason,problem\n151,152,variables.amount,wrong_type,"send a number, such as 12.5"\n',
    );
    const summary = JSON.parse(world.results.text(`results/payment/${record.fileId}/summary.json`)!);
    expect(summary).toMatchObject({ status: 'complete', rows: 153, counts: { decided: 152, quarantined: 1 } });
  });

  test.each([
    { name: 'no rows', content: `${PAYMENT_HEADER}\n` },
    { name: 'nothing at all', content: '' },
  ])('with $name completes', async ({ content }) => {
    const record = await processFile(createWorld(), KEY, content);

    expect(record).toMatchObject({ status: 'complete', counts: NO_COUNTS, checkpoint: { rows: 0, chunks: 0 } });
  });

  test('dropped twice decides nothing twice', async () => {
    const world = createWorld();
    await processFile(world, KEY, csv(...payments(120)));

    const again = await processFile(world, KEY, csv(...payments(120)));

    expect(again.counts).toEqual({ ...NO_COUNTS, duplicate: 120 });
  });

  test('dropped again under another key decides nothing twice, and finds no conflict', async () => {
    const world = createWorld();
    await processFile(world, KEY, csv(...payments(3)));

    world.keys.current = { current: 2, keys: [...world.keys.current.keys, 'another key of sixteen'] };
    const again = await processFile(world, KEY, csv(...payments(3), paymentLine('e-1', 7)));

    expect(again.counts).toEqual({ ...NO_COUNTS, duplicate: 3, conflict: 1 });
  });

  test('announced twice is read once', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(120)));
    const announce = () => ingestObject(object, delivery(), world.ports);

    await drain(world, async () => {
      await announce();
      await announce();
    });
    await drain(world, announce);

    expect((await world.ledger.find(idOf(object)))!.counts).toEqual({ ...NO_COUNTS, decided: 120 });
  });

  test('of JSON Lines, gzip, in the API’s own form', async () => {
    const world = createWorld();
    const lines = [1, 2].map((n) =>
      JSON.stringify({
        eventId: `e-${n}`,
        occurredAt: '2026-11-20T10:00:00Z',
        entities: { customer: 'c-1' },
        variables: { amount: n },
      }),
    );

    const record = await processFile(world, 'events/payment/a.jsonl.gz', gzipSync(lines.join('\n')));

    expect(record).toMatchObject({ status: 'complete', counts: { decided: 2 } });
  });

  test('says which columns it ignores', async () => {
    const world = createWorld();

    const record = await processFile(world, KEY, `${PAYMENT_HEADER},EVENT_LABEL\n${paymentLine('e-1')},1\n`);

    expect(record).toMatchObject({ counts: { decided: 1 }, ignoredColumns: ['EVENT_LABEL'] });
  });

  test('of feedback is recorded, and said twice is a duplicate', async () => {
    const world = createWorld();
    const file = 'event_id,value,source,said_at\ne-1,fraud,analyst,2026-11-19T00:00:00Z\ne-2,maybe,analyst,\n';

    const first = await processFile(world, 'feedback/payment/labels.csv', file);
    const second = await processFile(world, 'feedback/payment/labels.csv', file);

    expect(first).toMatchObject({ status: 'complete', counts: { decided: 1, quarantined: 1 }, outcomes: { fraud: 1 } });
    expect(second.counts).toMatchObject({ decided: 0, duplicate: 1, quarantined: 1 });
    expect(await world.feedback.forEvent('payment', 'e-1')).toHaveLength(1);
  });
});

describe('a file is quarantined whole, with its reason on record,', () => {
  test.each([
    { key: 'events/nothing/a.csv', reason: 'unknown_event_type' },
    { key: 'feedback/assay_canary/a.csv', reason: 'reserved_event_type' },
    { key: 'events/payment', reason: 'unknown_place' },
    { key: 'events//a.csv', reason: 'unknown_place' },
    { key: 'other/payment/a.csv', reason: 'unknown_place' },
    { key: 'a.csv', reason: 'unknown_place' },
    { key: KEY, content: 'event_id,amount\n', reason: 'missing_column' },
    { key: KEY, content: 'event_id,EVENT_ID,amount\n', reason: 'duplicate_headers' },
    { key: KEY, content: Buffer.from('\ufeffevent_id', 'utf16le'), reason: 'utf_16' },
    { key: 'events/payment/a.json', content: '[{"eventId":"e-1"}]', reason: 'json_array' },
  ])('for $reason: $key', async ({ key, content = '', reason }) => {
    const record = await processFile(createWorld(), key, content);

    expect(record).toMatchObject({ status: 'quarantined', reason, completedAt: expect.any(String) });
    expect(record.problem).toEqual(expect.any(String));
  });

  test("takes the canary's own file of events all the same", async () => {
    const world = createWorld({ eventType: paymentType({ eventType: 'assay_canary' }) });

    const events = await processFile(world, 'events/assay_canary/a.csv', csv(...payments(2)));
    const feedback = await processFile(world, 'feedback/assay_canary/a.csv', 'event_id,label\ne-1,fraud\n');

    expect(events).toMatchObject({ status: 'complete', counts: { decided: 2 } });
    expect(feedback).toMatchObject({ status: 'quarantined', reason: 'reserved_event_type', eventType: 'assay_canary' });
  });

  test('for version_deleted, when the version was gone before it was read', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(2)));
    world.inbox.remove(KEY);

    await drain(world, () => ingestObject(object, delivery(), world.ports));

    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'quarantined', reason: 'version_deleted' });
  });
});

/** The message with which a delivery that ran short of time has something go on. */
const continuationIn = (world: World) => {
  const message = world.messages.take()[0]?.message;
  if (message?.kind !== 'continue') throw new Error('reading has not been broken off');
  return message;
};

test('a file of an event type that was deployed a moment ago is read, and not put into quarantine', async () => {
  const world = createWorld();
  world.catalog.newest = world.catalog.current;
  world.catalog.current = catalogWith(paymentType({ eventType: 'older' }));
  const object = drop(world, KEY, csv(...payments(2)));

  await ingestObject(object, delivery(), world.ports);

  expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'settling', checkpoint: { rows: 2 } });
});

describe('reading', () => {
  test('that runs short of time goes on behind its last checkpoint', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(450)));
    // Looks at the time: the reserve, and one after each slice.
    await ingestObject(object, delivery(shortAfter(3)), world.ports);
    const broken = await world.ledger.find(idOf(object));

    const message = continuationIn(world);
    await drain(world, () => continueFile(idOf(object), message.hops, delivery(), world.ports));

    expect(broken).toMatchObject({ status: 'reading', checkpoint: { rows: 300, chunks: 3 } });
    expect(message).toMatchObject({ kind: 'continue', hops: 1 });
    expect(await world.ledger.find(idOf(object))).toMatchObject({
      status: 'complete',
      counts: { ...NO_COUNTS, decided: 450 },
    });
  });

  test('is settled though the invocation that came to its end could not ask for that', async () => {
    let asked = 0;
    // The first message is the one to go on; the second, to settle, meets a queue that takes nothing just now.
    const disturb: Disturb = (what) => {
      if (what === 'messages.send' && ++asked === 2) throw new ServiceError('store_unavailable', 'the queue is down');
      return undefined;
    };
    const world = createWorld({ disturb });
    const object = drop(world, KEY, csv(...payments(2_500)));

    await drain(world, () => ingestObject(object, delivery(shortAfter(5)), world.ports));

    expect(asked).toBeGreaterThan(2);
    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'complete', counts: { decided: 2_500 } });
  });

  test('is given up after too many invocations', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(2)));

    await expect(continueFile(idOf(object), 101, delivery(), world.ports)).rejects.toThrow('was not read within');
  });

  test('of a version that is deleted half way ends in a row that says so', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(450)));
    await ingestObject(object, delivery(shortAfter(3)), world.ports);
    world.inbox.remove(KEY);
    world.messages.take();

    await drain(world, () => continueFile(idOf(object), 1, delivery(), world.ports));

    expect(await world.ledger.find(idOf(object))).toMatchObject({
      status: 'complete',
      counts: { ...NO_COUNTS, decided: 300, quarantined: 1 },
      quarantineReasons: { version_deleted: 1 },
    });
  });

  test('waits for the delivery that holds the file, and asks again', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(2)));
    await ingestObject(object, delivery(shortAfter(1)), world.ports);
    world.messages.take();
    await world.ledger.takeLease(idOf(object), 'someone else', world.time.nowMs + 60_000);

    await continueFile(idOf(object), 3, delivery(), world.ports);

    expect(world.messages.take()).toEqual([
      { message: { v: 1, kind: 'continue', fileId: idOf(object), hops: 4 }, delaySeconds: 30 },
    ]);
  });

  test('keeps the catalog that it began with', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(150)));
    await ingestObject(object, delivery(shortAfter(1)), world.ports);
    const message = continuationIn(world);
    const stricter = paymentType({ variables: { amount: { type: 'number', max: 1 } } });
    const past = Buffer.from(JSON.stringify(world.catalog.current.snapshot));
    world.catalog.current = catalogWith(stricter, 2);
    const asked: unknown[] = [];
    const bytes = async (object: unknown) => {
      asked.push(object);
      return past;
    };
    const ports = { ...world.ports, catalog: { ...world.ports.catalog, bytes } };

    await drain(world, () => continueFile(idOf(object), message.hops, delivery(), ports));

    expect(asked).toEqual([{ key: 'snapshots/snapshot-1.json', sha256: 'snapshot-1' }]);
    expect((await world.ledger.find(idOf(object)))!.counts).toEqual({ ...NO_COUNTS, decided: 150 });
  });
});

describe('settling', () => {
  test('looks again, at growing distances, while chunks are pending', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(250)));
    await ingestObject(object, delivery(), world.ports);
    world.messages.take();
    const sinceMs = world.time.nowMs;
    const delays: number[] = [];
    for (const waitedMs of [0, 4_000, 40_000, 600_000]) {
      world.time.nowMs = sinceMs + waitedMs;
      await settleFile({ fileId: idOf(object), sinceMs }, delivery(), world.ports);
      delays.push(...world.messages.take().map(({ delaySeconds }) => delaySeconds));
    }

    expect(delays).toEqual([1, 1, 10, 30]);
  });

  test('a redriven chunk changes the counts and the results of a complete file', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(150)));
    await ingestObject(object, delivery(), world.ports);
    const [first, second] = world.eventChunks.take() as [Chunk, Chunk];
    const { fileId } = first;
    const dead = { ...NO_COUNTS, dead: second.rows.length };
    const record = { v: 1, fileId, outcomes: {}, rules: {}, degraded: 0 } as const;
    await world.ledger.settleChunk({ ...record, sequence: 2, rows: 50, status: 'dead', counts: dead });
    await drain(world, () =>
      world.ports.eventChunks.send([{ ...first, redrives: 1 }], 'relaxed', delivery().deadline).then(),
    );
    const before = (await world.ledger.find(fileId))!;

    await drain(world, () =>
      world.ports.eventChunks.send([{ ...second, redrives: 1 }], 'relaxed', delivery().deadline).then(),
    );
    await drain(world, () => settleFile({ fileId, sinceMs: world.time.nowMs }, delivery(), world.ports));

    expect(before).toMatchObject({ status: 'complete', counts: { decided: 100, dead: 50 } });
    const after = (await world.ledger.find(fileId))!;
    expect(after).toMatchObject({ status: 'complete', counts: { decided: 150, dead: 0 } });
    expect(world.results.text(after.resultsKey!)!.trim().split('\n')).toHaveLength(151);
  });

  test('of rows that do not add up completes loudly', async () => {
    const world = createWorld();
    const object = drop(world, KEY, csv(...payments(10)));
    const counted: string[] = [];
    const metrics = { count: (name: string) => void counted.push(name), duration: () => {} };
    await ingestObject(object, delivery(), world.ports);
    const lost = { ...NO_COUNTS, decided: 9 };
    const sums = { outcomes: {}, rules: {}, degraded: 0 };
    await world.ledger.settleChunk({
      v: 1,
      fileId: idOf(object),
      sequence: 1,
      rows: 10,
      status: 'settled',
      counts: lost,
      ...sums,
    });

    await settleFile({ fileId: idOf(object), sinceMs: world.time.nowMs }, { ...delivery(), metrics }, world.ports);

    expect(await world.ledger.find(idOf(object))).toMatchObject({ status: 'complete', imbalance: 1 });
    expect(counted).toEqual(expect.arrayContaining(['FilesImbalanced', 'ResultsMissing', 'FilesCompleted']));
  });
});

describe('killed once', () => {
  const lines = [
    ...payments(205),
    paymentLine('e-1'),
    paymentLine('e-2', 9),
    ...Array<string>(3).fill('bad'),
    paymentLine('x', 'y'),
  ];
  const expected = { decided: 205, duplicate: 1, conflict: 1, quarantined: 4, dead: 0 };
  /** Kills the process at the n-th call: nothing works until the next delivery. */
  const killer = (at: number, when: 'before' | 'after') => {
    let [calls, dead] = [0, false];
    const disturb: Disturb = (what) => {
      if (dead) throw new Error('the process is dead');
      if (++calls !== at) return undefined;
      dead = true;
      if (when === 'after') return 'after';
      throw new Error(`killed before ${what}`);
    };
    return {
      disturb,
      revive: () => {
        dead = false;
      },
      calls: () => calls,
    };
  };

  test.each(['before', 'after'] as const)('%s any call, every row is accounted for once', async (when) => {
    let at = 0;
    for (let reached = true; reached; ) {
      const { disturb, revive, calls } = killer(++at, when);
      const world = createWorld({ disturb });
      const object = drop(world, KEY, csv(...lines));

      await drain(world, () => ingestObject(object, delivery(), world.ports), revive);

      const record = (await world.ledger.find(idOf(object)))!;
      expect({ at, ...record }).toMatchObject({ at, status: 'complete', counts: expected });
      expect(record.imbalance).toBeUndefined();
      expect(world.results.text(record.resultsKey!)!.trim().split('\n')).toHaveLength(208);
      expect(world.results.text(record.rejectsKey!)!.trim().split('\n')).toHaveLength(5);
      reached = calls() >= at;
    }

    expect(at).toBeGreaterThan(25);
  });
});

describe('chunks', () => {
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.nat(400).map((n) => paymentLine(`e-${n}`, n)) },
    { weight: 1, arbitrary: fc.constantFrom('ragged', paymentLine('', 1), '"open', `${paymentLine('e-1')},more`) },
    { weight: 1, arbitrary: fc.nat(400).map((n) => `${paymentLine(`n-${n}`)}`) },
  );
  const chunksOf = async (content: string, looks: number) => {
    const world = createWorld({ eventType: paymentType({ ordering: 'strict' }) });
    const object = drop(world, KEY, content);
    await ingestObject(object, delivery(shortAfter(looks)), world.ports);
    const chunks = [...world.eventChunks.take()];
    for (let [next] = world.messages.take(); next?.message.kind === 'continue'; [next] = world.messages.take()) {
      await continueFile(idOf(object), 1, delivery(shortAfter(looks)), world.ports);
      chunks.push(...world.eventChunks.take());
    }
    return { chunks, record: (await world.ledger.find(idOf(object)))! };
  };

  /** What is sealed is never sealed twice alike: of it, the length alone is the same whenever a file is read. */
  const withBoxLengths = (chunk: unknown): unknown =>
    JSON.parse(JSON.stringify(chunk), (key, value) => (key === 'box' ? String(value).length : value));

  test('are the same wherever reading is broken off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 150, maxLength: 350, size: 'max' }),
        fc.integer({ min: 2, max: 5 }),
        async (lines, looks) => {
          const content = csv(...lines);

          const [whole, broken] = [await chunksOf(content, 1_000), await chunksOf(content, looks)];

          expect(broken.chunks.map(withBoxLengths)).toEqual(whole.chunks.map(withBoxLengths));
          expect(broken.record.checkpoint).toEqual(whole.record.checkpoint);
          expect(broken.record.quarantineReasons).toEqual(whole.record.quarantineReasons);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('and quarantine hold every row of any file exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 300, size: 'max' }), async (lines) => {
        const record = await processFile(createWorld(), KEY, csv(...lines));

        const { decided, duplicate, conflict, quarantined } = record.counts;
        expect(record.status).toBe('complete');
        expect(decided + duplicate + conflict + quarantined).toBe(record.checkpoint.rows);
        expect(record.checkpoint.rows).toBe(lines.length);
      }),
      { numRuns: 20 },
    );
  });
});
