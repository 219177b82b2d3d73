import type { AdmissionProblem } from '#domain/admission-reasons.ts';
import { admitEvent } from '#domain/admit-event.ts';
import type { Catalog } from '#domain/catalog/catalog.ts';
import type { RegisteredDetector } from '#domain/catalog/detector.ts';
import type { DecideRequest } from '#domain/decide-request.ts';
import { ServiceError } from '#domain/errors.ts';
import { eventTypeNamedIn } from '#domain/event-parts.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import type { DecideCommand } from './decide-event.ts';

/** What admitting a request depends on, beside the request. */
export interface RequestAdmission {
  readonly catalog: Catalog;
  readonly tokeniser: Tokeniser;
  readonly nowMs: number;
  readonly retentionDays: number;
  readonly requestId: string;
}

/**
 * Makes of a request what is to be decided: finds its detectors, and lets the event through the door.
 *
 * @throws {ServiceError} `invalid_input` or `card_number_refused` naming the fields at fault; `not_found` for an event
 * type or detector that is not there.
 */
export const admitRequest = (request: DecideRequest, admission: RequestAdmission): DecideCommand => {
  const { catalog, tokeniser, nowMs, retentionDays, requestId } = admission;
  const named = namedDetectorOf(request, catalog);
  const eventType = eventTypeNameOf(request) ?? named?.eventType;
  const registered = eventType === undefined ? undefined : catalog.eventType(eventType);
  if (eventType === undefined) {
    throw new ServiceError('invalid_input', "name the event's type in 'eventType', or a detector in 'detector'");
  }
  if (!registered) throw new ServiceError('not_found', 'this event type is not registered; check its name');
  if (named && named.eventType !== eventType) {
    throw new ServiceError('invalid_input', `detector '${named.detector}' judges events of type '${named.eventType}'`);
  }
  const admitted = admitEvent(request.event, registered.document, { tokeniser, nowMs, retentionDays });
  if ('problems' in admitted) throw refusalOf(admitted.problems);
  const detectors = named ? [named] : catalog.detectorsFor(eventType);
  if (detectors.length === 0) {
    throw new ServiceError('not_found', `no active detector judges events of type '${eventType}'; activate one`);
  }
  const { event, contentHash, originals } = admitted;
  const arrival = { event, contentHash, origin: { kind: 'api', requestId } } as const;
  return { arrival, catalog, detectors, ...(originals && { originals }) };
};

const namedDetectorOf = (
  { detector: name, detectorVersion }: DecideRequest,
  catalog: Catalog,
): RegisteredDetector | undefined => {
  if (name === undefined) return undefined;
  const detector = catalog.detector(name, detectorVersion);
  if (detector) return detector;
  throw new ServiceError(
    'not_found',
    'this detector, or this version of it, is not registered or has no active version',
  );
};

/** The type that the request names, beside the event or in it. */
const eventTypeNameOf = ({ eventType, event }: DecideRequest): string | undefined =>
  eventType ?? eventTypeNamedIn(event);

const refusalOf = (problems: readonly AdmissionProblem[]): ServiceError => {
  const fields = problems.map(({ field, problem }) => ({ field: `event.${field}`, problem }));
  const secret = problems.some(({ reason }) => reason === 'card_number' || reason === 'secret_field');
  return secret
    ? new ServiceError('card_number_refused', 'the event holds a card number or a security code', { fields })
    : new ServiceError('invalid_input', "the event is not valid; 'fields' says what to change", { fields });
};
