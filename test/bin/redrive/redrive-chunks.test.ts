import { expect, test } from '@jest/globals';

import { deadChunkKey } from '#domain/dead-chunk-keys.ts';
import type { ChunkRecord } from '#domain/file-record.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import type { EventChunk } from '#domain/messages.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { redriveChunks, type Selection } from '../../../bin/redrive/redrive-chunks.ts';
import { newRecord } from '../../../functions/ingestion/file-of-object.ts';
import { pendingRecordOf } from '../../../functions/ingestion/send-slices.ts';
import { createWorld, type World } from '../../functions/ingestion/world.ts';
import { anEvent } from '../../support/decisions.ts';

const FILE = 'f'.repeat(24);
const chunk = (sequence: number, redrives = 0): EventChunk => ({
  v: 1,
  kind: 'events',
  fileId: FILE,
  sequence,
  eventType: 'payment',
  redrives,
  rows: [{ row: sequence, event: anEvent({ eventId: `e-${sequence}`, eventType: 'payment' }), contentHash: 'hash' }],
});
const ended = (sequence: number, status: 'dead' | 'settled'): ChunkRecord => ({
  ...pendingRecordOf(chunk(sequence)),
  status,
  counts: { ...NO_COUNTS, [status === 'dead' ? 'dead' : 'decided']: 1 },
});
/** A file of as many chunks, all dead, each kept with its counter. */
const died = async (...redrives: readonly number[]): Promise<World> => {
  const world = createWorld();
  const source = { kind: 's3', bucket: 'inbox', key: 'events/payment/a.csv', versionId: 'v1', bytes: 1 } as const;
  const record = newRecord({ fileId: FILE, purpose: 'events', source, eventType: 'payment', status: 'complete' }, 0);
  const rows = redrives.length;
  await world.ledger.begin({ ...record, counts: { ...NO_COUNTS, dead: rows } });
  for (const [index, times] of redrives.entries()) {
    const sequence = index + 1;
    await world.ledger.addChunks([pendingRecordOf(chunk(sequence))]);
    await world.ledger.settleChunk(ended(sequence, 'dead'));
    world.quarantine.put(deadChunkKey(FILE, sequence), JSON.stringify(chunk(sequence, times)));
  }
  return world;
};
const redrive = (world: World, { selection = { fileId: FILE } as Selection, dryRun = false } = {}) => {
  const { ledger, quarantine, eventChunks, feedbackChunks, messages, ports } = world;
  const queues = { events: eventChunks, feedback: feedbackChunks };
  const all = { ledger, quarantine, queues, messages, clock: ports.clock };
  return redriveChunks(selection, { dryRun, waitMs: 0 }, deadlineIn(5_000), all);
};
const fatesOf = ({ chunks }: Awaited<ReturnType<typeof redrive>>) =>
  chunks.map(({ sequence, fate, redrives }) => [sequence, fate, redrives]);

test('chunks go back with the counter in their bodies one higher, three times at most', async () => {
  const world = await died(0, 2, 3);

  const redriven = await redrive(world);

  expect(fatesOf(redriven)).toEqual([
    [1, 'sent', 1],
    [2, 'sent', 3],
    [3, 'spent', 3],
  ]);
  expect(world.eventChunks.take()).toEqual([chunk(1, 1), chunk(2, 3)]);
  // Nobody decides here, so the file is still what it was.
  expect(redriven.files).toEqual([{ fileId: FILE, deadBefore: 3 }]);
});

test('a dry run says the same and sends nothing', async () => {
  const world = await died(0, 3);

  const looked = await redrive(world, { dryRun: true });

  expect(fatesOf(looked)).toEqual([
    [1, 'sent', 1],
    [2, 'spent', 3],
  ]);
  expect(looked.files).toEqual([]);
  expect(world.eventChunks.take()).toEqual([]);
});

test('what is settled by now is not sent, but its file is summed up', async () => {
  const world = await died(0);
  await world.ledger.settleChunk(ended(1, 'settled'));

  expect(fatesOf(await redrive(world))).toEqual([[1, 'settled', 0]]);
  expect(world.eventChunks.take()).toEqual([]);
  expect(world.messages.take().map(({ message }) => message)).toMatchObject([{ kind: 'settle', fileId: FILE }]);
});

test('what nobody knows any more, and what is no chunk, is told and left', async () => {
  const world = createWorld();
  world.quarantine.put(deadChunkKey(FILE, 1), JSON.stringify(chunk(1)));
  world.quarantine.put('dead/unreadable/m-1', 'no chunk');

  const { chunks, files } = await redrive(world, { selection: { kind: 'events' } });

  expect(chunks.map(({ key, fate }) => [key, fate])).toEqual([
    [deadChunkKey(FILE, 1), 'forgotten'],
    ['dead/unreadable/m-1', 'unreadable'],
  ]);
  expect(files).toEqual([]);
});

test('a queue takes back chunks of its own kind alone', async () => {
  const { chunks } = await redrive(await died(0), { selection: { kind: 'feedback' } });

  expect(chunks).toEqual([]);
});
