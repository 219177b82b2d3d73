import { ServiceError } from '#domain/errors.ts';
import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import type { Clock } from '#ports/clock.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { OpenFile, OpenFiles } from '#ports/open-files.ts';

interface Lease {
  readonly owner: string;
  readonly untilMs: number;
}

/** Keeps the ledger for as long as the process lives: for tests and the command line. */
export class MemoryFileLedger implements FileLedger, OpenFiles {
  readonly #clock: Clock;
  readonly #files = new Map<string, FileRecord>();
  readonly #leases = new Map<string, Lease>();
  readonly #chunks = new Map<string, Map<number, ChunkRecord>>();
  readonly #open = new Map<string, Pick<OpenFile, 'openedAtMs' | 'seen' | 'redrives'>>();
  readonly #closed = new Set<string>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  async find(fileId: string): Promise<FileRecord | undefined> {
    return this.#files.get(fileId);
  }

  async begin(record: FileRecord): Promise<FileRecord> {
    const known = this.#files.get(record.fileId);
    if (!known) this.#files.set(record.fileId, record);
    if (!this.#open.has(record.fileId)) this.#openNow(record.fileId);
    return known ?? record;
  }

  async reopen(fileId: string): Promise<void> {
    this.#closed.delete(fileId);
    this.#openNow(fileId);
  }

  async update(record: FileRecord, owner: string): Promise<void> {
    if (this.#leases.get(record.fileId)?.owner !== owner) {
      throw new ServiceError('conflict', 'the file is worked on by another invocation');
    }
    this.#files.set(record.fileId, record);
  }

  async takeLease(fileId: string, owner: string, untilMs: number): Promise<boolean> {
    const held = this.#leases.get(fileId);
    const free = !held || held.owner === owner || held.untilMs <= this.#clock.nowMs();
    if (!free || !this.#files.has(fileId)) return false;
    this.#leases.set(fileId, { owner, untilMs });
    return true;
  }

  async renewLease(fileId: string, owner: string, untilMs: number): Promise<boolean> {
    if (this.#leases.get(fileId)?.owner !== owner) return false;
    this.#leases.set(fileId, { owner, untilMs });
    return true;
  }

  async releaseLease(fileId: string, owner: string): Promise<void> {
    if (this.#leases.get(fileId)?.owner === owner) this.#leases.delete(fileId);
  }

  async addChunks(chunks: readonly ChunkRecord[]): Promise<void> {
    for (const chunk of chunks) {
      const known = this.#chunksOf(chunk.fileId);
      if (!known.has(chunk.sequence)) known.set(chunk.sequence, chunk);
    }
  }

  async findChunk(fileId: string, sequence: number): Promise<ChunkRecord | undefined> {
    return this.#chunksOf(fileId).get(sequence);
  }

  async settleChunk(chunk: ChunkRecord): Promise<void> {
    const chunks = this.#chunksOf(chunk.fileId);
    const known = chunks.get(chunk.sequence);
    if (known && known.status !== 'settled') chunks.set(chunk.sequence, chunk);
  }

  async *chunksAfter(fileId: string, sequence: number): AsyncIterable<ChunkRecord> {
    const later = [...this.#chunksOf(fileId).values()].filter((chunk) => chunk.sequence > sequence);
    yield* later.sort((left, right) => left.sequence - right.sequence);
  }

  async *list(): AsyncIterable<string> {
    yield* [...this.#open.keys()].filter((fileId) => !this.#closed.has(fileId));
  }

  async look(fileId: string): Promise<OpenFile | undefined> {
    const open = this.#open.get(fileId);
    if (!open || this.#closed.has(fileId)) return undefined;
    const leased = (this.#leases.get(fileId)?.untilMs ?? 0) > this.#clock.nowMs();
    return { fileId, ...open, record: this.#files.get(fileId), leased };
  }

  async noteProgress(fileId: string, progress: string): Promise<void> {
    this.#note(fileId, { seen: { progress, atMs: this.#clock.nowMs() } });
  }

  async noteRedrive(fileId: string): Promise<void> {
    const { seen, redrives = 0 } = this.#open.get(fileId) ?? {};
    this.#note(fileId, { seen: { progress: seen?.progress ?? '', atMs: this.#clock.nowMs() }, redrives: redrives + 1 });
  }

  async close({ fileId, openedAtMs }: Pick<OpenFile, 'fileId' | 'openedAtMs'>): Promise<void> {
    if (this.#open.get(fileId)?.openedAtMs === openedAtMs) this.#closed.add(fileId);
  }

  #openNow(fileId: string): void {
    this.#open.set(fileId, { redrives: 0, ...this.#open.get(fileId), openedAtMs: this.#clock.nowMs() });
  }

  #note(fileId: string, more: Partial<OpenFile>): void {
    const open = this.#open.get(fileId);
    if (open) this.#open.set(fileId, { ...open, ...more });
  }

  #chunksOf(fileId: string): Map<number, ChunkRecord> {
    const chunks = this.#chunks.get(fileId) ?? new Map<number, ChunkRecord>();
    this.#chunks.set(fileId, chunks);
    return chunks;
  }
}
