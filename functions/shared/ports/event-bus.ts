import type { FittedEvent } from '#domain/published/fitting.ts';
import type { Deadline } from './clock.ts';

/** Takes events to whoever listens. */
export interface EventBus {
  /**
   * Sends events; what is refused is sent again, alone, while the deadline lasts.
   *
   * @returns positions of the events that were not taken in the end, or of which that is unknown. A bus that cannot be
   * reached has taken none.
   */
  send(events: readonly FittedEvent[], deadline: Deadline): Promise<ReadonlySet<number>>;
}

/** An item that nothing can be made of, and why. */
export interface UnreadableItem {
  readonly pk: string;
  readonly sk: string;
  readonly problem: string;
}

/** Keeps what could not be published, until a person has mended the cause and sends it again. */
export interface GivenUp {
  /** @throws {ServiceError} `store_unavailable`. */
  add(item: UnreadableItem, deadline: Deadline): Promise<void>;
}
