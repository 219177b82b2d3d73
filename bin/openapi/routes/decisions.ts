import * as z from 'zod';

import {
  BudgetHeaderSchema,
  DecideAnswerSchema,
  DecideRequestSchema,
  EntityDecisionsAnswerSchema,
  EntityQuerySchema,
  EventDecisionsAnswerSchema,
  EventPathSchema,
  EventQuerySchema,
} from '#domain/decide-request.ts';
import type { Route } from '../route.ts';

const event = {
  eventId: 'p-1',
  eventType: 'card_payment',
  occurredAt: '2026-11-22T10:15:00Z',
  entities: { customer: 'C-1', terminal: 'T-1' },
  variables: { amount: 950, currency: 'EUR', channel: 'online' },
};

const decision = {
  eventId: 'p-1',
  eventType: 'card_payment',
  detector: 'card-payments',
  version: 1,
  outcomes: ['review'],
  score: 975,
  probability: 0.0323,
  reasons: [{ rule: 'likely_fraud', text: 'At most one in two hundred legitimate payments scores as high.' }],
  rung: 'full',
  degraded: [],
  recorded: 'committed',
  decidedAt: '2026-11-22T10:15:00.250Z',
};

const tag = 'decisions';

export const DECISION_ROUTES: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/decisions',
    name: 'decide',
    tag,
    summary: 'Decide one event now',
    description:
      'Judged by every active detector of its event type, or by the one named. The same event again is answered with the decision on record; the same id with other content is a conflict.',
    parameters: { header: z.object({ 'assay-budget-ms': BudgetHeaderSchema.optional() }) },
    body: {
      schema: DecideRequestSchema,
      examples: {
        assay: { summary: "Assay's own form", value: { event } },
        fraudDetector: {
          summary: "Amazon Fraud Detector's form",
          value: {
            event: {
              eventId: 'p-1',
              eventTypeName: 'card_payment',
              eventTimestamp: '2026-11-22T10:15:00Z',
              entities: [
                { entityType: 'customer', entityId: 'C-1' },
                { entityType: 'terminal', entityId: 'T-1' },
              ],
              eventVariables: { amount: '950', currency: 'EUR' },
            },
            explain: true,
          },
        },
        flat: {
          summary: 'Flat, with the names of the columns of files',
          value: {
            event: {
              event_id: 'p-1',
              occurred_at: '2026-11-22T10:15:00Z',
              customer: 'C-1',
              terminal: 'T-1',
              amount: '950',
            },
            detector: 'card-payments',
          },
        },
      },
    },
    answer: {
      status: 200,
      description: 'One decision for each detector, by name',
      schema: DecideAnswerSchema,
      examples: {
        review: {
          summary: 'For a person to look at',
          value: { eventId: 'p-1', eventType: 'card_payment', decisions: [decision] },
        },
      },
    },
    failures: ['card_number_refused', 'not_found', 'conflict', 'model_unavailable'],
  },
  {
    method: 'get',
    path: '/v1/decisions/{eventType}/{eventId}',
    name: 'readEvent',
    tag,
    summary: 'All that is on record of an event',
    description: 'Its decisions, the feedback on it, and how it stands: its effective label, or why it has none.',
    parameters: { path: EventPathSchema, query: EventQuerySchema },
    answer: {
      status: 200,
      description: 'Decisions, feedback and standing',
      schema: EventDecisionsAnswerSchema,
      examples: {
        labelled: {
          summary: 'Turned out to be fraud',
          value: {
            eventId: 'p-1',
            eventType: 'card_payment',
            decisions: [decision],
            feedback: [
              {
                feedbackId: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
                kind: 'label',
                value: 'fraud',
                source: 'chargeback',
                saidAt: '2026-12-03T08:00:00.000Z',
                receivedAt: '2026-12-03T08:00:01.000Z',
              },
            ],
            standing: { kind: 'labelled', label: 'fraud', source: 'chargeback', saidAt: '2026-12-03T08:00:00.000Z' },
          },
        },
      },
    },
    failures: ['not_found'],
  },
  {
    method: 'get',
    path: '/v1/decisions',
    name: 'listDecisions',
    tag,
    summary: 'Decisions that an entity took part in',
    description:
      'Newest event first. `entityId` is the original id; it becomes a token at the door and goes no further.',
    parameters: { query: EntityQuerySchema },
    answer: {
      status: 200,
      description: 'A page of decisions; `next` is there while more follow',
      schema: EntityDecisionsAnswerSchema,
      examples: { page: { summary: 'The last page', value: { decisions: [decision] } } },
    },
    failures: [],
  },
];
