import type { Originals } from '#domain/originals.ts';
import type { Sealing } from '#domain/sealed.ts';
import type { Deadline } from './clock.ts';
import type { Logger } from './telemetry.ts';

/** Seals what is personal in events, each person's under that person's key. */
export interface Sealer {
  /**
   * Seals the originals of events, in their order. Never throws and never waits beyond the deadline: what cannot be
   * sealed is dropped, counted, and said to be missing.
   */
  seal(originals: readonly Originals[], deadline: Deadline, logger: Logger): Promise<readonly Sealing[]>;
}
