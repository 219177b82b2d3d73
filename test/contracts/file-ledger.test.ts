import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { MemoryFileLedger } from '#adapters/memory-file-ledger.ts';
import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import { newRecord } from '../../functions/ingestion/file-of-object.ts';
import { type ServedTable, serveTable } from './dynamodb.ts';

const time = { nowMs: Date.parse('2026-11-20T12:00:00Z') };
const clock = { nowMs: () => time.nowMs };

let table: ServedTable;
beforeAll(async () => {
  table = await serveTable('files');
});
afterAll(() => table.served.close());

let files = 0;
const aFile = (overrides: Partial<FileRecord> = {}): FileRecord => {
  const source = { kind: 's3', bucket: 'inbox', key: 'events/payment/a.csv', versionId: 'v1', bytes: 12 } as const;
  const fileId = `file-${++files}`;
  return newRecord({ fileId, purpose: 'events', eventType: 'payment', source, ...overrides }, time.nowMs);
};
const aChunk = (fileId: string, sequence: number, overrides: Partial<ChunkRecord> = {}): ChunkRecord => ({
  v: 1,
  fileId,
  sequence,
  rows: 10,
  status: 'pending',
  counts: NO_COUNTS,
  outcomes: {},
  rules: {},
  degraded: 0,
  ...overrides,
});
const settled = (fileId: string, sequence: number, decided = 10): ChunkRecord =>
  aChunk(fileId, sequence, { status: 'settled', counts: { ...NO_COUNTS, decided } });
const dead = (fileId: string, sequence: number): ChunkRecord =>
  aChunk(fileId, sequence, { status: 'dead', counts: { ...NO_COUNTS, dead: 10 } });
const allAfter = async (ledger: FileLedger, fileId: string, sequence: number): Promise<ChunkRecord[]> => {
  const chunks: ChunkRecord[] = [];
  for await (const chunk of ledger.chunksAfter(fileId, sequence)) chunks.push(chunk);
  return chunks;
};

describe.each([
  { name: 'memory', create: (): FileLedger => new MemoryFileLedger({ clock }) },
  {
    name: 'DynamoDB',
    create: (): FileLedger =>
      new DynamoFileLedger({
        dynamoDb: table.served.client,
        tableName: table.tableName,
        retentionDays: 30,
        call: table.call,
        clock,
      }),
  },
])('a file ledger on $name', ({ create }) => {
  test('begins a file once and gives back what is there', async () => {
    const ledger = create();
    const file = aFile();

    const first = await ledger.begin(file);
    const second = await ledger.begin({ ...file, startedAt: '2026-12-01T00:00:00.000Z' });

    expect(first).toEqual(file);
    expect(second).toEqual(file);
    expect(await ledger.find(file.fileId)).toEqual(file);
    expect(await ledger.find('nothing')).toBeUndefined();
  });

  test('lends a file to one owner at a time, who alone writes', async () => {
    const ledger = create();
    const file = aFile();
    await ledger.begin(file);
    const untilMs = time.nowMs + 1_000;

    expect(await ledger.takeLease(file.fileId, 'one', untilMs)).toBe(true);
    expect(await ledger.takeLease(file.fileId, 'one', untilMs)).toBe(true);
    expect(await ledger.takeLease(file.fileId, 'two', untilMs)).toBe(false);
    await expect(ledger.update({ ...file, status: 'settling' }, 'two')).rejects.toMatchObject({ code: 'conflict' });
    await ledger.update({ ...file, status: 'settling' }, 'one');
    expect((await ledger.find(file.fileId))?.status).toBe('settling');
  });

  test('lends it on when the lease is given back, by its owner alone, or has run out', async () => {
    const ledger = create();
    const file = aFile();
    await ledger.begin(file);
    await ledger.takeLease(file.fileId, 'one', time.nowMs + 1_000);

    await ledger.releaseLease(file.fileId, 'two');
    expect(await ledger.takeLease(file.fileId, 'two', time.nowMs + 1_000)).toBe(false);
    await ledger.releaseLease(file.fileId, 'one');
    expect(await ledger.takeLease(file.fileId, 'two', time.nowMs + 1_000)).toBe(true);
    time.nowMs += 1_000;
    expect(await ledger.takeLease(file.fileId, 'three', time.nowMs + 1_000)).toBe(true);
    await expect(ledger.update(file, 'two')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('lengthens the lease of who holds it, and never one that was lost', async () => {
    const ledger = create();
    const file = aFile();
    await ledger.begin(file);
    await ledger.takeLease(file.fileId, 'held up', time.nowMs + 1_000);

    expect(await ledger.renewLease(file.fileId, 'held up', time.nowMs + 2_000)).toBe(true);
    time.nowMs += 1_000;
    expect(await ledger.takeLease(file.fileId, 'next', time.nowMs + 1_000)).toBe(false);
    time.nowMs += 1_000;
    expect(await ledger.takeLease(file.fileId, 'next', time.nowMs + 1_000)).toBe(true);
    await ledger.update({ ...file, status: 'complete' }, 'next');
    await ledger.releaseLease(file.fileId, 'next');
    expect(await ledger.renewLease(file.fileId, 'held up', time.nowMs + 1_000)).toBe(false);
    await expect(ledger.update(file, 'held up')).rejects.toMatchObject({ code: 'conflict' });
    expect((await ledger.find(file.fileId))?.status).toBe('complete');
  });

  test('lends no file that it does not know', async () => {
    const ledger = create();

    expect(await ledger.takeLease('nothing', 'one', time.nowMs + 1_000)).toBe(false);
    expect(await ledger.find('nothing')).toBeUndefined();
  });

  test('adds chunks once, and keeps what has settled meanwhile', async () => {
    const ledger = create();
    const { fileId } = aFile();
    const chunks = Array.from({ length: 23 }, (_, index) => aChunk(fileId, index + 1));
    await ledger.addChunks(chunks);
    await ledger.settleChunk(settled(fileId, 2));

    await ledger.addChunks(chunks);

    expect(await ledger.findChunk(fileId, 2)).toEqual(settled(fileId, 2));
    expect(await allAfter(ledger, fileId, 20)).toEqual(chunks.slice(20));
    expect((await allAfter(ledger, fileId, 0)).map(({ sequence }) => sequence)).toEqual(
      chunks.map(({ sequence }) => sequence),
    );
    expect(await ledger.findChunk(fileId, 24)).toBeUndefined();
  });

  test.each([
    { from: 'pending', first: aChunk, next: settled, ends: settled },
    { from: 'pending', first: aChunk, next: dead, ends: dead },
    { from: 'dead', first: dead, next: settled, ends: settled },
    { from: 'settled', first: settled, next: dead, ends: settled },
  ])('a chunk that is $from and settles as $next.name is $ends.name', async ({ first, next, ends }) => {
    const ledger = create();
    const { fileId } = aFile();
    await ledger.addChunks([aChunk(fileId, 1)]);
    await ledger.settleChunk(first(fileId, 1));

    await ledger.settleChunk(next(fileId, 1));

    expect(await ledger.findChunk(fileId, 1)).toEqual(ends(fileId, 1));
  });

  test('the first settling of a chunk stands, and one that it does not know is not made', async () => {
    const ledger = create();
    const { fileId } = aFile();
    await ledger.addChunks([aChunk(fileId, 1)]);
    await ledger.settleChunk(settled(fileId, 1, 10));

    await ledger.settleChunk(settled(fileId, 1, 3));
    await ledger.settleChunk(settled(fileId, 2));

    expect(await allAfter(ledger, fileId, 0)).toEqual([settled(fileId, 1, 10)]);
  });
});

test('on DynamoDB, a throttled call is tried again and items expire from when they were made', async () => {
  const { served, tableName, call } = table;
  const ledger = new DynamoFileLedger({ dynamoDb: served.client, tableName, retentionDays: 30, call, clock });
  const file = aFile();
  let throttles = 1;
  served.interfere(() => (throttles-- > 0 ? 'throttle' : undefined));

  await ledger.begin(file);

  served.interfere(() => undefined);
  const { body } = served.service().handle('GetItem', {
    TableName: tableName,
    Key: { pk: { S: `F#${file.fileId}` }, sk: { S: 'FILE' } },
  });
  const expiresAt = Math.floor(time.nowMs / 1_000) + 30 * 86_400;
  expect(body).toMatchObject({ Item: { v: { N: '1' }, expiresAt: { N: String(expiresAt) } } });
});
