/** Long polls that wait for a queue to have something for them. Nobody looks in between. */
export interface Waiting {
  /** Tells those who wait at a queue that something may have changed. */
  ring(queueName: string): void;
  /** Rings at a time to come, if someone waits by now; of several such times a queue keeps the earliest. */
  ringAt(queueName: string, inMs: number): void;
  /** Returns when the queue's bell rings, the time has come or the caller has gone away, whichever is first. */
  untilRung(queueName: string, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Wakes everyone for good: nobody waits from here on. */
  close(): void;
  readonly closed: boolean;
}

interface Bell {
  readonly waiting: Set<() => void>;
  alarm?: { readonly atMs: number; readonly timer: NodeJS.Timeout };
}

export const createWaiting = (): Waiting => {
  const bells = new Map<string, Bell>();
  let closed = false;

  const bellOf = (queueName: string): Bell => {
    const bell = bells.get(queueName) ?? { waiting: new Set() };
    bells.set(queueName, bell);
    return bell;
  };

  const ring = (queueName: string): void => {
    const bell = bellOf(queueName);
    clearTimeout(bell.alarm?.timer);
    delete bell.alarm;
    for (const wake of [...bell.waiting]) wake();
  };

  return {
    ring,
    ringAt(queueName, inMs) {
      const bell = bellOf(queueName);
      const atMs = performance.now() + inMs;
      if (closed || bell.waiting.size === 0 || (bell.alarm && bell.alarm.atMs <= atMs)) return;
      clearTimeout(bell.alarm?.timer);
      bell.alarm = { atMs, timer: setTimeout(() => ring(queueName), Math.max(1, inMs)) };
      bell.alarm.timer.unref();
    },
    untilRung: (queueName, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (closed || signal?.aborted) {
          resolve();
          return;
        }
        const { waiting } = bellOf(queueName);
        const wake = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.max(1, timeoutMs));
        signal?.addEventListener('abort', wake, { once: true });
        waiting.add(wake);
      }),
    close() {
      closed = true;
      for (const queueName of bells.keys()) ring(queueName);
    },
    get closed() {
      return closed;
    },
  };
};
