import type { Sealed } from '#domain/sealed.ts';
import type { Deadline } from './clock.ts';

/** Reads what was sealed with an event. */
export interface SealedStore {
  /**
   * @returns the boxes of an event, none where nothing was sealed with it; undefined when the event is not on record.
   * @throws {ServiceError} `store_unavailable`.
   */
  sealedOf(eventType: string, eventId: string, deadline: Deadline): Promise<Sealed | undefined>;
}
