import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  type ChunkRow,
  MAX_CHUNK_BYTES,
  MAX_CHUNK_ROWS,
  MAX_SLICE_ROWS,
  type Slice,
  slicesOf,
} from '#domain/chunking.ts';
import type { BadRow } from '#domain/row-problem.ts';

type Row = ChunkRow<string> | BadRow;
const good = (row: number, bytes: number): Row => ({ row, content: 'x', bytes });
const bad = (row: number): Row => ({ row, line: row, problems: [] });

const slicesOfAll = async (rows: readonly Row[]): Promise<Slice<string>[]> => {
  const stream = async function* () {
    yield* rows;
  };
  const slices: Slice<string>[] = [];
  for await (const slice of slicesOf(stream())) slices.push(slice);
  return slices;
};

test('a chunk has at most 100 rows', async () => {
  const slices = await slicesOfAll(Array.from({ length: 201 }, (_, index) => good(index + 1, 10)));

  expect(slices.map(({ rows }) => rows.length)).toEqual([MAX_CHUNK_ROWS, MAX_CHUNK_ROWS, 1]);
});

test('a chunk has at most 200,000 bytes', async () => {
  const slices = await slicesOfAll([good(1, 150_000), good(2, 50_000), good(3, 1), good(4, MAX_CHUNK_BYTES)]);

  expect(slices.map(({ rows }) => rows.map(({ row }) => row))).toEqual([[1, 2], [3], [4]]);
});

test('bad rows alone end a slice too, so that they do not pile up', async () => {
  const slices = await slicesOfAll(Array.from({ length: 2_500 }, (_, index) => bad(index + 1)));

  expect(slices.map((slice) => slice.bad.length)).toEqual([MAX_SLICE_ROWS, MAX_SLICE_ROWS, 500]);
});

const rows = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90_000 })), { maxLength: 300, size: 'max' })
  .map((sizes) => sizes.map((bytes, index) => (bytes === 0 ? bad(index + 1) : good(index + 1, bytes))));

test('slices hold every row once, within limits, and start anew behind any of them', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.nat(), async (all, pick) => {
      const slices = await slicesOfAll(all);
      const broken = slices[pick % Math.max(1, slices.length)]?.through ?? 0;
      const behind = await slicesOfAll(all.slice(broken));

      const held = slices.flatMap((slice) => [...slice.rows, ...slice.bad]).sort((left, right) => left.row - right.row);
      expect(held).toEqual(all);
      for (const slice of slices) {
        expect(slice.rows.length).toBeLessThanOrEqual(MAX_CHUNK_ROWS);
        expect(slice.rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
      }
      expect(behind).toEqual(slices.filter(({ through }) => through > broken));
    }),
    { numRuns: 60 },
  );
});
