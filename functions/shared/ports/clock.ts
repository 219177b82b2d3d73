/** Tells the time, so that use cases stay the same in tests, in replay and in production. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

/**
 * How long an answer may still take. Travels with the request into every call.
 *
 * `signal` aborts when the time is up; pass it to everything that can wait. {@link within} gives a shorter one.
 */
export interface Deadline {
  /** Milliseconds left, never negative. Measured on a clock that does not jump. */
  remainingMs(): number;
  readonly signal: AbortSignal;
  /** The same deadline, or one `ms` from now if that is sooner. */
  within(ms: number): Deadline;
}
