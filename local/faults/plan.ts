import type { Faults } from './fault.ts';
import type { AskedFault } from './notation.ts';

/** How often a fault that was asked for has struck. */
export interface Struck {
  readonly fault: string;
  readonly times: number;
}

/** Faults on their way. */
export interface FaultRun {
  /** How often each has struck so far, in the order in which they were asked for. */
  struck(): readonly Struck[];
  /** Ends them all. Safe to repeat. */
  end(): void;
}

/** Soon enough for somebody who watches, late enough that ten deliveries outlast what passes by itself. */
const LEAST_REDELIVERY_SECONDS = 5;
/** Of a message's ten deliveries, an outage may take this many at most. */
const DELIVERIES_WITHIN_OUTAGE = 4;

/** Begins each fault in its time, and has messages that failed delivered again soon instead of after minutes. */
export const beginFaults = (faults: Faults, asked: readonly AskedFault[]): FaultRun => {
  const timers: NodeJS.Timeout[] = [];
  const ends: (() => void)[] = [];
  const later = (ms: number, act: () => void): void => {
    timers.push(setTimeout(act, ms).unref());
  };
  const times = asked.map(() => 0);
  for (const [index, { fault, beginMs, lastsMs }] of asked.entries()) {
    const begin = (): void => {
      const end = faults.begin({ ...fault, onStrike: () => (times[index]! += 1) });
      ends.push(end);
      if (lastsMs !== undefined) later(lastsMs, end);
    };
    if (beginMs === 0) begin();
    else later(beginMs, begin);
  }
  if (asked.length > 0) faults.redeliverAfter(redeliverySecondsOf(asked));
  return {
    struck: () => asked.map(({ text }, index) => ({ fault: text, times: times[index]! })),
    end() {
      for (const timer of timers) clearTimeout(timer);
      for (const end of ends) end();
      faults.redeliverAfter(undefined);
    },
  };
};

const redeliverySecondsOf = (asked: readonly AskedFault[]): number => {
  const longestMs = Math.max(0, ...asked.map(({ lastsMs = 0 }) => lastsMs));
  return Math.max(LEAST_REDELIVERY_SECONDS, Math.ceil(longestMs / 1000 / DELIVERIES_WITHIN_OUTAGE));
};
