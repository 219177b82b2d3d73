import { pathToFileURL } from 'node:url';
import type { FunctionEntry } from '../../../lib/bundle.ts';
import type { Random } from './random.ts';
import { type Host, type Owner, runFor, type Task, type VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';
import type { FunctionWiring } from './wiring.ts';

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

/** An execution environment: one instance of a function's modules, which handles one event at a time. */
export interface Environment extends Host {
  readonly entry: FunctionEntry;
  readonly handler: Handler;
}

/** One event that a function handles. */
export interface Invocation extends Owner {
  readonly requestId: string;
  readonly entry: FunctionEntry;
  readonly deadlineMs: number;
  host: Environment;
  /** Calls of services so far. */
  calls: number;
  /** Where it is killed, if it gets so far. */
  dies?: { readonly atCall: number; readonly side: 'before' | 'behind' };
  ended: boolean;
  /** Whether it told its event source that everything is done. */
  reportedDone: boolean;
}

/** How an invocation ended. */
export type Outcome =
  | { readonly kind: 'answered'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Out of time, or its environment was killed. */
  | { readonly kind: 'killed' };

export interface FleetOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  readonly functions: readonly FunctionWiring[];
  /** Folder that holds `functions/`. */
  readonly root: string;
}

/** What loading a function takes at its first event. */
const COLD_START_MS = 250;
/** Calls among which a doomed invocation's last one is drawn. */
const MOST_CALLS_OF_DOOMED = 14;

/** Where an invocation is to be killed; asked once for each. */
export type Doom = (entry: FunctionEntry) => Invocation['dies'];

let environments = 0;

/**
 * Lambda: environments that are reused, frozen between events, killed at their deadline or in the middle of things.
 *
 * Each environment has its own instance of its function's `index.ts`, so breakers, budgets and catalogs live as long
 * as it does.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #functions: ReadonlyMap<string, FunctionWiring>;
  readonly #idle = new Map<string, Environment[]>();
  readonly #timeouts = new WeakMap<Invocation, Task>();
  readonly #ends = new WeakMap<Invocation, (outcome: Outcome) => void>();
  #loading: Promise<unknown> | undefined;
  #requests = 0;
  /** Decides who is killed where; drawn from the weather unless a group says otherwise. */
  doom: Doom;
  /** Invocations that are going on. */
  active = 0;
  /** Environments that were made, and that were killed in the middle of things. */
  readonly counts = { environments: 0, invocations: 0, killed: 0, timedOut: 0, failed: 0 };

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#functions = new Map(options.functions.map((wiring) => [wiring.entry, wiring]));
    this.doom = () => this.#drawnDoom();
  }

  /** Loading that time must wait for. */
  loading(): Promise<unknown> | undefined {
    return this.#loading;
  }

  /** Hands an event to a function. @param onEnd - told once how it ended. */
  invoke(entry: FunctionEntry, event: unknown, onEnd: (outcome: Outcome, invocation: Invocation) => void): void {
    this.active += 1;
    this.counts.invocations += 1;
    const start = (host: Environment): void => {
      const invocation = this.#invocationOf(host);
      this.#ends.set(invocation, (outcome) => onEnd(outcome, invocation));
      this.#start(invocation, event);
    };
    const idle = this.#idle.get(entry)?.pop();
    if (idle) {
      this.#options.time.thaw(idle);
      start(idle);
      return;
    }
    const previous = this.#loading;
    const loading = (async () => {
      await previous;
      const host = await this.#load(entry);
      this.#options.time.after(COLD_START_MS, () => start(host));
    })();
    this.#loading = loading;
    void loading.finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
  }

  /** Ends an environment in the middle of things. */
  kill(invocation: Invocation): void {
    this.counts.killed += 1;
    this.#destroy(invocation);
  }

  /** Lets every idle environment go, as a deployment does. */
  recycle(): void {
    for (const host of [...this.#idle.values()].flat()) this.#bury(host);
    this.#idle.clear();
  }

  #invocationOf(host: Environment): Invocation {
    const { timeoutMs } = this.#wiringOf(host.entry);
    const dies = this.doom(host.entry);
    return {
      host,
      entry: host.entry,
      requestId: `request-${++this.#requests}`,
      deadlineMs: this.#options.time.nowMs + timeoutMs,
      calls: 0,
      ...(dies && { dies }),
      ended: false,
      reportedDone: false,
    };
  }

  #start(invocation: Invocation, event: unknown): void {
    const { time } = this.#options;
    const { host, requestId, deadlineMs } = invocation;
    const { timeoutMs, environment, memoryMb } = this.#wiringOf(invocation.entry);
    const context = {
      awsRequestId: requestId,
      functionName: environment.POWERTOOLS_SERVICE_NAME,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-west-1:111111111111:function:${environment.POWERTOOLS_SERVICE_NAME}`,
      memoryLimitInMB: String(memoryMb),
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - time.nowMs),
    };
    const outOfTime = (): void => {
      this.counts.timedOut += 1;
      this.#destroy(invocation);
    };
    this.#timeouts.set(invocation, time.after(timeoutMs, outOfTime));
    const handled = runFor(invocation, async () => host.handler(event, context));
    handled.then(
      (result) => this.#end(invocation, { kind: 'answered', result }),
      (error) => this.#end(invocation, { kind: 'failed', error }),
    );
  }

  #end(invocation: Invocation, outcome: Outcome): void {
    if (invocation.ended) return;
    const { host } = invocation;
    if (outcome.kind === 'failed') this.counts.failed += 1;
    if (this.#options.random.chance(this.#options.weather.lambda.reap)) this.#bury(host);
    else {
      host.state = 'frozen';
      const idle = this.#idle.get(host.entry) ?? [];
      this.#idle.set(host.entry, idle);
      idle.push(host);
    }
    this.#tell(invocation, outcome);
  }

  #destroy(invocation: Invocation): void {
    if (invocation.ended) return;
    this.#bury(invocation.host);
    this.#tell(invocation, { kind: 'killed' });
  }

  #bury(host: Environment): void {
    host.state = 'dead';
    host.parked.length = 0;
  }

  #tell(invocation: Invocation, outcome: Outcome): void {
    invocation.ended = true;
    this.active -= 1;
    const timeout = this.#timeouts.get(invocation);
    if (timeout) timeout.cancelled = true;
    this.#ends.get(invocation)?.(outcome);
  }

  #wiringOf(entry: FunctionEntry): FunctionWiring {
    const wiring = this.#functions.get(entry);
    if (!wiring) throw new Error(`the templates have no function '${entry}'`);
    return wiring;
  }

  #drawnDoom(): Invocation['dies'] {
    const { random, weather } = this.#options;
    if (!random.chance(weather.lambda.kill)) return undefined;
    return { atCall: random.between(1, MOST_CALLS_OF_DOOMED), side: random.chance(0.5) ? 'before' : 'behind' };
  }

  /** Loads a fresh instance of a function's `index.ts`, with nothing in its environment but what is its own. */
  async #load(entry: FunctionEntry): Promise<Environment> {
    const { root, random, weather } = this.#options;
    this.counts.environments += 1;
    const own = this.#wiringOf(entry).environment;
    const url = `${pathToFileURL(`${root}/functions/${entry}/index.ts`)}?environment=${++environments}`;
    const skewMs = Math.round((random.next() * 2 - 1) * weather.lambda.skewMs);
    Object.assign(process.env, own);
    try {
      const { handler } = (await import(url)) as { handler: Handler };
      return { entry, handler, state: 'running', skewMs, parked: [] };
    } finally {
      for (const name of Object.keys(own)) delete process.env[name];
    }
  }
}
