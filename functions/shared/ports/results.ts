import type { ResultRow } from '#domain/results-csv.ts';

/** How one row ended, with its decisions where it has any. */
export type RowResult = ResultRow;

/** Takes the results of a chunk; the same chunk written again replaces itself. */
export interface ResultStore {
  /** Writes one object per chunk under the file's folder, as CSV lines of `RESULT_COLUMNS`. */
  writeChunk(fileId: string, sequence: number, rows: readonly RowResult[]): Promise<void>;
}
