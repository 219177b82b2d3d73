import type { EventType } from '#domain/catalog/event-type.ts';
import type { EventChunk, FeedbackChunk, FileMessage } from '#domain/messages.ts';
import type { Deadline } from './clock.ts';

/** A chunk of either kind, as it travels. */
export type Chunk = EventChunk | FeedbackChunk;

/** Takes chunks to whoever decides events or records feedback. Repeats are delivered once for minutes, not for ever. */
export interface ChunkQueue {
  /**
   * Sends chunks; what the queue refuses is sent again, alone, a few times.
   *
   * @param ordering - `strict` keeps the chunks of a file in their order, so the first that fails fails all behind it.
   * @returns sequences of the chunks that the queue has not acknowledged. They may have been taken all the same.
   */
  send(chunks: readonly Chunk[], ordering: EventType['ordering'], deadline: Deadline): Promise<ReadonlySet<number>>;
}

/** Takes what ingestion says to itself. */
export interface FileMessages {
  /**
   * @param delaySeconds - 0 to 900.
   * @throws {ServiceError} `store_unavailable` when the queue does not take it.
   */
  send(message: FileMessage, delaySeconds: number, deadline: Deadline): Promise<void>;
}
