import { AsyncLocalStorage } from 'node:async_hooks';

import { Heap, type Timed } from './heap.ts';

/**
 * Whose code runs: an invocation of a function. Its environment may be frozen (what is due then waits until it is
 * thawed) or dead (what is due then never happens), and its clock may be wrong.
 */
export interface Owner {
  readonly host: Host;
}

/** An execution environment as time sees it. */
export interface Host {
  state: 'running' | 'frozen' | 'dead';
  /** Milliseconds that its clock is ahead. */
  readonly skewMs: number;
  /** What became due while it was frozen. */
  readonly parked: Task[];
}

/** Something that is to happen. */
export interface Task extends Timed {
  readonly owner: Owner | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

/** Whose code runs right now; undefined for the harness itself. */
const owners = new AsyncLocalStorage<Owner | undefined>();

/** The owner of the code that calls this. */
export const currentOwner = (): Owner | undefined => owners.getStore();

/** Runs code, and all that follows from it, for an owner. */
export const runFor = <Result>(owner: Owner | undefined, run: () => Result): Result => owners.run(owner, run);

const turn = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve));
const realSetImmediate = setImmediate;

/**
 * Time that passes only from one event to the next. Nothing waits, so hours of it take seconds, and the same seed
 * gives the same order of events.
 *
 * Between two events everything that needs no time (promises, streams in memory) runs to its end. Work of other
 * threads is not waited for: code under virtual time must not inflate or read files.
 */
export class VirtualTime {
  readonly #tasks = new Heap<Task>();
  #order = 0;
  #nowMs: number;

  /** @param startMs - milliseconds since 1970. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The clock of whoever asks. */
  clockMs(): number {
    return this.#nowMs + (currentOwner()?.host.skewMs ?? 0);
  }

  /** Makes something happen later, in the name of its owner. */
  after(delayMs: number, run: () => void, owner: Owner | undefined = undefined): Task {
    const atMs = this.#nowMs + Math.max(0, Number.isFinite(delayMs) ? delayMs : 0);
    const task: Task = { atMs, order: this.#order++, owner, run, cancelled: false };
    this.#tasks.push(task);
    return task;
  }

  /** A promise that the harness may wait for. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Lets a frozen environment go on: what became due meanwhile is due now, in its order. */
  thaw(host: Host): void {
    host.state = 'running';
    for (const { run, owner, cancelled } of host.parked.splice(0)) if (!cancelled) this.after(0, run, owner);
  }

  /**
   * Lets time pass until something holds.
   *
   * @param untilMs - at most until then.
   * @param blocked - real work that time has to wait for, such as loading a module; undefined when there is none.
   * @returns whether it held; false when nothing is left to happen, or the time is up.
   */
  async run(done: () => boolean, untilMs: number, blocked: () => Promise<unknown> | undefined): Promise<boolean> {
    for (;;) {
      await turn();
      for (let work = blocked(); work; work = blocked()) {
        await work;
        await turn();
      }
      if (done()) return true;
      const task = this.#next();
      if (!task || task.atMs > untilMs) {
        if (task) this.#tasks.push(task);
        return false;
      }
      this.#nowMs = Math.max(this.#nowMs, task.atMs);
      runFor(task.owner, task.run);
    }
  }

  /** The next task that may run. */
  #next(): Task | undefined {
    for (let task = this.#tasks.pop(); task; task = this.#tasks.pop()) {
      if (task.cancelled) continue;
      const state = task.owner?.host.state;
      if (state === 'dead') continue;
      if (state !== 'frozen') return task;
      task.owner!.host.parked.push(task);
    }
    return undefined;
  }
}
