import { effectiveLabelOf } from '#domain/effective-label.ts';
import type { Event } from '#domain/event.ts';
import type { Feedback } from '#domain/feedback.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import { buildReference, type Reference } from '#model/reference.ts';
import type { RemoteMembers } from '#ports/remote-members.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { askMembers } from '../../functions/scoring/ask-members.ts';
import { referenceSubjectOf } from '../../functions/scoring/prepare-detector.ts';
import type { PreparedDetector } from '../../functions/scoring/prepared-detector.ts';
import type { Progress } from '../system/progress.ts';
import { rowsOf } from './file-events.ts';
import type { OpenDetector } from './open-catalog.ts';

/** What events without a label are taken for. */
export const UNLABELLED = ['legit', 'leave-out'] as const;
export type Unlabelled = (typeof UNLABELLED)[number];

export interface CalibrationFiles {
  readonly events: string;
  readonly labels: string;
  readonly unlabelled: Unlabelled;
}

/** How the events of a calibration were used. */
export interface CalibrationCounts {
  readonly events: number;
  readonly legitimate: number;
  readonly labelledOtherwise: number;
  readonly unlabelled: number;
  /** Legitimate events that a member did not answer. */
  readonly unanswered: number;
  /** Rows of both files that are no events, or no labels. */
  readonly refused: number;
}

/** Events whose members are asked at the same time. */
const BATCH = 256;
const SIDE_BY_SIDE = 8;
const ASK_MS = 30_000;

/**
 * Makes the score reference of a detector from what its members say about legitimate events.
 *
 * Legitimate is what the effective label says so, and what nobody has said anything of, unless that is to be left out.
 * Memory holds the labels, and one number per member for each legitimate event.
 *
 * @throws {Error} when there are too few legitimate events, or a file cannot be read.
 */
export const calibrate = async (
  { events, labels, unlabelled }: CalibrationFiles,
  opened: OpenDetector,
  remote: RemoteMembers,
  progress: Progress,
): Promise<{ readonly reference: Reference; readonly counts: CalibrationCounts }> => {
  const { prepared } = opened;
  const said = await labelsIn(labels, opened, progress);
  const tally = { events: 0, legitimate: 0, labelledOtherwise: 0, unlabelled: 0, unanswered: 0, refused: said.refused };
  const rows: Float64Array[] = [];
  for await (const batch of batchesOf(events, opened, tally, progress)) {
    const legitimate = batch.filter((event) => isLegitimate(said.labels.get(event.eventId), unlabelled, tally));
    const answers = await mapSideBySide(legitimate, SIDE_BY_SIDE, (event) => answersOf(event, prepared, remote));
    for (const row of answers) {
      if (row) rows.push(row);
      else tally.unanswered += 1;
    }
  }
  tally.legitimate = rows.length;
  return { reference: buildReference(rows, referenceSubjectOf(prepared.detector, prepared.members)), counts: tally };
};

/** Effective label of each event of the file that has one. */
const labelsIn = async (
  path: string,
  { prepared: { eventType }, tokeniser }: OpenDetector,
  progress: Progress,
): Promise<{ readonly labels: ReadonlyMap<string, string>; readonly refused: number }> => {
  const feedback = new Map<string, Feedback[]>();
  let refused = 0;
  for await (const row of rowsOf({ path, purpose: 'feedback', eventType, tokeniser }, progress)) {
    if (!('content' in row)) refused += 1;
    else if ('feedback' in row.content) {
      const entry = row.content.feedback;
      const before = feedback.get(entry.eventId);
      if (before) before.push(entry);
      else feedback.set(entry.eventId, [entry]);
    }
  }
  const labels = new Map<string, string>();
  for (const [eventId, entries] of feedback) {
    const label = effectiveLabelOf({ feedback: entries, labelSources: eventType.labelSources })?.label;
    if (label !== undefined) labels.set(eventId, label);
  }
  return { labels, refused };
};

type Tally = { -readonly [Name in keyof CalibrationCounts]: number };

async function* batchesOf(
  path: string,
  { prepared: { eventType }, tokeniser }: OpenDetector,
  tally: Tally,
  progress: Progress,
): AsyncGenerator<readonly Event[]> {
  let batch: Event[] = [];
  for await (const row of rowsOf({ path, purpose: 'events', eventType, tokeniser }, progress)) {
    if (!('content' in row)) tally.refused += 1;
    else if ('event' in row.content) {
      tally.events += 1;
      batch.push(row.content.event);
    }
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

const isLegitimate = (label: string | undefined, unlabelled: Unlabelled, tally: Tally): boolean => {
  if (label === undefined) tally.unlabelled += 1;
  else if (label !== 'legit') tally.labelledOtherwise += 1;
  return label === undefined ? unlabelled === 'legit' : label === 'legit';
};

/** One probability for each member, or undefined when one did not answer: the sets of survivors need them all. */
const answersOf = async (
  event: Event,
  prepared: PreparedDetector,
  remote: RemoteMembers,
): Promise<Float64Array | undefined> => {
  const ports = { remote, metrics: silentMetrics };
  const { answers } = await askMembers(prepared, event, {}, deadlineIn(ASK_MS), ports);
  const probabilities = answers.flatMap(({ probability }) => (probability === undefined ? [] : [probability]));
  return probabilities.length === answers.length ? Float64Array.from(probabilities) : undefined;
};
