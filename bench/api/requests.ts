import { EVENT_TYPE, simulateCardPayments } from '../../bin/simulation/simulate.ts';

/** Bodies of `POST /v1/decisions`: the first payments of a simulated period that has just ended, each once. */
export const decideRequests = async (count: number): Promise<readonly object[]> => {
  const start = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10);
  const requests: object[] = [];
  for await (const payment of simulateCardPayments({ days: 9, customers: 1_000, terminals: 400, seed: 7, start })) {
    const { eventId, at, customer, terminal, variables } = payment;
    const occurredAt = new Date(at).toISOString();
    const event = { eventId, eventType: EVENT_TYPE, occurredAt, entities: { customer, terminal }, variables };
    requests.push({ event });
    if (requests.length === count) return requests;
  }
  throw new Error(`the simulation made ${requests.length} payments instead of ${count}; lengthen it`);
};
