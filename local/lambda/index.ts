import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AwsError, DeploymentError } from '../errors.ts';
import type { Host, Room } from '../resources.ts';
import { answerLambda } from './api.ts';
import { createAsynchronousQueue } from './asynchronous.ts';
import { createConcurrency, type Urgency } from './concurrency.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { type Outcome, startEnvironment, unhandled } from './environment.ts';
import { serviceFailed } from './failures.ts';
import { createFates } from './fates.ts';
import { createFleet, type Request } from './fleet.ts';
import { createFunctions } from './functions.ts';
import { createLogShelf } from './log-shelf.ts';
import { createMappings } from './mappings/index.ts';
import { createPrecedence } from './mappings/precedence.ts';
import { pause } from './mappings/waiting.ts';
import { functionNameIn, functionNotFound } from './names.ts';
import { openRuntimeApi, type RuntimeApi } from './runtime-api.ts';

/** How the room behaves; the defaults suit a developer's machine. */
export interface LambdaOptions {
  /** Invocations at once, of all functions without a reservation. @default four a core */
  readonly concurrency?: number;
  /** Places among these that queues, streams and events never take. @default a quarter */
  readonly forCallers?: number;
  /** How long a caller waits for a place before it is refused, in milliseconds. @default 1000 */
  readonly patienceMs?: number;
  /** How long an environment stays warm without work, in milliseconds. @default a minute */
  readonly idleMs?: number;
  /** Waits before an asynchronous invocation is repeated, in milliseconds. @default one minute, then two */
  readonly repeatWaitsMs?: readonly number[];
  /** How long work in hand may go on once the room stops, in milliseconds. @default 5000 */
  readonly graceMs?: number;
}

/**
 * Lambda: functions in processes of their own behind the real Runtime API, event source mappings, permissions, and the
 * Invoke API.
 *
 * Logs are under `logs/<function>/<date>.log` of the room's directory. Differences from AWS: an environment is not
 * frozen between invocations, and the processor's share does not depend on the memory size.
 */
export const createLambda = (host: Host, options: LambdaOptions = {}): Room => {
  const total = options.concurrency ?? availableParallelism() * 4;
  const { forCallers = Math.floor(total / 4), patienceMs = 1000, idleMs = 60_000, graceMs = 5000 } = options;
  const directory = host.directoryOf('lambda');
  const compiled = join(directory, 'compiled');
  const temporaryRoot = join(directory, 'tmp');
  // Left over from a process that was killed.
  rmSync(temporaryRoot, { recursive: true, force: true });
  mkdirSync(temporaryRoot, { recursive: true });

  const concurrency = createConcurrency({ total, forCallers, patienceMs });
  const functions = createFunctions(host, directory, (name) => fleet.retire(name));
  const logs = createLogShelf(host, join(directory, 'logs'));
  const fates = createFates(host.faults);
  let runtimeApi: Promise<RuntimeApi> | undefined;
  let openedApi: RuntimeApi | undefined;

  const fleet = createFleet({
    most: total * 2,
    idleMs,
    start(definition, onIdle, onGone) {
      const deployed = functions.find(functionNameIn(definition.arn));
      if (!deployed || !openedApi) throw functionNotFound(definition.arn);
      return startEnvironment({
        definition,
        host,
        credentials: deployed.session.credentials,
        taskRoot: deployed.taskRoot,
        temporaryRoot,
        compileCache: compiled,
        runtimeApi: openedApi,
        fates,
        log: logs.logOf(deployed),
        onIdle,
        onGone,
      });
    },
  });

  const run = async ({ definition }: DeployedFunction, request: Request): Promise<Outcome> => {
    if (host.faults.strikes('lambda', 'fail', { caller: definition.arn })) return unhandled(serviceFailed());
    runtimeApi ??= openRuntimeApi();
    openedApi = await runtimeApi;
    return fleet.run(definition, request);
  };

  const runInPlace = async (deployed: DeployedFunction, request: Request, urgency: Urgency): Promise<Outcome> => {
    const release = await concurrency.take(deployed.definition, urgency);
    try {
      return await run(deployed, request);
    } finally {
      release();
    }
  };

  const asynchronous = createAsynchronousQueue({
    directory,
    retriesOf: functions.retriesOf,
    notice: host.notice,
    waitsMs: options.repeatWaitsMs ?? [60_000, 120_000],
    async run({ functionName, requestId, payload, traceId, clientContext }) {
      const deployed = functions.find(functionName);
      if (!deployed) throw new AwsError('ResourceNotFoundException', `${functionName} is no longer deployed`, 404);
      const request = {
        requestId,
        payload,
        ...(traceId ? { traceId } : {}),
        ...(clientContext ? { clientContext } : {}),
      };
      return runInPlace(deployed, request, 'background');
    },
  });

  const mappings = createMappings(directory, {
    host,
    concurrency,
    precedence: createPrecedence(),
    functionOf(name) {
      const deployed = functions.find(name);
      if (!deployed) throw new DeploymentError(`an event source mapping names ${name}, which is not deployed`);
      return deployed;
    },
    run: (deployed, payload) => run(deployed, { payload }),
  });

  const api = {
    functions,
    asynchronous,
    accountId: host.accountId,
    region: host.region,
    invoke: (deployed: DeployedFunction, request: Request) => runInPlace(deployed, request, 'caller'),
    mappings: mappings.describe,
  };

  return {
    resources: [...functions.resources, ...mappings.resources],
    async start() {
      forgetCompiled(compiled, new Set(functions.all().map(({ definition }) => definition.code.key)));
      await mappings.start();
      asynchronous.start();
    },
    async stop() {
      mappings.stop();
      asynchronous.stop();
      const grace = new AbortController();
      await Promise.race([
        Promise.all([mappings.drained(), fleet.quiet()]).finally(() => grace.abort()),
        pause(graceMs, grace.signal),
      ]);
      concurrency.close();
      await fleet.stop();
      await mappings.drained();
      await (await runtimeApi)?.close();
    },
    service: {
      signingName: 'lambda',
      protocol: 'rest-json',
      handle: (request, authorise) => answerLambda(api, request, authorise),
      close() {
        mappings.close();
        asynchronous.close();
        functions.close();
      },
    },
  };
};

/** Deletes the compiled code of functions that are no longer deployed. */
const forgetCompiled = (directory: string, keys: ReadonlySet<string>): void => {
  const kept = existsSync(directory) ? readdirSync(directory) : [];
  for (const key of kept) if (!keys.has(key)) rmSync(join(directory, key), { recursive: true, force: true });
};
