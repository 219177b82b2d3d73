import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';

/** Remembers each file and each of its chunks until all rows are accounted for. Every method may be repeated safely. */
export interface FileLedger {
  find(fileId: string): Promise<FileRecord | undefined>;
  /** Creates the file's record, or returns the one that is there. */
  begin(record: FileRecord): Promise<FileRecord>;
  /** Replaces the file's record; only the holder of the lease writes. @see takeLease */
  update(record: FileRecord): Promise<void>;
  /** Lets one invocation at a time work on a file. @returns false while another holds an unexpired lease. */
  takeLease(fileId: string, owner: string, untilMs: number): Promise<boolean>;
  releaseLease(fileId: string, owner: string): Promise<void>;
  /** Adds pending chunks that are not there yet; those that are stay as they are. */
  addChunks(chunks: readonly ChunkRecord[]): Promise<void>;
  findChunk(fileId: string, sequence: number): Promise<ChunkRecord | undefined>;
  /** Turns a pending (or dead) chunk into this settled one; one that is settled already stays as it is. */
  settleChunk(chunk: ChunkRecord): Promise<void>;
  /** Chunks after `sequence`, in order. */
  chunksAfter(fileId: string, sequence: number): AsyncIterable<ChunkRecord>;
}
