import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Event } from '#domain/event.ts';
import type { HistoryPlan } from '#features/history/plan.ts';
import { HistoryEngine } from '#features/history/state/engine/engine.ts';
import { pythonWith } from '../python.ts';
import { type BenchReport, cpuMs, whole } from '../report.ts';
import {
  eventsOf,
  KINDS,
  REFERENCE,
  REFERENCE_PLAN,
  type ReferenceHistory,
  referenceHistory,
} from './reference-history.ts';

/** Events per second and megabytes that are aimed at, and how much dearer late events may be than earlier ones. */
const AIMS = { eventsPerSecond: 150_000, megabytes: 500, growth: 1.25 };
const DAY_MS = 86_400_000;
const LABEL_DELAY_MS = 7 * DAY_MS;
/** Events that a kind is measured with, and those that pandas gets: at the reference's pace. */
const KIND_EVENTS = 200_000;
const PANDAS_EVENTS = 100_000;
/** What an edge of slots may do to the mean of a feature, when it is the same feature. */
const SAME = 0.05;

interface Pass {
  readonly eventsPerSecond: number;
  /** The same for each fifth of the history. */
  readonly fifths: readonly number[];
  /** Mean of each feature over the events that have it. */
  readonly means: ReadonlyMap<string, number>;
}

interface PandasPass {
  readonly version: string;
  readonly seconds: number;
  readonly means: Readonly<Record<string, number>>;
}

/**
 * Speed of a replay on one thread, in CPU time, from events in memory to their features: making the events included.
 *
 * @param events - of the reference history; fewer take as many days less.
 */
export const benchReplay = (events: number, onProgress: (what: string) => void = () => {}): BenchReport => {
  onProgress(`${whole(events)} events`);
  const pass = replay(historyOf(events), REFERENCE_PLAN);
  const megabytes = process.resourceUsage().maxRSS / 1_024;
  const kindHistory = historyOf(Math.min(events, KIND_EVENTS));
  const kinds = Object.entries(KINDS).map(([kind, plan]) => {
    onProgress(kind);
    return { kind, eventsPerSecond: replay(kindHistory, plan).eventsPerSecond };
  });
  onProgress('pandas');
  const shared = historyOf(Math.min(events, PANDAS_EVENTS));
  const pandas = inPandas(shared);
  if (pandas) checkSame(replay(shared, REFERENCE_PLAN), pandas);
  return report({ events, pass, megabytes, kinds, pandas: pandas && { ...pandas, events: shared.events } });
};

const historyOf = (events: number): ReferenceHistory =>
  referenceHistory(1, events, (REFERENCE.days * events) / REFERENCE.events);

/** One pass over a history: labels are said seven days after their events. */
const replay = (history: ReferenceHistory, plan: ReadonlyMap<string, HistoryPlan>): Pass => {
  const engine = new HistoryEngine(plan);
  const names = engine.namesOf('payment');
  const [sums, counts] = [new Float64Array(names.length), new Float64Array(names.length)];
  const eventAt = eventsOf(history);
  const unsaid: Event[] = [];
  let said = 0;
  const marks = [cpuMs()];
  for (let index = 0; index < history.events; index++) {
    const atMs = history.atMs[index]!;
    for (; said < unsaid.length && Date.parse(unsaid[said]!.occurredAt) + LABEL_DELAY_MS <= atMs; said++)
      engine.relabel(unsaid[said]!, undefined, 'fraud');
    const event = eventAt(index);
    const values = engine.step(event, atMs);
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (typeof value !== 'number') continue;
      sums[at]! += value;
      counts[at]! += 1;
    }
    if (history.fraud[index] === 1) unsaid.push(event);
    if ((index + 1) % Math.ceil(history.events / 5) === 0) marks.push(cpuMs());
  }
  const usedMs = cpuMs() - marks[0]!;
  const fifth = Math.ceil(history.events / 5);
  return {
    eventsPerSecond: (history.events * 1_000) / usedMs,
    fifths: marks.slice(1).map((mark, at) => (fifth * 1_000) / (mark - marks[at]!)),
    means: new Map(names.map((name, at) => [name, sums[at]! / counts[at]!])),
  };
};

/** The same features in pandas, in the same run. @returns undefined where no Python has it. */
const inPandas = (history: ReferenceHistory): PandasPass | undefined => {
  const python = pythonWith('pandas');
  if (!python) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    for (const name of ['atMs', 'customer', 'terminal', 'cents', 'fraud'] as const)
      writeFileSync(join(folder, name), history[name]);
    const script = join(import.meta.dirname, 'rolling_features.py');
    return JSON.parse(execFileSync(python, [script, folder], { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Speed counts only for the same features. @throws {Error} at the first whose mean differs by more than edges do. */
const checkSame = ({ means }: Pass, pandas: PandasPass): void => {
  for (const [name, ours] of means) {
    const theirs = pandas.means[name];
    if (theirs === undefined || !(Math.abs(ours - theirs) <= SAME * Math.abs(theirs)))
      throw new Error(`${name}: pandas has ${theirs} on average, Assay ${ours}`);
  }
};

interface Measured {
  readonly events: number;
  readonly pass: Pass;
  readonly megabytes: number;
  readonly kinds: readonly { readonly kind: string; readonly eventsPerSecond: number }[];
  readonly pandas: (PandasPass & { readonly events: number }) | undefined;
}

const report = ({ events, pass, megabytes, kinds, pandas }: Measured): BenchReport => {
  // By the third fifth, every window is full: from then on nothing may grow.
  const growth = pass.fifths[2]! / pass.fifths[4]!;
  const pandasPerSecond = pandas && pandas.events / pandas.seconds;
  const row = (name: string, perSecond: number): string[] => [name, whole(perSecond), (1e6 / perSecond).toFixed(1)];
  return {
    bench: 'replay',
    figures: {
      events,
      eventsPerSecond: Math.round(pass.eventsPerSecond),
      megabytes: Math.round(megabytes),
      growth,
      ...Object.fromEntries(
        kinds.map(({ kind, eventsPerSecond }) => [`${kind}EventsPerSecond`, Math.round(eventsPerSecond)]),
      ),
      pandasVersion: pandas?.version ?? null,
      pandasEventsPerSecond: pandasPerSecond ? Math.round(pandasPerSecond) : null,
    },
    columns: ['', 'events/s', 'µs each'],
    rows: [
      row('12 features, 2 entities', pass.eventsPerSecond),
      ...pass.fifths.map((perSecond, at) => row(`  fifth ${at + 1} of the history`, perSecond)),
      ...(pandas && pandasPerSecond ? [row(`  the same in pandas ${pandas.version}`, pandasPerSecond)] : []),
      ...kinds.map(({ kind, eventsPerSecond }) => row(`12 × ${kind}`, eventsPerSecond)),
    ],
    notes: [
      `${whole(events)} events of ${whole(REFERENCE.customers)} customers at ${whole(REFERENCE.terminals)} terminals, windows of 1, 7 and 30 days; one thread, CPU time, making the events included`,
      `at most ${whole(megabytes)} MB of memory, the history itself included`,
      `an event of the last fifth costs ${growth.toFixed(2)} times one of the third, when all windows are full`,
      pandas
        ? `pandas has ${whole(pandas.events)} of the events; the means of all features agree within ${SAME * 100} %, which edges of slots cause`
        : 'pandas is not compared: no Python here has it (Debian: apt-get install python3-pandas)',
    ],
    missed: [
      ...(pass.eventsPerSecond < AIMS.eventsPerSecond ? [`at least ${whole(AIMS.eventsPerSecond)} events/s`] : []),
      ...(megabytes > AIMS.megabytes ? [`at most ${AIMS.megabytes} MB`] : []),
      ...(growth > AIMS.growth ? ['a cost that does not grow with the length of history'] : []),
    ],
  };
};
