import { expect, test } from '@jest/globals';

import { ServiceError } from '#domain/errors.ts';
import { endedOf, NO_COUNTS } from '#domain/file-sums.ts';
import type { EventChunk } from '#domain/messages.ts';
import { continueFile, ingestObject } from '../../../functions/ingestion/ingest-file.ts';
import { readFile } from '../../../functions/ingestion/read-file.ts';
import {
  createWorld,
  type Disturb,
  delivery,
  drain,
  drop,
  idOf,
  PAYMENT_HEADER,
  paymentLine,
  scoreChunk,
} from './world.ts';

const ROWS = 2_500;
const FILE = [PAYMENT_HEADER, ...Array.from({ length: ROWS }, (_, index) => paymentLine(`e-${index}`)), ''].join('\n');
/** Chunks that leave before the first checkpoint, of 100 rows each. */
const SENT = { chunks: 20, rows: 2_000 };

test('rows that end before the checkpoint has moved past them count as read, and once', async () => {
  let updates = 0;
  const disturb: Disturb = (what) => {
    if (what === 'ledger.update' && ++updates === 1) throw new ServiceError('store_unavailable', 'the store is down');
    return undefined;
  };
  const world = createWorld({ disturb });
  const { decisions, ledger, resultStore: results } = world;
  const object = drop(world, 'events/payment/november.csv', FILE);
  await ingestObject(object, delivery(), world.ports);
  const [message] = world.messages.take();
  const chunks = world.eventChunks.take() as EventChunk[];
  const [last, ...others] = chunks.toReversed();
  for (const chunk of others) await scoreChunk(chunk, { decisions, ledger, results });

  const broken = await readFile(idOf(object), { ledger });
  await drain(world, async () => {
    await scoreChunk(last!, { decisions, ledger, results });
    await continueFile(idOf(object), 1, delivery(), world.ports);
  });
  const ended = await readFile(idOf(object), { ledger });

  expect(message?.message).toMatchObject({ kind: 'continue' });
  expect((await ledger.find(idOf(object)))?.imbalance).toBeUndefined();
  expect(chunks).toHaveLength(SENT.chunks);
  expect(broken).toMatchObject({ status: 'reading', rows: SENT.rows, counts: { ...NO_COUNTS, decided: 1_900 } });
  expect(ended).toMatchObject({ status: 'complete', rows: ROWS, counts: { ...NO_COUNTS, decided: ROWS } });
});

test('no look at a file on its way finds more rows ended than read, or fewer than the look before', async () => {
  const world = createWorld();
  const { ledger } = world;
  const object = drop(world, 'events/payment/november.csv', FILE);
  const looks: { readonly rows: number; readonly ended: number }[] = [];
  const { settleChunk } = ledger;
  ledger.settleChunk = async (chunk) => {
    await settleChunk.call(ledger, chunk);
    const { rows, counts } = await readFile(idOf(object), { ledger });
    looks.push({ rows, ended: endedOf(counts) });
  };
  // Each chunk is decided the moment that it is sent: long before the checkpoint moves past it.
  const { send } = world.eventChunks;
  world.eventChunks.send = async (...sent) => {
    const failed = await send.apply(world.eventChunks, sent);
    for (const chunk of world.eventChunks.take() as EventChunk[]) {
      await scoreChunk(chunk, { decisions: world.decisions, ledger, results: world.resultStore });
    }
    return failed;
  };

  await drain(world, () => ingestObject(object, delivery(), world.ports));

  expect(looks).toHaveLength(ROWS / 100);
  expect(looks.filter(({ rows, ended }) => ended > rows)).toEqual([]);
  expect(looks.filter(({ rows }, index) => rows < (looks[index - 1]?.rows ?? 0))).toEqual([]);
});
