import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionDefinition } from './definition.ts';
import { type Environment, type Outcome, unhandled, type Work } from './environment.ts';
import { exited } from './failures.ts';

/** What a caller gives an invocation. */
export interface Request {
  /** JSON. */
  readonly payload: string;
  /** @default a new one */
  readonly requestId?: string;
  /** @default a new, sampled one */
  readonly traceId?: string;
  /** JSON, decoded. */
  readonly clientContext?: string;
}

/** The environments of all functions: started when there is work, used again while they are warm, reaped when idle. */
export interface Fleet {
  /** Runs an invocation for which there is a place. */
  run(definition: FunctionDefinition, request: Request): Promise<Outcome>;
  /** Ends the environments of a function as they become idle: it has changed or is gone. */
  retire(functionName: string): void;
  /** Settles once no invocation is in hand. */
  quiet(): Promise<void>;
  /** Kills every environment; invocations in hand end as errors. */
  stop(): Promise<void>;
}

export interface FleetOptions {
  /** Starts a process; it tells of itself through the two functions. */
  start(
    definition: FunctionDefinition,
    onIdle: (environment: Environment) => void,
    onGone: (environment: Environment, describe: (requestId: string) => string) => void,
  ): Environment;
  /** Environments that may exist at once; a new one takes the place of the one that is idle longest. */
  readonly most: number;
  readonly idleMs: number;
}

/** The environments of one function, version or alias, and what waits for one of them. */
interface Squad {
  definition: FunctionDefinition;
  readonly environments: Set<Environment>;
  readonly waiting: Work[];
}

export const createFleet = ({ start, most, idleMs }: FleetOptions): Fleet => {
  const squads = new Map<string, Squad>();
  const inHand = new Set<Promise<Outcome>>();
  let reaper: NodeJS.Timeout | undefined;
  let stopped = false;

  const all = (): Environment[] => [...squads.values()].flatMap(({ environments }) => [...environments]);

  const squadOf = (definition: FunctionDefinition): Squad => {
    const squad = squads.get(definition.arn) ?? { definition, environments: new Set(), waiting: [] };
    squad.definition = definition;
    squads.set(definition.arn, squad);
    return squad;
  };

  const dispatch = (squad: Squad): void => {
    for (const environment of [...squad.environments].filter(({ state }) => state === 'idle')) {
      if (environment.definition !== squad.definition) {
        void environment.stop();
        continue;
      }
      const work = squad.waiting.shift();
      if (!work) break;
      environment.assign(work);
    }
    const starting = [...squad.environments].filter(({ state }) => state === 'starting').length;
    for (let missing = squad.waiting.length - starting; missing > 0; missing -= 1) grow(squad);
  };

  const grow = (squad: Squad): void => {
    const alive = all();
    if (alive.length >= most) {
      const [idlest] = alive
        .filter(({ state }) => state === 'idle')
        .sort((one, other) => one.idleSinceMs - other.idleSinceMs);
      void idlest?.stop();
    }
    const environment = start(
      squad.definition,
      () => {
        dispatch(squad);
        scheduleReaping();
      },
      (gone, describe) => onGone(squad, gone, describe),
    );
    squad.environments.add(environment);
  };

  const onGone = (squad: Squad, gone: Environment, describe: (requestId: string) => string): void => {
    squad.environments.delete(gone);
    const starting = [...squad.environments].filter(({ state }) => state === 'starting').length;
    // Each start has an invocation that it was made for; one that fails takes the oldest of those along.
    if (squad.waiting.length > starting) {
      const work = squad.waiting.shift();
      work?.settle({ payload: describe(work.requestId), functionError: 'Unhandled' });
    }
    if (!stopped) dispatch(squad);
  };

  const scheduleReaping = (): void => {
    if (reaper || stopped) return;
    reaper = setTimeout(() => {
      reaper = undefined;
      const idle = all().filter(({ state }) => state === 'idle');
      const tooLong = idle.filter(({ idleSinceMs }) => Date.now() - idleSinceMs >= idleMs);
      for (const environment of tooLong) void environment.stop();
      if (idle.length > tooLong.length) scheduleReaping();
    }, idleMs);
    reaper.unref();
  };

  return {
    run(definition, { payload, requestId = randomUUID(), traceId = newTraceId(), clientContext }) {
      const outcome = new Promise<Outcome>((resolve) => {
        const squad = squadOf(definition);
        squad.waiting.push({ requestId, payload, traceId, clientContext, settle: resolve });
        dispatch(squad);
      });
      inHand.add(outcome);
      return outcome.finally(() => inHand.delete(outcome));
    },
    retire(functionName) {
      for (const environment of all()) {
        if (environment.definition.name === functionName && environment.state === 'idle') void environment.stop();
      }
    },
    async quiet() {
      while (inHand.size > 0) await Promise.allSettled(inHand);
    },
    async stop() {
      stopped = true;
      clearTimeout(reaper);
      await Promise.all(all().map((environment) => environment.stop()));
      for (const { waiting } of squads.values()) {
        for (const { requestId, settle } of waiting.splice(0)) settle(unhandled(exited(requestId, null, 'SIGKILL')));
      }
    },
  };
};

const newTraceId = (): string => {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
  return `Root=1-${seconds}-${hex(12)};Parent=${hex(8)};Sampled=1`;
};
