import { renameSync, rmSync } from 'node:fs';

import type { ParquetRow } from '../../functions/lake/parquet.ts';
import { openWriter } from '../export/write-rows.ts';
import { matrixColumnsOf, matrixRowOf } from './matrix.ts';
import type { OpenReplay } from './replay-files.ts';

/** Formats of a matrix, by the end of the file's name. */
const MATRIX_FORMATS = ['parquet', 'csv'] as const;
export type MatrixFormat = (typeof MATRIX_FORMATS)[number];

/** The format that a file's name asks for; undefined where it asks for none of them. */
export const matrixFormatOf = (file: string): MatrixFormat | undefined =>
  MATRIX_FORMATS.find((format) => file.toLowerCase().endsWith(`.${format}`));

const BATCH_ROWS = 1_000;

/** Writes the matrix of a replay. The file is there once it is whole; one that was there before is replaced. */
export const writeMatrix = async (file: string, format: MatrixFormat, replay: OpenReplay): Promise<void> => {
  const part = `${file}.part`;
  const writer = await openWriter(part, format, matrixColumnsOf(replay.eventType, replay.plan));
  let rows: ParquetRow[] = [];
  try {
    for await (const event of replay.events) {
      rows.push(matrixRowOf(event));
      if (rows.length < BATCH_ROWS) continue;
      await writer.write(rows);
      rows = [];
    }
    await writer.write(rows);
    await writer.close();
  } catch (error) {
    await writer.abandon();
    rmSync(part, { force: true });
    throw error;
  }
  renameSync(part, file);
};
