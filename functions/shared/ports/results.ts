import type { Decision, Disposition } from '#domain/decision.ts';

/** How one row ended, with its decisions where it has any. */
export interface RowResult {
  readonly row: number;
  readonly eventId: string;
  readonly disposition: Disposition;
  readonly decisions: readonly Decision[];
}

/** Takes the results of a chunk; the same chunk written again replaces itself. */
export interface ResultStore {
  /** Writes one object per chunk under the file's folder, as CSV lines of `RESULT_COLUMNS`. */
  writeChunk(fileId: string, sequence: number, rows: readonly RowResult[]): Promise<void>;
}
