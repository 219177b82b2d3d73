import { pause } from './waiting.ts';

/**
 * Who goes first on one machine. On AWS what follows a stream runs beside the rest and slows nothing down; here both
 * share a few cores, and someone waits for the files and requests in the queues. So work on queues goes first, and work
 * on streams catches up when there is none, or has waited its turn.
 */
export interface Precedence {
  /** Work on a queue begins. @returns how to say that it is over. */
  begin(): () => void;
  /** Waits until queues have been quiet for a moment, or until it has waited long enough. */
  turn(signal: AbortSignal): Promise<void>;
}

export const createPrecedence = ({ quietMs = 500, patienceMs = 30_000 } = {}): Precedence => {
  let active = 0;
  let quietSince = Number.NEGATIVE_INFINITY;
  return {
    begin() {
      active += 1;
      return () => {
        active -= 1;
        quietSince = performance.now();
      };
    },
    async turn(signal) {
      const untilMs = performance.now() + patienceMs;
      while (!signal.aborted) {
        const nowMs = performance.now();
        if (nowMs >= untilMs || (active === 0 && nowMs - quietSince >= quietMs)) return;
        await pause(Math.max(1, Math.min(quietMs, untilMs - nowMs)), signal);
      }
    },
  };
};
