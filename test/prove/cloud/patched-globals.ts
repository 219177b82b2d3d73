import { syncBuiltinESMExports } from 'node:module';
import timersModule from 'node:timers';
import timersPromises from 'node:timers/promises';

import type { Random } from './random.ts';
import { currentOwner, type Task, type VirtualTime } from './virtual-time.ts';

const real = {
  Date: globalThis.Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  random: Math.random,
  now: performance.now,
  signalTimeout: AbortSignal.timeout,
  sleep: timersPromises.setTimeout,
};

/** What `setTimeout` gives back: timers can be kept from holding the process, which has no meaning here. */
class VirtualTimer {
  task: Task | undefined;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    stop(this);
  }
}

const stop = (timer: unknown): void => {
  if (timer instanceof VirtualTimer && timer.task) timer.task.cancelled = true;
};

/** A `Date` whose present is virtual. */
const dateOf = (time: VirtualTime): DateConstructor =>
  class VirtualDate extends real.Date {
    constructor(...given: readonly unknown[]) {
      if (given.length === 0) super(time.clockMs());
      else super(...(given as [number]));
    }

    static override now(): number {
      return Math.floor(time.clockMs());
    }
  } as DateConstructor;

const timersOf = (time: VirtualTime) => {
  const once = (run: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    timer.task = time.after(Math.max(1, delayMs), () => run(...given), currentOwner());
    return timer;
  };
  const again = (run: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    const next = (): void => {
      timer.task = time.after(
        Math.max(1, delayMs),
        () => {
          next();
          run(...given);
        },
        currentOwner(),
      );
    };
    next();
    return timer;
  };
  const soon = (run: (...given: unknown[]) => void, ...given: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    timer.task = time.after(0, () => run(...given), currentOwner());
    return timer;
  };
  return { once, again, soon };
};

const sleepOf =
  (time: VirtualTime) =>
  <Value>(delayMs = 0, value?: Value, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Value> =>
    new Promise((resolve, reject) => {
      const aborted = (): void => {
        task.cancelled = true;
        reject(new DOMException('The operation was aborted', 'AbortError'));
      };
      const task = time.after(
        Math.max(1, delayMs),
        () => {
          signal?.removeEventListener('abort', aborted);
          resolve(value as Value);
        },
        currentOwner(),
      );
      if (signal?.aborted) aborted();
      else signal?.addEventListener('abort', aborted, { once: true });
    });

const signalTimeoutOf =
  (time: VirtualTime) =>
  (delayMs: number): AbortSignal => {
    const controller = new AbortController();
    const abort = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    time.after(delayMs, abort, currentOwner());
    return controller.signal;
  };

/**
 * Puts all that tells or takes time, and chance itself, under the harness, for this whole process.
 *
 * @returns what undoes it.
 */
export const patchGlobals = (time: VirtualTime, random: Random): (() => void) => {
  const { once, again, soon } = timersOf(time);
  const timers = {
    setTimeout: once,
    clearTimeout: stop,
    setInterval: again,
    clearInterval: stop,
    setImmediate: soon,
  };
  Object.assign(globalThis, timers, { Date: dateOf(time) });
  // Modules import them by name, too.
  Object.assign(timersModule, timers);
  Math.random = () => random.next();
  performance.now = () => time.nowMs;
  AbortSignal.timeout = signalTimeoutOf(time);
  timersPromises.setTimeout = sleepOf(time) as typeof timersPromises.setTimeout;
  syncBuiltinESMExports();
  return () => {
    const { random: realRandom, now, signalTimeout, sleep, Date: RealDate, ...realTimers } = real;
    Object.assign(globalThis, realTimers, { Date: RealDate });
    Object.assign(timersModule, realTimers);
    Math.random = realRandom;
    performance.now = now;
    AbortSignal.timeout = signalTimeout;
    timersPromises.setTimeout = sleep;
    syncBuiltinESMExports();
  };
};
