import type { Decision } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import { originKey } from '#domain/event.ts';
import type { PendingDecision } from '#domain/messages.ts';
import type { WrittenHistory } from '#domain/written-moves.ts';
import { readMove } from '#features/history/written-moves.ts';
import type { Deadline } from '#ports/clock.ts';
import type { DecisionStore, PendingCommit } from '#ports/decision-store.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';

/** What committing later needs of the world. */
export interface CommitPendingPorts {
  readonly decisions: DecisionStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Times that somebody else may be faster between reading and writing. */
const MOST_ROUNDS = 3;

/**
 * Commits decisions that were answered before they were durable. Reads before it writes, so that it may be repeated:
 * what this very delivery has recorded already is left alone. Where another decision is on record, or other content
 * under the same id, the one that was answered is kept beside it as a rival, counted for an alarm.
 *
 * @throws {ServiceError} `store_unavailable`; the message is then to be delivered again.
 */
export const commitPending = async (
  message: Pick<PendingDecision, 'decisions' | 'sealed'> & { readonly history?: WrittenHistory },
  deadline: Deadline,
  ports: CommitPendingPorts,
): Promise<void> => {
  const byEvent = Map.groupBy(message.decisions, ({ event }) => `${event.eventType} ${event.eventId}`);
  for (const ofEvent of byEvent.values()) await commitOne(ofEvent, restOf(message), deadline, ports);
};

/** What goes with the event, when it is recorded by this. */
const restOf = ({ sealed, history }: Parameters<typeof commitPending>[0]): Rest => ({
  sealed,
  ...(history && { moves: history.moves.map(readMove), profiles: history.profiles }),
});

type Rest = Omit<PendingCommit, 'decisions'>;

/** Decisions on one event, all from one delivery. */
const commitOne = async (
  decisions: readonly Decision[],
  { sealed, ...counted }: Rest,
  deadline: Deadline,
  ports: CommitPendingPorts,
): Promise<void> => {
  const { event, contentHash, origin } = decisions[0]!;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const names = decisions.map(({ detector }) => detector);
    const recorded = (await ports.decisions.find(event.eventType, [event.eventId], names, deadline)).get(event.eventId);
    if (recorded && recorded.contentHash !== contentHash) {
      ports.metrics.count('EventsConflict');
      return keepRivals(decisions, deadline, ports);
    }
    const onRecord = new Map(recorded?.decisions.map((decision) => [decision.detector, decision]));
    const missing = decisions.filter(({ detector }) => !onRecord.has(detector));
    const commit = {
      event,
      contentHash,
      origin: originKey(origin),
      decisions: missing,
      sealed,
      eventRecorded: !!recorded,
      // Who recorded the event has counted it.
      ...(recorded ? {} : counted),
    };
    const refused = missing.length > 0 && (await ports.decisions.commit([commit], deadline)).size > 0;
    if (refused) continue;
    if (!recorded) ports.metrics.count('EventsDecided');
    const rivals = decisions.filter((decision) => isRivalOf(decision, onRecord.get(decision.detector)));
    return keepRivals(rivals, deadline, ports);
  }
  throw new ServiceError('store_unavailable', 'the event is being decided by someone else again and again');
};

const isRivalOf = (decision: Decision, recorded: Decision | undefined): boolean =>
  recorded !== undefined && originKey(recorded.origin) !== originKey(decision.origin);

const keepRivals = async (
  rivals: readonly Decision[],
  deadline: Deadline,
  { decisions, logger, metrics }: CommitPendingPorts,
): Promise<void> => {
  for (const rival of rivals) {
    await decisions.keepRival(rival, deadline);
    metrics.count('DecisionsRival');
    const { detector, event } = rival;
    logger.warn('an answered decision is not the one on record', { detector, eventType: event.eventType });
  }
};
