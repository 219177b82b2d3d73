import type { Clock, Deadline } from '#ports/clock.ts';
import type { LakeStore, ListedObject } from '#ports/lake-store.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import { addSums, carryOut, NO_SUMS, type PlanSums } from './carry-out.ts';
import { LANDING } from './landing.ts';
import {
  afterPlan,
  doneKeys,
  FIRST_STATE,
  isLanded,
  listedAfter,
  OVERDUE_MS,
  type Plan,
  planOf,
  STATE_KEY,
  type State,
  StateSchema,
} from './plan.ts';

export interface CompactingPorts {
  readonly lake: LakeStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What a run has done, and what is left. */
export interface Compaction extends PlanSums {
  /** Landed batches that are not rows yet: they wait for others, or the time was up. */
  readonly waiting: number;
  /** How long the oldest of them has waited. */
  readonly lagMs: number;
}

/** A plan is not begun with less time than this left. */
const LEAST_PLAN_MS = 30_000;
/** Batches that are looked at in one run. */
const MOST_LISTED = 20_000;

/**
 * Turns landed batches into rows of the lake's tables, each change into one row, however often it was landed.
 *
 * The state is written twice for each plan, each time only over what was read: before, so that a plan that was begun is
 * done to its end by the next run, in the very same way; and after, so that its batches are done. Between the two, all
 * that is written is written under the plan's own names. Any number of runs may be under way at once, and any may stop
 * anywhere.
 *
 * @param waitMs - how long batches may wait for others. 0: make rows of all there is.
 * @throws {ServiceError} `store_unavailable`.
 */
export const compactLake = async (waitMs: number, deadline: Deadline, ports: CompactingPorts): Promise<Compaction> => {
  const { lake, clock, metrics } = ports;
  let sums: PlanSums = NO_SUMS;
  let { state, tag } = await readState(lake, deadline);
  const listed = await waitingIn(state, lake, deadline);
  let waiting = listed.waiting;
  if (listed.strays.length > 0) {
    const [first] = listed.strays;
    ports.logger.warn('objects lie under landing/ in no hour', { objects: listed.strays.length, first });
    metrics.count('LakeRowsRejected', listed.strays.length);
  }
  while (deadline.remainingMs() >= LEAST_PLAN_MS) {
    const plan: Plan | undefined = state.plan ?? planOf(state, waiting, { nowMs: clock.nowMs(), waitMs });
    if (!plan) break;
    if (!state.plan) {
      state = { ...state, plan };
      const begun = await lake.replace(STATE_KEY, bytesOf(state), tag, deadline);
      // Another run is at work, and does what this one would have done.
      if (begun === undefined) break;
      tag = begun;
    }
    const done = await carryOut(plan, lake, deadline);
    const planned = new Set(plan.landing);
    const left = waiting.filter(({ key }) => !planned.has(key));
    state = afterPlan(state, plan, left[0]?.key ?? listed.cutAt, clock.nowMs());
    const ended = await lake.replace(STATE_KEY, bytesOf(state), tag, deadline);
    if (ended === undefined) break;
    tag = ended;
    waiting = left;
    sums = addSums(sums, done);
    metrics.count('LakeRows', done.rows);
    metrics.count('LakeRowsRepeated', done.repeated);
    metrics.count('LakeRowsRejected', done.rejected);
    ports.logger.info('rows added to the lake', { plan: plan.id, batches: plan.landing.length, ...done });
  }
  const lagMs = Math.max(0, ...waiting.map(({ writtenMs }) => clock.nowMs() - writtenMs));
  metrics.duration('LakeLagMs', lagMs);
  if (lagMs > OVERDUE_MS) metrics.count('LakeOverdue');
  return { ...sums, waiting: waiting.length, lagMs };
};

const readState = async (
  lake: Pick<LakeStore, 'get'>,
  deadline: Deadline,
): Promise<{ state: State; tag: string | undefined }> => {
  const found = await lake.get(STATE_KEY, deadline);
  if (!found) return { state: FIRST_STATE, tag: undefined };
  return { state: StateSchema.parse(JSON.parse(new TextDecoder().decode(found.bytes))), tag: found.tag };
};

const bytesOf = (state: State): Uint8Array => Buffer.from(JSON.stringify(state));

/** What has landed and is not in the tables yet. */
export const waitingNow = async (
  lake: Pick<LakeStore, 'get' | 'list'>,
  deadline: Deadline,
): Promise<readonly ListedObject[]> => {
  const { state } = await readState(lake, deadline);
  const { waiting } = await waitingIn(state, lake, deadline);
  return waiting;
};

/** What a look at the landed batches has found. */
interface Listed {
  /** Batches that are not rows yet, in the order of their keys. */
  readonly waiting: readonly ListedObject[];
  /** Keys of objects that a person has put in no hour's folder; folders themselves, which consoles make, are no objects. */
  readonly strays: readonly string[];
  /** The last one looked at if there may be more. */
  readonly cutAt?: string;
}

const waitingIn = async (state: State, lake: Pick<LakeStore, 'list'>, deadline: Deadline): Promise<Listed> => {
  const done = doneKeys(state);
  const waiting: ListedObject[] = [];
  const strays: string[] = [];
  for await (const object of lake.list(LANDING, listedAfter(state), deadline)) {
    if (!isLanded(object.key)) {
      if (!object.key.endsWith('/')) strays.push(object.key);
    } else if (!done.has(object.key)) waiting.push(object);
    if (waiting.length === MOST_LISTED) return { waiting, strays, cutAt: object.key };
  }
  return { waiting, strays };
};
