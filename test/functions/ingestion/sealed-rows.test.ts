import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { MAX_CHUNK_BYTES } from '#domain/chunking.ts';
import { ServiceError } from '#domain/errors.ts';
import { EventChunkSchema } from '#domain/messages.ts';
import { openOriginals } from '#domain/originals.ts';
import type { Chunk } from '#ports/chunk-queue.ts';
import { ingestObject } from '../../../functions/ingestion/ingest-file.ts';
import { createWorld, type Disturb, delivery, drop, paymentType } from './world.ts';

const KEY = 'events/payment/november.csv';
const HEADER = 'event_id,occurred_at,customer,amount,email,note';
const eventType = paymentType({
  variables: {
    amount: { type: 'number', required: true },
    email: { type: 'email', personal: true },
    note: { type: 'text', maxLength: 8_192, personal: { of: 'customer' } },
  },
});
const line = (index: number, note = '', customer = `customer-${index % 7}`): string =>
  `e-${index},2026-11-20T10:00:00Z,${customer},5,person-${index}@mail.example,${note}`;

const ingest = async (lines: readonly string[], disturb?: Disturb) => {
  const world = createWorld({ eventType, ...(disturb && { disturb }) });
  await ingestObject(drop(world, KEY, [HEADER, ...lines, ''].join('\n')), delivery(), world.ports);
  const chunks = world.eventChunks
    .take()
    .map((chunk: Chunk) => EventChunkSchema.parse(JSON.parse(JSON.stringify(chunk))));
  return { world, chunks };
};
const messageBytes = (chunk: object): number => Buffer.byteLength(JSON.stringify(chunk));

describe('rows of a file', () => {
  test('leave with what is personal sealed for its person, and nowhere in the clear', async () => {
    const { world, chunks } = await ingest(Array.from({ length: 250 }, (_, index) => line(index, `note ${index}`)));

    expect(chunks.map(({ rows }) => rows.length)).toEqual([100, 100, 50]);
    for (const { row, event, sealed, unsealed } of chunks.flatMap(({ rows }) => rows)) {
      expect({ unsealed, people: sealed?.length }).toEqual({ unsealed: undefined, people: 1 });
      const [box] = sealed!;
      const pair = (await world.people.open([box!.person])).get(box!.person)!;
      expect(openOriginals(box!, pair, event)).toEqual({
        entities: { customer: `customer-${(row - 1) % 7}` },
        variables: { email: `person-${row - 1}@mail.example`, note: `note ${row - 1}` },
      });
    }
    expect(JSON.stringify(chunks)).not.toMatch(/customer-\d|mail\.example|note \d/);
  });

  test('go on without it while people’s keys cannot be had, and say so', async () => {
    const { chunks } = await ingest([line(1), line(2)], (what) => {
      if (what === 'people.find') throw new ServiceError('store_unavailable', 'down');
      return undefined;
    });

    expect(chunks[0]!.rows).toMatchObject([{ unsealed: 'unavailable' }, { unsealed: 'unavailable' }]);
    expect(JSON.stringify(chunks)).not.toMatch(/customer-\d|mail\.example|"sealed"/);
  });

  test('of any content are cut into the same chunks whether they can be sealed or not, within the bounds', async () => {
    const note = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replace(/[",\r\n\0]/g, ''));
    const sizes = fc.integer({ min: 1, max: 120 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(note, sizes), { minLength: 90, maxLength: 160, size: 'max' }),
        async (notes) => {
          const lines = notes.map(([text, size], index) =>
            line(index, `n${text.repeat(size)}`.slice(0, 8_000), `c-${index}`),
          );
          const down: Disturb = (what) => {
            if (what.startsWith('people')) throw new ServiceError('store_unavailable', 'down');
            return undefined;
          };

          const [sealed, again, unsealed] = [await ingest(lines), await ingest(lines), await ingest(lines, down)];

          const cuts = ({ chunks }: typeof sealed) => chunks.map(({ rows }) => rows.map(({ row }) => row));
          expect(cuts(again)).toEqual(cuts(sealed));
          expect(cuts(unsealed)).toEqual(cuts(sealed));
          expect(again.chunks.map(messageBytes)).toEqual(sealed.chunks.map(messageBytes));
          const rowBytes = sealed.chunks.map(({ rows }) => messageBytes(rows));
          expect(Math.max(...rowBytes)).toBeLessThanOrEqual(MAX_CHUNK_BYTES + 2);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('whose originals take more than 32 KB are decided without them', async () => {
    const huge = paymentType({
      variables: {
        amount: { type: 'number', required: true },
        ...Object.fromEntries(
          ['a', 'b', 'c', 'd', 'e'].map((name) => [name, { type: 'text', maxLength: 8_192, personal: true }]),
        ),
      },
    });
    const world = createWorld({ eventType: huge });
    const text = `event_id,occurred_at,customer,amount,a,b,c,d,e\ne-1,2026-11-20T10:00:00Z,c,5,${Array(5).fill('x'.repeat(8_000)).join()}\n`;

    await ingestObject(drop(world, KEY, text), delivery(), world.ports);

    expect(world.eventChunks.take()).toMatchObject([{ rows: [{ row: 1, unsealed: 'too_large' }] }]);
  });
});
