import type { FileMessage } from '#domain/messages.ts';
import type { Chunk, ChunkQueue, FileMessages } from '#ports/chunk-queue.ts';

/** Keeps chunks until they are taken: for tests and the command line. */
export class MemoryChunkQueue implements ChunkQueue {
  #waiting: Chunk[] = [];
  readonly #delivered = new Set<string>();

  /** @returns no failures. As in a FIFO queue, a chunk sent again is not delivered again. */
  async send(chunks: readonly Chunk[]): Promise<ReadonlySet<number>> {
    for (const chunk of chunks) {
      const delivery = `${chunk.fileId}-${chunk.sequence}-${chunk.redrives}`;
      if (!this.#delivered.has(delivery)) this.#waiting.push(structuredClone(chunk));
      this.#delivered.add(delivery);
    }
    return new Set();
  }

  /** All chunks that wait, which do not wait any more. */
  take(): readonly Chunk[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}

/** Keeps messages until they are taken, whatever their delay. */
export class MemoryFileMessages implements FileMessages {
  #waiting: { readonly message: FileMessage; readonly delaySeconds: number }[] = [];

  async send(message: FileMessage, delaySeconds: number): Promise<void> {
    this.#waiting.push({ message, delaySeconds });
  }

  take(): readonly { readonly message: FileMessage; readonly delaySeconds: number }[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}
