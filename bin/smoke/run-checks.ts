import { orAborted } from '#runtime/deadline.ts';
import { isGone } from '../system/target.ts';

/** What a check found: that all is well, or that it has nothing to look at. */
export interface Finding {
  readonly status: 'passed' | 'skipped';
  readonly detail: string;
}

/** One thing that must be so. */
export interface Check {
  readonly name: string;
  /** What to do when it is not. */
  readonly remedy: string;
  /** Longest that it may take, in milliseconds. */
  readonly withinMs: number;
  /** @throws {Error} that says what is not as it must be. */
  run(): Promise<Finding>;
}

export interface CheckResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Time that it took, in milliseconds. */
  readonly ms: number;
  readonly detail: string;
  /** Of a check that failed. */
  readonly remedy?: string;
}

/** What a check that found all well says. */
export const passed = (detail: string): Finding => ({ status: 'passed', detail });

/**
 * Runs checks one after the other; one that fails keeps none from running.
 *
 * @throws when nothing listens at all.
 */
export const runChecks = async (checks: readonly Check[]): Promise<readonly CheckResult[]> => {
  const results: CheckResult[] = [];
  for (const check of checks) results.push(await resultOf(check));
  return results;
};

const resultOf = async ({ name, remedy, withinMs, run }: Check): Promise<CheckResult> => {
  const started = performance.now();
  const took = (): number => Math.round(performance.now() - started);
  try {
    const finding = await orAborted(run(), AbortSignal.timeout(withinMs));
    return { name, ...finding, ms: took() };
  } catch (error) {
    if (isGone(error)) throw error;
    return { name, status: 'failed', ms: took(), detail: problemIn(error, withinMs), remedy };
  }
};

const problemIn = (error: unknown, withinMs: number): string => {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `not within ${withinMs / 1_000} s`;
  return error instanceof Error ? `${error.message}${causeOf(error)}` : 'it failed';
};

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? `: ${cause.message}` : '');
