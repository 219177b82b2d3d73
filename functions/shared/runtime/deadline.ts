import type { Clock, Deadline } from '#ports/clock.ts';

/** The time of this machine. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/**
 * A deadline that many milliseconds from now.
 *
 * @param ms - 0 or less is a deadline that has passed.
 * @param parent - aborts the deadline early, such as Lambda's own time running out.
 */
export const deadlineIn = (ms: number, parent?: AbortSignal): Deadline => {
  const endsAt = performance.now() + ms;
  const remainingMs = (): number => Math.max(0, endsAt - performance.now());
  const timer =
    ms > 0 ? AbortSignal.timeout(Math.floor(Math.min(ms, LONGEST_TIMER_MS))) : AbortSignal.abort(outOfTime());
  const signal = parent ? AbortSignal.any([parent, timer]) : timer;
  return {
    remainingMs: () => (signal.aborted ? 0 : remainingMs()),
    signal,
    within: (shorterMs) => deadlineIn(Math.min(shorterMs, remainingMs()), signal),
  };
};

/** Node cannot set a longer timer: it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const outOfTime = (): DOMException => new DOMException('the time is up', 'TimeoutError');

/**
 * Waits for work no longer than the signal allows. The work goes on behind; its late result is dropped, its late
 * failure is not unhandled.
 *
 * @throws the signal's reason when it aborts first.
 */
export const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
};
