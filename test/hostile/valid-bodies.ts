import type { Random } from '../../bin/simulation/random.ts';
import { MARK } from './doors.ts';

/** A body that the API takes. */
export interface ValidBody {
  readonly path: '/v1/decisions' | '/v1/events' | '/v1/feedback';
  readonly body: Record<string, unknown>;
}

/** A number of its own for each event, so that none is the repeat of another by chance. */
let events = 0;
const nextId = (): string => `e-${++events}`;

const parts = (random: Random) => ({
  eventId: nextId(),
  occurredAt: `2026-11-${String(random.whole(1, 19)).padStart(2, '0')}T10:00:00Z`,
  customer: `${MARK}-customer-${random.whole(1, 20)}`,
  terminal: `${MARK}-terminal-${random.whole(1, 5)}`,
  variables: {
    amount: random.whole(1, 100_000) / 100,
    currency: 'EUR',
    items: random.whole(0, 9),
    ratio: random.between(-5, 5),
    first_order: random.chance(0.5),
    country: `${MARK}land`,
    signed_up_at: '2024-02-29T23:59:59+01:00',
    email: `${MARK}.person@example.com`,
    phone: `+49 170 ${random.whole(100_000, 999_999)}`,
    ip: '203.0.113.7',
    note: `${MARK} über 5" pipes, 100 % 😀`,
    serial: '4111111111111111119',
  } as Record<string, unknown>,
});

/** An event in one of the forms that the door takes. */
export const validEvent = (random: Random): Record<string, unknown> => {
  const { eventId, occurredAt, customer, terminal, variables } = parts(random);
  const texts = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
  switch (random.whole(0, 2)) {
    case 0:
      return { eventId, eventType: 'payment', occurredAt, entities: { customer, terminal }, variables };
    case 1:
      return {
        eventId,
        eventTypeName: 'payment',
        eventTimestamp: occurredAt,
        entities: [
          { entityType: 'customer', entityId: customer },
          { entityType: 'terminal', entityId: terminal },
        ],
        eventVariables: texts,
      };
    default:
      return { event_id: eventId, event_type: 'payment', occurred_at: occurredAt, customer, terminal, ...texts };
  }
};

const validEntry = (random: Random): Record<string, unknown> => {
  const eventId = nextId();
  switch (random.whole(0, 2)) {
    case 0:
      return {
        eventId,
        eventType: 'payment',
        kind: 'label',
        value: 'fraud',
        source: 'chargeback',
        saidAt: '2026-11-10T08:00:00Z',
      };
    case 1:
      return { event_id: eventId, event_type: 'payment', assignedLabel: '1', labelTimestamp: '2026-11-10T08:00:00Z' };
    default:
      return {
        eventId,
        eventType: 'payment',
        action: 'Customer refund',
        source: 'analyst',
        happenedAt: '2026-11-09T08:00:00+02:00',
      };
  }
};

const several = <Item>(random: Random, make: (random: Random) => Item): Item[] =>
  Array.from({ length: random.whole(1, 3) }, () => make(random));

/** A body that the API takes, of any kind and form. */
export const validBody = (random: Random): ValidBody => {
  const kind = random.unit();
  if (kind < 0.5) {
    const more = random.chance(0.3)
      ? { explain: true, detector: 'payments', eventType: 'payment' }
      : { eventType: 'payment' };
    return { path: '/v1/decisions', body: { event: validEvent(random), ...more } };
  }
  if (kind < 0.75) return { path: '/v1/events', body: { eventType: 'payment', events: several(random, validEvent) } };
  const entries = several(random, validEntry);
  return {
    path: '/v1/feedback',
    body: entries.length === 1 ? entries[0]! : { eventType: 'payment', feedback: entries },
  };
};
