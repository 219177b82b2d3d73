import type { Decision, Degradation } from '#domain/decision.ts';
import type { Event, Origin } from '#domain/event.ts';
import type { Sealing } from '#domain/sealed.ts';
import type { Features } from '#features/values.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import { askMembers, type MemberPorts } from './ask-members.ts';
import { judge } from './judge.ts';
import type { PreparedDetector } from './prepared-detector.ts';

/** An event to be decided, and how it came. */
export interface Arrival extends Sealing {
  readonly event: Event;
  /** Keyed hash of the event's content, as the door made it. */
  readonly contentHash: string;
  readonly origin: Origin;
}

/** What is known of an event before it is judged. */
export interface Known {
  readonly features: Features;
  /** What was missing before, such as the look for an earlier decision, or history. */
  readonly degraded: readonly Degradation[];
}

/** What making a decision needs of the world. */
export interface MakePorts extends MemberPorts {
  readonly clock: Clock;
}

/**
 * Makes a detector's decision on an event: asks the members, judges, and pins all that was used. Records nothing, and
 * never throws: what fails is missing, and the decision says so.
 *
 * @param deadline - until when remote members may answer.
 */
export const makeDecision = async (
  { event, contentHash, origin }: Arrival,
  prepared: PreparedDetector,
  deadline: Deadline,
  { features, degraded }: Known,
  { clock, ...ports }: MakePorts,
): Promise<Decision> => {
  const said = await askMembers(prepared, event, features, deadline, ports);
  const nowMs = clock.nowMs();
  const missing = [...degraded, ...prepared.degraded, ...said.degraded];
  const verdict = judge({ event, features, answers: said.answers, prepared, nowMs, degraded: missing });
  return {
    v: 1,
    event,
    contentHash,
    origin,
    detector: prepared.detector.detector,
    detectorVersion: prepared.detector.version,
    eventTypeVersion: prepared.eventTypeVersion,
    entityKinds: prepared.eventType.entities,
    snapshot: prepared.snapshot,
    decidedAt: new Date(nowMs).toISOString(),
    features,
    members: [...said.answers],
    ...verdict,
  };
};
