import { describe, expect, test } from '@jest/globals';

import { MemoryEventBus, MemoryGivenUp } from '#adapters/memory-event-bus.ts';
import type { FileRecord } from '#domain/file-record.ts';
import { fitted, MAX_REQUEST_BYTES, requestsOf } from '#domain/published/fitting.ts';
import { PUBLISHED_SCHEMAS } from '#domain/published/published-event.ts';
import { toPublish } from '#domain/published/to-publish.ts';
import type { StreamRecord } from '#domain/stream-record.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { publishRecords } from '../../../functions/publishing/publish-records.ts';
import { aDecision, anEvent } from '../../support/decisions.ts';
import { commitsOf, recordOf } from '../lake/world.ts';

const aFile = (overrides: Partial<FileRecord> = {}): FileRecord => ({
  v: 1,
  fileId: '0123456789abcdef01234567',
  purpose: 'events',
  eventType: 'card_payment',
  source: { kind: 's3', bucket: 'inbox', key: 'events/card_payment/a.csv', versionId: 'v1', bytes: 100 },
  status: 'complete',
  startedAt: '2026-11-22T09:00:00.000Z',
  completedAt: '2026-11-22T09:01:00.000Z',
  checkpoint: { rows: 3, chunks: 1, quarantined: 1 },
  settledThrough: 1,
  counts: { decided: 2, duplicate: 0, conflict: 0, quarantined: 1, dead: 0 },
  outcomes: { approve: 2 },
  rules: {},
  quarantineReasons: { bad_time: 1 },
  degraded: 0,
  ...overrides,
});
const fileRecord = (file: FileRecord, before?: FileRecord): StreamRecord => {
  const record = recordOf(`F#${file.fileId}`, 'FILE', { record: JSON.stringify(file), status: file.status });
  const OldImage = before && { record: { S: JSON.stringify(before) } };
  return {
    ...record,
    eventName: before ? 'MODIFY' : 'INSERT',
    dynamodb: { ...record.dynamodb, ...(OldImage && { OldImage }) },
  };
};
const restored = (record: StreamRecord): StreamRecord => {
  const NewImage = { ...record.dynamodb.NewImage, restoredAt: { S: '2026-11-22T12:00:00.000Z' } };
  return { ...record, dynamodb: { ...record.dynamodb, NewImage } };
};
const world = () => {
  const bus = new MemoryEventBus();
  const givenUp = new MemoryGivenUp();
  return {
    bus,
    givenUp,
    publish: (records: readonly StreamRecord[]) =>
      publishRecords(records, deadlineIn(5_000), { bus, givenUp, logger: silentLogger, metrics: silentMetrics }),
  };
};

describe('what is published', () => {
  test('is every decision, every feedback and every file that settles, each as its schema says', async () => {
    const { bus, publish } = world();
    const settled = fileRecord(aFile(), aFile({ status: 'settling' }));

    await publish([...commitsOf(1), settled]);

    expect(bus.sent.map(({ detailType }) => detailType)).toEqual([
      'decision made',
      'decision made',
      'feedback received',
      'file settled',
    ]);
    for (const { detailType, detail } of bus.sent) PUBLISHED_SCHEMAS[detailType].parse(JSON.parse(detail));
  });

  test('has one id however often it comes, and another for anything else', () => {
    const ids = [...commitsOf(1), ...commitsOf(2)].map((record) => toPublish(record)?.detail.id);
    const again = [...commitsOf(1), ...commitsOf(2)].map((record) => toPublish({ ...record })?.detail.id);

    expect(again).toEqual(ids);
    expect(new Set(ids.filter((id) => id !== undefined)).size).toBe(6);
  });

  test.each([
    { what: 'the event beside its decisions', record: commitsOf(1)[0]! },
    { what: 'what expires', record: { ...commitsOf(1)[1]!, eventName: 'REMOVE' as const } },
    { what: 'a rival decision', record: recordOf('E#card_payment#e-1', 'R#one#hash', { record: '{}' }) },
    { what: "the canary's", record: commitsOf(1, 0, 'assay_canary')[1]! },
    { what: 'a chunk', record: recordOf('F#0123456789abcdef01234567', 'C#000001', { record: '{}' }) },
    { what: 'a file that is being read', record: fileRecord(aFile({ status: 'reading' })) },
    { what: 'a lease on a file that has settled', record: fileRecord(aFile(), aFile()) },
    { what: 'what a restore puts back', record: restored(commitsOf(1)[1]!) },
    { what: 'a file that a restore puts back', record: restored(fileRecord(aFile())) },
    {
      what: 'a file that a restore puts in the place of another',
      record: restored(fileRecord(aFile(), aFile({ degraded: 1 }))),
    },
    { what: "the canary's file", record: fileRecord(aFile({ eventType: 'assay_canary' })) },
  ])('is not $what', ({ record }) => {
    expect(toPublish(record)).toBeUndefined();
  });

  test('of a file that settles anew after a restore is told', () => {
    const settling = restored(fileRecord(aFile(), aFile({ status: 'settling' })));
    const OldImage = { ...settling.dynamodb.OldImage, restoredAt: settling.dynamodb.NewImage!.restoredAt! };

    expect(toPublish({ ...settling, dynamodb: { ...settling.dynamodb, OldImage } })).toMatchObject({
      detailType: 'file settled',
    });
  });

  test('of a file that settles anew, since dead rows were sent again, has another id', () => {
    const dead = aFile({ counts: { decided: 0, duplicate: 0, conflict: 0, quarantined: 1, dead: 2 } });

    const [first, second] = [fileRecord(dead), fileRecord(aFile(), dead)].map((record) => toPublish(record)?.detail);

    expect(first?.id).not.toBe(second?.id);
    expect(second).toMatchObject({ counts: { decided: 2, dead: 0 } });
  });
});

describe('what the bus does not take', () => {
  test('comes again from the first that is missing', async () => {
    const { bus, publish } = world();
    const [, one, two, said] = commitsOf(1);
    bus.refuses = ({ detail }) => detail.includes('"two"');

    expect(await publish([one!, two!, said!])).toBe(two!.dynamodb.SequenceNumber);
    bus.refuses = () => false;
    expect(await publish([two!, said!])).toBeUndefined();
    const ids = bus.sent.map(({ detail }) => JSON.parse(detail).id);
    expect(new Set(ids).size).toBe(3);
  });

  test('does not hold up what is behind a record that nothing can be made of: that is given up by its key', async () => {
    const { bus, givenUp, publish } = world();
    const broken = recordOf('E#card_payment#e-9', 'D#one', { record: '{"v":9}' });
    const [, one] = commitsOf(1);

    const left = await publish([broken, one!]);

    expect(left).toBeUndefined();
    expect(bus.sent).toHaveLength(1);
    expect(givenUp.items).toEqual([{ pk: 'E#card_payment#e-9', sk: 'D#one', problem: expect.any(String) }]);
  });

  test('includes a record that cannot be given up now', async () => {
    const { givenUp, publish } = world();
    const broken = recordOf('E#card_payment#e-9', 'D#one', { record: '{"v":9}' }, { sequence: 7 });
    givenUp.add = () => Promise.reject(new Error('the queue is away'));

    expect(await publish([...commitsOf(1), broken])).toBe('7');
  });
});

describe('what is too large for the bus', () => {
  const large = (characters: number) => {
    const variables = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`v${index}`, 'x'.repeat(8_000)]));
    const decision = aDecision({
      event: anEvent({ variables: characters > 0 ? variables : {} }),
      rules: [{ ...aDecision().rules[0]!, expressionWithValues: 'y'.repeat(Math.max(10, characters)) }],
    });
    return toPublish(recordOf('E#card_payment#e-1', 'D#one', { record: JSON.stringify(decision) }))!;
  };

  test.each([
    { characters: 0, trimmed: undefined },
    { characters: 10, trimmed: ['variables'] },
    { characters: 300_000, trimmed: ['variables', 'reasons'] },
  ])('goes without what is least missed, and says so ($trimmed)', ({ characters, trimmed }) => {
    const { detail, bytes } = fitted(large(characters));

    expect(bytes).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
    expect(Buffer.byteLength(detail)).toBeLessThan(bytes);
    expect(JSON.parse(detail).trimmed).toEqual(trimmed);
    PUBLISHED_SCHEMAS['decision made'].parse(JSON.parse(detail));
  });

  test('is cut into requests of ten at most that fit', () => {
    const small = Array.from({ length: 25 }, () => ({ bytes: 100 }));
    const big = Array.from({ length: 5 }, () => ({ bytes: 100_000 }));

    expect(requestsOf(small).map((request) => request.length)).toEqual([10, 10, 5]);
    expect(requestsOf(big)).toEqual([[0, 1], [2, 3], [4]]);
    expect(requestsOf([])).toEqual([]);
  });
});
