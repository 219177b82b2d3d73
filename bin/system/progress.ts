import { SingleBar } from 'cli-progress';
import pc from 'picocolors';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Says what is going on, on the error stream: bars on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #quiet: boolean;

  constructor({ quiet = false }: { readonly quiet?: boolean } = {}) {
    this.#quiet = quiet;
  }

  /** Runs a step and says how long it took. */
  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    if (process.stderr.isTTY && !this.#quiet) process.stderr.write(`  ${what} …`);
    try {
      const result = await work();
      this.#line(pc.green('✓'), `${what} ${pc.dim(`(${seconds(performance.now() - started)})`)}`);
      return result;
    } catch (error) {
      this.#line(pc.red('✗'), what);
      throw error;
    }
  }

  /** One line, where a person may look for it. */
  note(text: string): void {
    this.#line(' ', text);
  }

  /** A count on its way to a total that may still grow. */
  counter(what: string): { update(done: number, total: number): void; stop(): void } {
    if (this.#quiet) return { update: () => {}, stop: () => {} };
    if (!process.stderr.isTTY) return this.#lines(what);
    const bar = new SingleBar({
      format: `  ${what} {bar} {percentage} %  {value} of {total}`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    });
    let started = false;
    return {
      update: (done, total) => {
        if (total === 0) return;
        if (!started) bar.start(total, done);
        started = true;
        bar.setTotal(total);
        bar.update(done);
      },
      stop: () => bar.stop(),
    };
  }

  #lines(what: string) {
    let said = 0;
    return {
      update: (done: number, total: number) => {
        if (total === 0 || performance.now() - said < 5_000) return;
        said = performance.now();
        this.note(`${what}: ${done} of ${total}`);
      },
      stop: () => {},
    };
  }

  #line(mark: string, text: string): void {
    if (this.#quiet) return;
    // On a terminal the line replaces the announcement of its step.
    const start = process.stderr.isTTY ? '\r\x1b[2K' : '';
    process.stderr.write(`${start}${mark} ${text}\n`);
  }
}
