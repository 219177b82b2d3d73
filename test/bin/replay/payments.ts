import type { Event } from '#domain/event.ts';

/** A payment of one customer at an instant. */
export const paymentOf = (eventId: string, occurredAt = '2026-03-01T00:00:00.000Z'): Event => ({
  eventId,
  eventType: 'payment',
  occurredAt,
  entities: { customer: 't1_aaaaaaaaaaaaaaaaaaaaaaaa' },
  variables: { amount: 5 },
});
