import type { Catalog } from '#domain/catalog/catalog.ts';
import type { RegisteredDetector } from '#domain/catalog/detector.ts';
import type { Decision, Degradation } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import { originKey } from '#domain/event.ts';
import type { Originals } from '#domain/originals.ts';
import { degradedBy, type Sealing } from '#domain/sealed.ts';
import type { Deadline } from '#ports/clock.ts';
import type {
  DecisionStore,
  EventCommit,
  PendingCommit,
  PendingDecisions,
  RecordedEvent,
} from '#ports/decision-store.ts';
import type { ProfileStore } from '#ports/profile-store.ts';
import type { Sealer } from '#ports/sealer.ts';
import type { Logger } from '#ports/telemetry.ts';
import { countDecisions } from './count-decisions.ts';
import { type Arrival, type MakePorts, makeDecision } from './make-decision.ts';
import type { PlanFeatures } from './plan-features.ts';
import type { PrepareDetector } from './prepare-detector.ts';
import { type RecalledHistory, recallHistory } from './recall-history.ts';

/** What deciding while a caller waits needs of the world. */
export interface DecidePorts extends MakePorts {
  readonly decisions: DecisionStore;
  readonly pending: PendingDecisions;
  readonly profiles: ProfileStore;
  readonly planFeatures: PlanFeatures;
  readonly sealer: Sealer;
  readonly prepare: PrepareDetector;
  readonly logger: Logger;
}

/** An event to be decided by these detectors of a catalog. */
export interface DecideCommand {
  readonly arrival: Arrival;
  /** What is personal in the event, to be sealed and recorded with it. */
  readonly originals?: Originals;
  readonly catalog: Catalog;
  readonly detectors: readonly RegisteredDetector[];
}

/** A decision, and whether it is durable. */
export interface Answered {
  readonly decision: Decision;
  readonly recorded: 'committed' | 'pending';
}

/** How a caller's time is spent. */
export interface Budget {
  /** At most, on the look for an earlier decision and for history. */
  readonly lookUpMs: number;
  /** Kept for recording: members may not use it. */
  readonly recordMs: number;
  /** Kept of that for the recorded-later queue. */
  readonly queueMs: number;
}

/**
 * Three tenths for the look-up, a quarter for recording and another for the queue, within bounds that make sense. The
 * queue is the last resort, and its first use in an environment opens a connection; below 20 ms it would not be asked.
 */
export const budgetOf = (totalMs: number): Budget => {
  const queueMs = Math.min(Math.max(0.25 * totalMs, 24), 500);
  return { lookUpMs: 0.3 * totalMs, recordMs: Math.min(Math.max(0.25 * totalMs, 20), 1_500) + queueMs, queueMs };
};

/** Two deliveries of one event can refuse each other once; more often, something is wrong. */
const MOST_ROUNDS = 3;

/**
 * Decides an event once for each detector: a repeat is answered with the decisions on record, a detector that has not
 * judged it yet decides now. Answers within the deadline: what cannot be recorded in time goes to the recorded-later
 * queue and is answered as pending.
 *
 * @throws {ServiceError} `conflict` when the id is on record with other content; `too_large` when no item of the store
 * can hold the decision; `store_unavailable` when neither the store nor the queue takes it.
 */
export const decideEvent = async (
  command: DecideCommand,
  deadline: Deadline,
  ports: DecidePorts,
): Promise<readonly Answered[]> => {
  const startedWithMs = deadline.remainingMs();
  const budget = budgetOf(startedWithMs);
  const early = deadline.within(budget.lookUpMs);
  const [look, sealing, history] = await Promise.all([
    lookUp(command, early, ports),
    sealOriginals(command, early, ports),
    recall(command, early, ports),
  ]);
  const spentMs = Math.round(startedWithMs - deadline.remainingMs());
  const degraded = [...look.degraded, ...degradedBy(sealing, spentMs), ...(history?.degraded ?? [])];
  const sealed = { ...command, arrival: { ...command.arrival, ...sealing } };
  const answered = await settle(sealed, { ...look, degraded, history }, budget, deadline, ports);
  ports.metrics.duration('DecisionMs', startedWithMs - deadline.remainingMs());
  return answered;
};

interface Look {
  readonly recorded?: RecordedEvent;
  readonly degraded: readonly Degradation[];
}

/** What was found before deciding. */
interface Findings extends Look {
  /** Absent for an event type without features. */
  readonly history: RecalledHistory | undefined;
}

/** A caller at an interval of less than a moment is no order: history may lack the last of it, for half the price. */
const recall = (
  { arrival: { event }, catalog }: DecideCommand,
  deadline: Deadline,
  ports: DecidePorts,
): Promise<RecalledHistory | undefined> =>
  recallHistory(ports.planFeatures(catalog, event.eventType), [event], 'recent', deadline, ports);

const find = async (
  { arrival: { event }, detectors }: DecideCommand,
  deadline: Deadline,
  { decisions }: DecidePorts,
): Promise<RecordedEvent | undefined> => {
  const names = detectors.map(({ detector }) => detector);
  return (await decisions.find(event.eventType, [event.eventId], names, deadline)).get(event.eventId);
};

/** The first look. Without it a repeat is still recognised when it is recorded, so its failure is no reason to stop. */
const lookUp = async (command: DecideCommand, deadline: Deadline, ports: DecidePorts): Promise<Look> => {
  const startedWithMs = deadline.remainingMs();
  try {
    const recorded = await find(command, deadline, ports);
    return { degraded: [], ...(recorded && { recorded }) };
  } catch (error) {
    ports.logger.warn('the look for an earlier decision failed', { code: codeOf(error) });
    const left = deadline.remainingMs();
    const why = left === 0 ? 'timeout' : 'unavailable';
    return { degraded: [{ what: 'record', why, spentMs: Math.round(startedWithMs - left) }] };
  }
};

/** Seals what is personal, beside the first look; what takes longer than that is not waited for. */
const sealOriginals = async (
  { originals }: DecideCommand,
  deadline: Deadline,
  { sealer, logger }: DecidePorts,
): Promise<Sealing> => {
  if (!originals) return {};
  const [sealing = {}] = await sealer.seal([originals], deadline, logger);
  return sealing;
};

const codeOf = (error: unknown): string => (error instanceof ServiceError ? error.code : 'internal');

/** Decides what is not on record and records it, and looks again whenever somebody else was faster. */
const settle = async (
  command: DecideCommand,
  look: Findings,
  budget: Budget,
  deadline: Deadline,
  ports: DecidePorts,
): Promise<readonly Answered[]> => {
  const made = new Map<string, Decision>();
  let recorded = look.recorded;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const missing = missingOf(command, recorded, ports);
    if (missing.length === 0) return repeated(recorded?.decisions ?? [], ports);
    const unmade = missing.filter(({ detector }) => !made.has(detector));
    for (const decision of await makeAll(command, unmade, look, budget, deadline, ports)) {
      made.set(decision.detector, decision);
    }
    const decisions = missing.map(({ detector }) => made.get(detector)!);
    // Only its first recording counts an event.
    const counted = recorded ? {} : look.history?.movesOf(command.arrival.event, decisions);
    try {
      const beforeQueue = deadline.within(deadline.remainingMs() - budget.queueMs);
      if (await record(command, { decisions, ...counted }, recorded, beforeQueue, ports))
        return fresh(decisions, recorded, ports);
      recorded = await find(command, beforeQueue, ports);
    } catch (error) {
      // No queue makes it smaller: it would be answered as pending and never be recorded.
      if (codeOf(error) === 'too_large') throw error;
      ports.logger.error('decisions could not be recorded in time', error);
      return later({ decisions, sealed: command.arrival.sealed, ...counted }, recorded, deadline, ports);
    }
  }
  throw new ServiceError('store_unavailable', 'the event is being decided by someone else again and again; repeat it');
};

/** Detectors without a decision on record. @throws {ServiceError} `conflict` for other content under the same id. */
const missingOf = (
  { arrival, detectors }: DecideCommand,
  recorded: RecordedEvent | undefined,
  { metrics }: DecidePorts,
): readonly RegisteredDetector[] => {
  if (recorded && recorded.contentHash !== arrival.contentHash) {
    metrics.count('EventsConflict');
    throw new ServiceError(
      'conflict',
      'this event id is on record with other content; give each event an id of its own',
    );
  }
  const decided = new Set(recorded?.decisions.map(({ detector }) => detector));
  return detectors.filter(({ detector }) => !decided.has(detector));
};

const makeAll = (
  { arrival, catalog }: DecideCommand,
  detectors: readonly RegisteredDetector[],
  { degraded, history }: Findings,
  { recordMs }: Budget,
  deadline: Deadline,
  ports: DecidePorts,
): Promise<Decision[]> => {
  const beforeRecord = deadline.within(deadline.remainingMs() - recordMs);
  const known = { features: history?.featuresOf(arrival.event) ?? {}, degraded };
  return Promise.all(
    detectors.map(async (detector) => {
      const prepared = await ports.prepare(catalog, detector, beforeRecord, ports.logger);
      return makeDecision(arrival, prepared, beforeRecord, known, ports);
    }),
  );
};

/** @returns false when another delivery has recorded the event, or a decision on it, first. */
const record = async (
  { arrival }: DecideCommand,
  made: Pick<EventCommit, 'decisions' | 'moves' | 'profiles'>,
  recorded: RecordedEvent | undefined,
  deadline: Deadline,
  { decisions: store }: DecidePorts,
): Promise<boolean> => {
  const { event, contentHash, origin, sealed } = arrival;
  const eventRecorded = recorded !== undefined;
  const commit = { event, contentHash, origin: originKey(origin), sealed, eventRecorded, ...made };
  return (await store.commit([commit], deadline)).size === 0;
};

const committed = (decision: Decision): Answered => ({ decision, recorded: 'committed' });

const repeated = (decisions: readonly Decision[], { metrics }: DecidePorts): readonly Answered[] => {
  metrics.count('EventsDuplicate');
  return decisions.map(committed);
};

const fresh = (
  decisions: readonly Decision[],
  recorded: RecordedEvent | undefined,
  { metrics }: DecidePorts,
): readonly Answered[] => {
  metrics.count(recorded ? 'EventsDuplicate' : 'EventsDecided');
  countDecisions(decisions, metrics);
  return [...(recorded?.decisions ?? []), ...decisions].map(committed);
};

/** Hands decisions to the queue, and answers them as they are. */
const later = async (
  made: PendingCommit,
  recorded: RecordedEvent | undefined,
  deadline: Deadline,
  { pending, metrics }: DecidePorts,
): Promise<readonly Answered[]> => {
  const { decisions, ...rest } = made;
  try {
    await pending.add(decisions, deadline, rest);
  } catch (cause) {
    throw new ServiceError('store_unavailable', 'the decision can be recorded nowhere just now; repeat the request', {
      cause,
    });
  }
  metrics.count('DecisionsPending', decisions.length);
  countDecisions(decisions, metrics);
  return [
    ...(recorded?.decisions ?? []).map(committed),
    ...decisions.map((decision): Answered => ({ decision, recorded: 'pending' })),
  ];
};
