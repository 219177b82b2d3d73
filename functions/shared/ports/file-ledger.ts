import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';

/** Remembers each file and each of its chunks until all rows are accounted for. Every method may be repeated safely. */
export interface FileLedger {
  find(fileId: string): Promise<FileRecord | undefined>;
  /** Creates the file's record, or returns the one that is there. A file that begins is open: see `OpenFiles`. */
  begin(record: FileRecord): Promise<FileRecord>;
  /** Opens a file again whose counts have changed after it was found in balance. */
  reopen(fileId: string): Promise<void>;
  /**
   * Replaces the file's record.
   *
   * @param owner - who took the lease: nobody else writes. @see takeLease
   * @throws {ServiceError} `conflict` when the owner does not hold the lease any more.
   */
  update(record: FileRecord, owner: string): Promise<void>;
  /**
   * Lets one invocation at a time work on a file.
   *
   * @param untilMs - when the lease ends by itself, since the Unix epoch.
   * @returns false while another holds an unexpired lease, and for a file without a record.
   */
  takeLease(fileId: string, owner: string, untilMs: number): Promise<boolean>;
  /**
   * Lengthens a lease that its owner still holds. One that ran out and was taken over, or given back, is lost for good:
   * taken again by an invocation that was held up, it would let old state replace what others have written since.
   *
   * @returns false when it is lost.
   */
  renewLease(fileId: string, owner: string, untilMs: number): Promise<boolean>;
  /** Ends a lease early; no one else's. */
  releaseLease(fileId: string, owner: string): Promise<void>;
  /** Adds pending chunks that are not there yet; those that are stay as they are. */
  addChunks(chunks: readonly ChunkRecord[]): Promise<void>;
  findChunk(fileId: string, sequence: number): Promise<ChunkRecord | undefined>;
  /**
   * Turns a pending (or dead) chunk into this settled (or dead) one; one that is settled already, or is not in the
   * ledger (any more), stays as it is.
   */
  settleChunk(chunk: ChunkRecord): Promise<void>;
  /** Chunks after `sequence`, in order. */
  chunksAfter(fileId: string, sequence: number): AsyncIterable<ChunkRecord>;
}
