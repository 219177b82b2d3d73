/** When a breaker opens and how long it stays so. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Milliseconds until one call may try again. */
  readonly restMs: number;
}

/** An endpoint that failed so often in a row will most likely fail again; each call to it would cost its timeout. */
export const BREAKER_POLICY: BreakerPolicy = { failures: 5, restMs: 5_000 };

/**
 * Keeps calls away from what has just failed several times in a row. One probe at a time goes through after the rest;
 * its success closes the breaker, its failure starts another rest.
 *
 * Lives in one environment and counts in memory. Opening costs an answer of one member, nothing more: the embedded
 * members decide meanwhile.
 */
export class Breaker {
  readonly #policy: BreakerPolicy;
  #failures = 0;
  #openUntilMs: number | undefined;
  #probing = false;

  constructor(policy: BreakerPolicy = BREAKER_POLICY) {
    this.#policy = policy;
  }

  /** Whether a call may be made now. A call that was let through must be followed by {@link report} or {@link cancel}. */
  admits(nowMs: number): boolean {
    if (this.#openUntilMs === undefined) return true;
    if (nowMs < this.#openUntilMs || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  /** Takes the result of a call. @returns true when it opened the breaker. */
  report(succeeded: boolean, nowMs: number): boolean {
    this.#probing = false;
    if (succeeded) {
      this.#failures = 0;
      this.#openUntilMs = undefined;
      return false;
    }
    this.#failures += 1;
    if (this.#failures < this.#policy.failures) return false;
    const wasClosed = this.#openUntilMs === undefined;
    this.#openUntilMs = nowMs + this.#policy.restMs;
    return wasClosed;
  }

  /** Takes note that a call was let through and says nothing about the endpoint, such as one that had no time. */
  cancel(): void {
    this.#probing = false;
  }
}
