import { statSync } from 'node:fs';

import type { EventType } from '#domain/catalog/event-type.ts';
import { type FeaturePlan, featurePlansOf } from '#features/history/compile.ts';
import { openCatalog } from '../scoring/open-catalog.ts';
import type { Progress } from '../system/progress.ts';
import { type HistoryDoor, type HistoryFile, historyEventsOf } from './history-events.ts';
import { historyFilesOf } from './history-files.ts';
import { inOrderOfTime, mergedByTime } from './in-order.ts';
import { readLabels } from './read-labels.ts';
import { Replay, type ReplayedEvent } from './replay.ts';
import { type ReplaySums, ReplayTally } from './replay-tally.ts';

/** What is to be replayed. Files are given as {@link historyFilesOf} takes them. */
export interface ReplayQuestion {
  /** Folder of the catalog. */
  readonly catalog: string;
  readonly eventType: string;
  readonly events: readonly string[];
  readonly feedback: readonly string[];
  /** How long after its event something was said, where nobody says when. */
  readonly labelDelayMs?: number;
}

/** How a replay ended. */
export interface ReplayReport extends ReplaySums {
  readonly seconds: number;
  readonly eventsPerSecond: number;
  /** Rows of feedback that say nothing of an event. */
  readonly feedbackRefused: number;
  /** Why, by reason. */
  readonly feedbackRefusedReasons: Readonly<Record<string, number>>;
  /** Labels of events that are not in the files. */
  readonly labelsWithoutEvent: number;
  /** Features that are missing everywhere, as rates are whose labels or decisions are not given. */
  readonly untold: readonly string[];
}

/** A replay that is ready to start. */
export interface OpenReplay {
  readonly eventType: EventType;
  readonly plan: FeaturePlan;
  /** The events of the wanted type, with their features, in the order of time. To be read once. */
  readonly events: AsyncGenerator<ReplayedEvent>;
  /** How it went, once all events are read. */
  readonly report: () => ReplayReport;
}

/**
 * Makes a replay ready: the catalog, the files, and what was said, which memory holds.
 *
 * @throws {Error} that says what is wrong with the catalog, a file or what is asked.
 */
export const openReplay = async (question: ReplayQuestion, progress: Progress): Promise<OpenReplay> => {
  const { snapshotTypes, tokeniser } = await typesOf(question.catalog);
  const eventType = wantedOf(snapshotTypes, question.eventType);
  const plans = featurePlansOf(snapshotTypes.values());
  const plan = plans.get(eventType.eventType)!;
  const door: HistoryDoor = { eventTypes: snapshotTypes, tokeniser, nowMs: Date.now() };
  const events = historyFilesOf(question.events, eventType.eventType, snapshotTypes);
  const feedback = historyFilesOf(question.feedback, eventType.eventType, snapshotTypes);
  const tally = new ReplayTally(plan.variables.keys());
  const said = new ReplayTally([]);
  const startedMs = performance.now();
  const labels = await readLabels(feedback, question.labelDelayMs, door, (row) => said.refuse(row), progress);
  const replay = new Replay({ eventType: eventType.eventType, plans, labels: labels.book, toldOf: labels.toldOf });
  const report = (): ReplayReport => {
    const seconds = (performance.now() - startedMs) / 1_000;
    const sums = tally.sums;
    return {
      ...sums,
      seconds,
      eventsPerSecond: Math.round(sums.events / seconds),
      feedbackRefused: said.sums.refused,
      feedbackRefusedReasons: said.sums.refusedReasons,
      labelsWithoutEvent: labels.book.size,
      untold: replay.untold,
    };
  };
  return { eventType, plan, events: replayed(replay, events, door, tally, progress), report };
};

const typesOf = async (folder: string) => {
  const { catalog, tokeniser } = await openCatalog(folder, { withReferences: false });
  const documents = Object.entries(catalog.snapshot.eventTypes).map(
    ([name, { document }]) => [name, document] as const,
  );
  return { snapshotTypes: new Map<string, EventType>(documents), tokeniser };
};

const wantedOf = (eventTypes: ReadonlyMap<string, EventType>, name: string): EventType => {
  const found = eventTypes.get(name);
  if (found) return found;
  throw new Error(`there is no event type '${name}' in the catalog; it has: ${[...eventTypes.keys()].join(', ')}`);
};

const KILOBYTE = 1_000;

async function* replayed(
  replay: Replay,
  files: readonly HistoryFile[],
  door: HistoryDoor,
  tally: ReplayTally,
  progress: Progress,
): AsyncGenerator<ReplayedEvent> {
  const total = Math.ceil(files.reduce((sum, { path }) => sum + statSync(path).size, 0) / KILOBYTE);
  const counter = progress.counter('kilobytes of history');
  const bytesRead = files.map(() => 0);
  const streams = files.map((file, index) => {
    const onRead = (bytes: number): void => {
      bytesRead[index] = bytes;
      counter.update(Math.round(bytesRead.reduce((sum, part) => sum + part, 0) / KILOBYTE), total);
    };
    return inOrderOfTime(
      historyEventsOf(file, door, (row) => tally.refuse(row), onRead),
      file.path,
    );
  });
  try {
    for await (const next of mergedByTime(streams)) {
      const { meeting, replayed: event } = replay.step(next);
      tally.met(meeting);
      if (!event) continue;
      tally.wrote(event);
      yield event;
    }
  } finally {
    counter.stop();
  }
}
