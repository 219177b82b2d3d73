import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';

import type { Chunk } from '#ports/chunk-queue.ts';
import { continueFile, ingestObject } from '../../functions/ingestion/ingest-file.ts';
import { outline, readAll } from '../functions/ingestion/reading.ts';
import {
  createWorld,
  delivery,
  drop,
  idOf,
  PAYMENT_HEADER,
  paymentLine,
  shortAfter,
  type World,
} from '../functions/ingestion/world.ts';
import { parquetOfCsv } from '../support/parquet.ts';

/** Payments of which every fiftieth is bad. */
const LINES = Array.from({ length: 2_450 }, (_, index) => paymentLine(`e-${index}`, index % 50 === 0 ? 'much' : index));
const CSV = `${PAYMENT_HEADER}\n${LINES.join('\n')}\n`;
const parquet = parquetOfCsv(PAYMENT_HEADER, LINES, { rowGroupSize: 900, pageSize: 2_000 });
/** Breaks off in the second of three row groups. */
const broken = Buffer.from(parquet).fill(0xff, Math.floor(parquet.length * 0.45), Math.floor(parquet.length * 0.55));

const takeChunks = (world: World): readonly Chunk[] => world.eventChunks.take();

/** Reads a file in one go. */
const readOnce = async (key: string, content: string | Uint8Array): Promise<readonly Chunk[]> => {
  const world = createWorld();
  await ingestObject(drop(world, key, content), delivery(), world.ports);
  return takeChunks(world);
};

/** Reads a file in invocations that each have time for so many looks at the clock. */
const readInTurns = async (key: string, content: string | Uint8Array, looks: number) => {
  const world = createWorld();
  const object = drop(world, key, content);
  await ingestObject(object, delivery(shortAfter(looks)), world.ports);
  const chunks = [...takeChunks(world)];
  let turns = 1;
  for (let going = true; going; turns++) {
    const message = world.messages.take().find((waiting) => waiting.message.kind === 'continue')?.message;
    going = message?.kind === 'continue';
    if (message?.kind === 'continue') {
      await continueFile(message.fileId, message.hops, delivery(shortAfter(looks)), world.ports);
    }
    chunks.push(...takeChunks(world));
  }
  return { chunks, turns, record: await world.ledger.find(idOf(object)) };
};

/** Rows of each chunk as one text, but for what is sealed, which is another each time. */
const contentOf = (chunks: readonly Chunk[]): readonly string[] =>
  chunks.map(({ sequence, rows }) =>
    JSON.stringify([sequence, rows], (key, value) => (key === 'sealed' || key === 'originals' ? undefined : value)),
  );

describe('a checkpoint after acknowledged sends, and a continuation when time runs short, give the same chunks', () => {
  test.each([
    { name: 'CSV', key: 'events/payment/x.csv', content: Buffer.from(CSV), reasons: ['wrong_type'] },
    { name: 'gzip', key: 'events/payment/x.csv.gz', content: gzipSync(CSV), reasons: ['wrong_type'] },
    { name: 'Parquet', key: 'events/payment/x.parquet', content: parquet, reasons: ['wrong_type'] },
    {
      name: 'Parquet that breaks off',
      key: 'events/payment/x.parquet',
      content: broken,
      reasons: ['corrupt_parquet', 'wrong_type'],
    },
  ])('of $name', async ({ key, content, reasons }) => {
    const whole = await readOnce(key, content);

    const { chunks, turns, record } = await readInTurns(key, content, 4);

    expect(turns).toBeGreaterThan(2);
    expect(contentOf(chunks)).toEqual(contentOf(whole));
    expect(record?.status).toBe('settling');
    expect(Object.keys(record?.quarantineReasons ?? {}).sort()).toEqual(reasons);
  });

  test('of Parquet and of the CSV file with the same texts alike', async () => {
    const [columns, lines] = [
      await readOnce('events/payment/x.parquet', parquet),
      await readOnce('events/payment/x.csv', CSV),
    ];

    expect(contentOf(columns)).toEqual(contentOf(lines));
  });
});

describe('output bytes are capped', () => {
  const limits = { maxBytes: 10_000, maxRatio: 100, ratioFromBytes: 1_000_000 };

  test.each([
    { name: 'of text', content: Buffer.from(CSV) },
    { name: 'of gzip data', content: gzipSync(CSV) },
    { name: 'of a Parquet file', content: parquet },
  ])('$name', async ({ content }) => {
    const ended = outline(await readAll(content, { limits }));

    expect(typeof ended === 'string' ? ended : ended.at(-1)).toBe('too_large');
  });
});
