import type { Decision } from '#domain/decision.ts';
import type { Event } from '#domain/event.ts';
import { originKey } from '#domain/event.ts';
import type { EventCommit } from '#ports/decision-store.ts';

/** A payment as it travels behind the door. */
export const anEvent = (overrides: Partial<Event> = {}): Event => ({
  eventId: 'e-1',
  eventType: 'card_payment',
  occurredAt: '2026-11-01T10:00:00.000Z',
  entities: { customer: 't1_cccccccccccccccccccccccc', terminal: 't1_dddddddddddddddddddddddd' },
  variables: { amount: 12.5, currency: 'EUR' },
  ...overrides,
});

/** A decision on {@link anEvent}, made by rules alone. */
export const aDecision = (overrides: Partial<Decision> = {}): Decision => ({
  v: 1,
  event: anEvent(),
  contentHash: 'hash-1',
  origin: { kind: 'api', requestId: 'request-1' },
  detector: 'card-payments',
  detectorVersion: 1,
  eventTypeVersion: 1,
  entityKinds: { customer: 'person', terminal: 'terminal' },
  snapshot: 'snapshot-1',
  decidedAt: '2026-11-01T10:00:01.000Z',
  features: {},
  members: [],
  lists: {},
  rules: [
    {
      id: 'large',
      expression: '$amount > 10',
      expressionWithValues: '12.5 > 10',
      evaluated: true,
      matched: true,
      outcomes: ['review'],
      faults: [],
    },
  ],
  outcomes: ['review'],
  rung: 'full',
  degraded: [],
  ...overrides,
});

/** What is committed when these decisions on one event are the first. */
export const aCommit = (...decisions: readonly [Decision, ...Decision[]]): EventCommit => ({
  event: decisions[0].event,
  contentHash: decisions[0].contentHash,
  origin: originKey(decisions[0].origin),
  decisions,
  eventRecorded: false,
});
