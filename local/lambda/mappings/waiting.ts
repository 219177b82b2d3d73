/** Waits; ends early, without an error, when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });

/** Doubles a wait with every step, up to the longest. @param step - from 0. */
export const backoffMs = (step: number, firstMs: number, longestMs: number): number =>
  Math.min(firstMs * 2 ** Math.min(step, 30), longestMs);
