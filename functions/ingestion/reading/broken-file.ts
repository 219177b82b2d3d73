import type { ReadReason } from '#domain/row-problem.ts';

/** The file cannot be read on from here. What was read before stands. */
export class BrokenFileError extends Error {
  override readonly name = 'BrokenFileError';
  readonly reason: ReadReason;

  /** @param problem - what is wrong and what to do, fit to be shown. */
  constructor(reason: ReadReason, problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.reason = reason;
  }
}
