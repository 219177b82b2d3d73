import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

import type { Order, Report } from './child.ts';
import type { Group, GroupResult, Scale } from './group.ts';

/** A group as the table shows it. */
export interface Row extends GroupResult {
  readonly name: string;
  readonly planned: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly scale: Scale;
  readonly seed: number;
  /** Processes side by side. */
  readonly workers: number;
  /** Told how far each group is, from 0 to 1. */
  readonly onProgress?: (name: string, done: number) => void;
  /** Told of each group when it is through. */
  readonly onRow?: (row: Row) => void;
  /** More variables for the processes' environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Groups in the order in which they are best begun: the long ones first, so that the last ones are short. */
const LONG_FIRST = ['embedded-cloud', 'killed-cloud', 'load', 'seeds', 'memory', 'bombs', 'kills', 'late-promises'];

const rankOf = ({ name }: Group): number => {
  const at = LONG_FIRST.indexOf(name);
  return at < 0 ? LONG_FIRST.length : at;
};

/** Runs groups, in a few processes side by side. @returns their rows, in the order of the groups. */
export const runGroups = async (groups: readonly Group[], options: RunOptions): Promise<readonly Row[]> => {
  const rows = new Map<string, Row>();
  const waiting = [...groups].sort((left, right) => rankOf(left) - rankOf(right));
  const work = async (): Promise<void> => {
    const child = new Child(options.environment);
    try {
      for (let group = waiting.shift(); group; group = waiting.shift()) {
        const row = await runGroup(group, child, options);
        rows.set(group.name, row);
        options.onRow?.(row);
      }
    } finally {
      child.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.workers, groups.length) }, work));
  return groups.map(({ name }) => rows.get(name)!);
};

const runGroup = async (group: Group, child: Child, { scale, seed, onProgress }: RunOptions): Promise<Row> => {
  const startedAt = performance.now();
  const tellProgress = (done: number): void => onProgress?.(group.name, done);
  const result = await child
    .run(group, { name: group.name, scale, seed }, tellProgress)
    .catch((error: Error): GroupResult => ({ counts: {}, seeds: [seed], verdict: 'failed', detail: error.message }));
  const planned = (scale === 'nightly' ? group.nightly : undefined) ?? group.quick;
  return { name: group.name, planned, ...result, seconds: (performance.now() - startedAt) / 1_000 };
};

/** A process that runs groups: one for as many as it can serve, since its code is warm, and one alone for each that is bounded in memory. */
class Child {
  readonly #environment: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #heapMb: number | undefined;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
  }

  /** @throws when the group cannot be run; what it does not prove is in its result. */
  run({ heapMb }: Group, order: Order, onProgress: (done: number) => void): Promise<GroupResult> {
    if (heapMb !== undefined || this.#heapMb !== undefined) this.end();
    this.#heapMb = heapMb;
    this.#process ??= this.#start(heapMb);
    const child = this.#process;
    let said = '';
    return new Promise<GroupResult>((resolve, reject) => {
      child.stderr?.on('data', (text: Buffer) => {
        said = (said + text.toString('utf8')).slice(-2_000);
      });
      child.on('message', (report: Report) => {
        if (report.kind === 'progress') onProgress(report.done);
        else if (report.kind === 'result') resolve(report.result);
        else reject(new Error(`the group itself failed: ${report.message}`));
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        this.end();
        reject(new Error(`the process ended with ${signal ?? code}: ${said}`));
      });
      child.send(order);
    }).finally(() => {
      for (const source of [child, child.stderr]) source?.removeAllListeners();
    });
  }

  end(): void {
    this.#process?.kill();
    this.#process = undefined;
  }

  #start(heapMb: number | undefined): ChildProcess {
    return fork(join(import.meta.dirname, 'child.ts'), {
      // Most of what is made lives shortly: a larger nursery saves a tenth of the time.
      execArgv: heapMb === undefined ? ['--max-semi-space-size=64'] : [`--max-old-space-size=${heapMb}`],
      env: { ...process.env, ...this.#environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
  }
}
