import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Credentials, Host } from '../resources.ts';
import type { FunctionDefinition } from './definition.ts';
import { answerTooLarge, exited, type Failure, outOfMemory, timedOut } from './failures.ts';
import type { Fate, Fates, Grip } from './fates.ts';
import { invocationLog } from './invocation-log.ts';
import { type LogFile, wholeLines } from './logs.ts';
import { residentKb } from './memory.ts';
import { processEnvironment } from './process-environment.ts';
import { type Invocation, LARGEST_ANSWER_BYTES, type RuntimeApi } from './runtime-api.ts';

/** How a function answered. */
export interface Outcome {
  /** JSON. With a `functionError` it describes the error. */
  readonly payload: string;
  readonly functionError?: 'Unhandled';
}

/** One invocation on its way to an environment. */
export interface Work {
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string;
  readonly clientContext: string | undefined;
  settle(outcome: Outcome): void;
}

/** One process of a function, which works on one invocation at a time. */
export interface Environment {
  readonly definition: FunctionDefinition;
  readonly state: 'starting' | 'idle' | 'busy' | 'gone';
  /** When it last became idle, in milliseconds since 1970. */
  readonly idleSinceMs: number;
  /** Hands it an invocation; it must be idle. */
  assign(work: Work): void;
  /** Kills the process with all that it started, and waits until it is gone. */
  stop(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly definition: FunctionDefinition;
  readonly host: Pick<Host, 'region' | 'endpoint' | 'withLocalUrls'>;
  readonly credentials: Credentials;
  /** The function's unpacked code. */
  readonly taskRoot: string;
  /** Where it may keep temporary files; a folder of its own is made there, and deleted with it. */
  readonly temporaryRoot: string;
  /** Where compiled code is kept for later environments of the same function. */
  readonly compileCache: string;
  readonly runtimeApi: RuntimeApi;
  /** What may befall it in the middle of an invocation. */
  readonly fates: Fates;
  /** Absent when the function's role may not write logs. */
  readonly log: LogFile | undefined;
  onIdle(environment: Environment): void;
  /** The process has ended. @param describe - why, for an invocation that waited for this start. */
  onGone(environment: Environment, describe: (requestId: string) => string): void;
}

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));
/** Starting takes at most this long, or as long as an invocation may: a busy machine starts processes slowly. */
const LEAST_INIT_SECONDS = 10;
const MEMORY_CHECK_MS = 200;

/** Starts a process for a function; it tells when it is ready. */
export const startEnvironment = (options: EnvironmentOptions): Environment => {
  const { definition, onIdle, onGone } = options;
  const id = randomBytes(16).toString('hex');
  const temporaryFolder = join(options.temporaryRoot, id);
  mkdirSync(temporaryFolder, { recursive: true });
  const log = invocationLog(options.log, definition);

  let state: Environment['state'] = 'starting';
  let idleSinceMs = 0;
  let give: ((invocation: Invocation) => void) | undefined;
  let current: { work: Work; startedMs: number; fate: Fate; answer?: Outcome } | undefined;
  let initFailure: string | undefined;
  let killedFor: ((requestId: string) => Failure) | undefined;
  let limit: NodeJS.Timeout | undefined;
  let watch: NodeJS.Timeout | undefined;
  let peakKb = 0;

  const path = options.runtimeApi.register({
    next(nextGive) {
      clearTimeout(limit);
      clearInterval(watch);
      if (state === 'starting') log.started();
      give = nextGive;
      // What it has written before is in its pipes by now, and read in this round: the log keeps the order.
      setImmediate(beIdle);
    },
    response(requestId, payload, memoryKb) {
      peakKb = Math.max(peakKb, memoryKb);
      if (current?.work.requestId !== requestId || current.fate.answered()) return;
      current.answer = payload === undefined ? unhandled(answerTooLarge(LARGEST_ANSWER_BYTES)) : { payload };
    },
    error(requestId, payload, memoryKb) {
      peakKb = Math.max(peakKb, memoryKb);
      if (current?.work.requestId !== requestId || current.fate.answered()) return;
      current.answer = { payload, functionError: 'Unhandled' };
    },
    initError(payload) {
      initFailure = payload;
    },
  });

  const beIdle = (): void => {
    if (state === 'gone') return;
    if (current) finish(current.answer ?? unhandled(exited(current.work.requestId, 0, null)));
    state = 'idle';
    idleSinceMs = Date.now();
    onIdle(environment);
  };

  const finish = (outcome: Outcome): void => {
    if (!current) return;
    const { work, startedMs, fate } = current;
    current = undefined;
    fate.over();
    log.finished(work.requestId, performance.now() - startedMs, peakKb / 1024);
    work.settle(outcome);
  };

  const child = spawn(
    process.execPath,
    [...heapOptions(definition), BOOTSTRAP, join(options.compileCache, options.definition.code.key)],
    {
      cwd: options.taskRoot,
      env: processEnvironment(definition, {
        ...options,
        temporaryFolder,
        runtimeApi: path.address,
        logStream: `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[${definition.version}]${id}`,
      }),
      stdio: ['pipe', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C in the terminal is for the cloud alone, and killing takes its children along.
      detached: true,
    },
  );
  const ended = new Promise<void>((resolve) => {
    let over = false;
    const end = (code: number | null, signal: string | null): void => {
      if (over) return;
      over = true;
      clearTimeout(limit);
      clearInterval(watch);
      state = 'gone';
      path.close();
      const reason = (requestId: string): Failure => killedFor?.(requestId) ?? exited(requestId, code, signal);
      // What the function itself has said of its failure tells more than that its process ended.
      const said = current?.answer?.functionError && !killedFor ? current.answer : undefined;
      if (current) finish(said ?? unhandled(reason(current.work.requestId)));
      onGone(environment, (requestId) => initFailure ?? JSON.stringify(reason(requestId)));
      void rm(temporaryFolder, { recursive: true, force: true }).then(resolve, resolve);
    };
    child.once('exit', end);
    child.once('error', () => end(null, null));
  });
  child.stdin.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) {
    const lines = wholeLines(log.write);
    stream
      .setEncoding('utf8')
      .on('data', lines.add)
      .on('error', () => {})
      .once('close', lines.end);
  }

  const kill = (why: (requestId: string) => Failure): void => {
    if (state === 'gone' || child.pid === undefined) return;
    killedFor ??= why;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  };

  const signal = (name: NodeJS.Signals): void => {
    try {
      if (state !== 'gone' && child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has gone just now.
    }
  };
  const grip: Grip = {
    kill: () => kill((requestId) => exited(requestId, null, 'SIGKILL')),
    hold: () => signal('SIGSTOP'),
    letGo: () => signal('SIGCONT'),
  };

  const limitTo = (seconds: number): void => {
    limit = setTimeout(() => {
      if (current) log.timedOut(current.work.requestId, seconds);
      kill((requestId) => timedOut(requestId, seconds));
    }, seconds * 1000);
    watch = setInterval(() => {
      const heldKb = (child.pid && residentKb(child.pid)) || 0;
      peakKb = Math.max(peakKb, heldKb);
      if (heldKb > definition.memoryMb * 1024) kill(outOfMemory);
    }, MEMORY_CHECK_MS);
  };
  limitTo(Math.max(LEAST_INIT_SECONDS, definition.timeoutSeconds));

  const environment: Environment = {
    definition,
    get state() {
      return state;
    },
    get idleSinceMs() {
      return idleSinceMs;
    },
    assign(work) {
      if (state !== 'idle' || !give) throw new Error(`an environment of ${definition.name} was not idle`);
      state = 'busy';
      current = { work, startedMs: performance.now(), fate: options.fates.of(definition.arn, grip) };
      log.begun(work.requestId);
      limitTo(definition.timeoutSeconds);
      const { requestId, payload, traceId, clientContext } = work;
      const deadlineMs = Date.now() + definition.timeoutSeconds * 1000;
      give({ requestId, payload, traceId, clientContext, deadlineMs, functionArn: definition.arn });
      give = undefined;
    },
    stop() {
      kill((requestId) => exited(requestId, null, 'SIGKILL'));
      // From here on it gets no more work, although the process takes a moment to go.
      if (state === 'idle') state = 'gone';
      return ended;
    },
  };
  return environment;
};

/** The outcome of an invocation that the function did not answer itself. */
export const unhandled = (failure: Failure): Outcome => ({
  payload: JSON.stringify(failure),
  functionError: 'Unhandled',
});

/** The heap that AWS gives a function of this size, unless the function sets its own. */
const heapOptions = ({ memoryMb, variables }: FunctionDefinition): string[] =>
  /--max[-_](old|semi)[-_]space[-_]size/.test(variables.NODE_OPTIONS ?? '')
    ? []
    : [
        `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
        `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb / 30))}`,
      ];
