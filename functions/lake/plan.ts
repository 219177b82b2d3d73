import * as z from 'zod';

import type { ListedObject } from '#ports/lake-store.ts';
import { LANDING, rawBytesOf } from './landing.ts';
import { hourOf } from './tables.ts';

/** Where the compactor keeps what it has done. */
export const STATE_KEY = 'compactor/state.json';

const HourSchema = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d$/);

/** What is being made of which landed batches: written before anything else is, and done to its end by whoever comes. */
export const PlanSchema = z.strictObject({
  /** 1, 2, 3, …; part of the names of all that comes of it. */
  id: z.int().min(1),
  /** Keys of the landed batches. */
  landing: z.array(z.string()).min(1),
});
export type Plan = z.infer<typeof PlanSchema>;

/** The compactor's memory: which landed batches have become rows. It is replaced as a whole, by one writer at a time. */
export const StateSchema = z.strictObject({
  v: z.literal(1),
  /** Id of the next plan. */
  next: z.int().min(1),
  /** Batches landed in earlier hours are all done: listing begins here. */
  from: HourSchema,
  /** Names of the batches that are done, by the hour in which they were landed. */
  done: z.record(HourSchema, z.array(z.string())),
  plan: PlanSchema.optional(),
});
export type State = z.infer<typeof StateSchema>;

/** The state of a lake that nothing was ever made of. */
export const FIRST_STATE: State = { v: 1, next: 1, from: '1970-01-01T00', done: {} };

/** Bytes before compression that are worked on at once: what bounds memory, and the size of files. */
const PLAN_BYTES = 32 * 1024 * 1024;
const PLAN_BATCHES = 500;

/** Batches wait this much longer for others than they may, before it is time for an alarm. */
export const OVERDUE_MS = 3 * 3_600_000;

/** Clocks, and writes under way, are never apart by this much. */
const SAFETY_MS = 2 * 3_600_000;

const placeOf = (key: string): { readonly hour: string; readonly name: string } => {
  const [hour = '', name = ''] = key.slice(LANDING.length).split('/');
  return { hour, name };
};

/** Whether a key is one of a landed batch: in the folder of an hour. Whatever else lies there, nothing is made of it. */
export const isLanded = (key: string): boolean => {
  const { hour, name } = placeOf(key);
  return key === `${LANDING}${hour}/${name}` && name !== '' && !Number.isNaN(instantOf(hour));
};

/** The beginning of an hour, NaN for what is none. */
const instantOf = (hour: string): number =>
  HourSchema.safeParse(hour).success ? Date.parse(`${hour}:00:00Z`) : Number.NaN;

/** Keys of all batches that are remembered as done. */
export const doneKeys = ({ done }: State): ReadonlySet<string> =>
  new Set(Object.entries(done).flatMap(([hour, names]) => names.map((name) => `${LANDING}${hour}/${name}`)));

/** The key behind which batches are that may not be done. */
export const listedAfter = ({ from }: State): string => `${LANDING}${from}`;

/**
 * What to do next, if anything. Batches wait for others so that files are not small: until there is enough for one, or
 * the oldest has waited long enough, or someone will not wait.
 *
 * @param waiting - batches that are not done, in the order of their keys.
 */
export const planOf = (
  state: State,
  waiting: readonly ListedObject[],
  { nowMs, waitMs }: { readonly nowMs: number; readonly waitMs: number },
): Plan | undefined => {
  const landing: string[] = [];
  let bytes = 0;
  for (const { key } of waiting) {
    const more = rawBytesOf(key);
    if (landing.length > 0 && (bytes + more > PLAN_BYTES || landing.length === PLAN_BATCHES)) break;
    landing.push(key);
    bytes += more;
  }
  const isFull = landing.length < waiting.length;
  const isTime = waiting.some(({ writtenMs }) => nowMs - writtenMs >= waitMs);
  return landing.length > 0 && (isFull || isTime) ? { id: state.next, landing } : undefined;
};

/**
 * The state once its plan is carried out. What is remembered stays small: hours long before the oldest batch that may
 * still wait, and before now, are forgotten as done.
 *
 * @param oldestLeft - key of the oldest batch that is left, or behind which nothing was looked at.
 */
export const afterPlan = (state: State, plan: Plan, oldestLeft: string | undefined, nowMs: number): State => {
  const oldestMs = oldestLeft === undefined ? nowMs : instantOf(placeOf(oldestLeft).hour);
  const before = hourOf(Math.min(nowMs, oldestMs) - SAFETY_MS);
  // Never back: what is forgotten as done stays done.
  const from = [before, state.from].sort().at(-1)!;
  const done = new Map(Object.entries(state.done));
  for (const key of plan.landing) {
    const { hour, name } = placeOf(key);
    done.set(hour, [...(done.get(hour) ?? []), name]);
  }
  return { v: 1, next: plan.id + 1, from, done: Object.fromEntries([...done].filter(([hour]) => hour >= from)) };
};
