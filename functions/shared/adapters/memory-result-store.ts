import type { ResultStore, RowResult } from '#ports/results.ts';

/** Keeps results of chunks for as long as the process lives. */
export class MemoryResultStore implements ResultStore {
  readonly #chunks = new Map<string, readonly RowResult[]>();

  async writeChunk(fileId: string, sequence: number, rows: readonly RowResult[]): Promise<void> {
    this.#chunks.set(`${fileId}/${sequence}`, rows);
  }

  /** What was written last of a chunk. */
  rowsOf(fileId: string, sequence: number): readonly RowResult[] | undefined {
    return this.#chunks.get(`${fileId}/${sequence}`);
  }
}
