import createClient from 'openapi-fetch';

import type { Paths } from './api.ts';
import { type Caller, signedFetch } from './signed-fetch.ts';

/** Decides a payment, and says what became of it. */
export const decidePayment = async (apiUrl: string, caller: Caller): Promise<string> => {
  const assay = createClient<Paths>({ baseUrl: apiUrl, fetch: signedFetch(caller) });

  const { data, error } = await assay.POST('/v1/decisions', {
    params: { header: { 'assay-budget-ms': 2_000 } },
    body: {
      event: {
        eventId: `p-${Date.now()}`,
        eventType: 'card_payment',
        occurredAt: new Date().toISOString(),
        entities: { customer: 'C-1', terminal: 'T-1' },
        variables: { amount: 950, currency: 'EUR', channel: 'online' },
      },
    },
  });
  if (error) return `${error.code}: ${error.detail} (request ${error.requestId})`;

  const { eventType, eventId, decisions } = data;
  const { data: standing } = await assay.GET('/v1/decisions/{eventType}/{eventId}', {
    params: { path: { eventType, eventId } },
  });
  const outcomes = decisions.flatMap(({ detector, outcomes }) => `${detector}: ${outcomes.join(', ')}`);
  return `${outcomes.join('; ')} (${standing?.standing.kind})`;
};
