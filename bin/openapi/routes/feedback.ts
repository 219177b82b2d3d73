import * as z from 'zod';

import { type FeedbackAnswer, FeedbackRequestSchema } from '../../../functions/feedback/take-feedback.ts';
import { RowProblemSchema } from '../problems.ts';
import type { Route } from '../route.ts';

const EntryAnswerSchema: z.ZodType<FeedbackAnswer> = z.union([
  z.strictObject({
    index: z.int().min(0),
    status: z.enum(['recorded', 'duplicate']),
    feedbackId: z.string(),
    matched: z.boolean(),
  }),
  z.strictObject({
    index: z.int().min(0),
    status: z.literal('rejected'),
    problems: z.array(RowProblemSchema).min(1).readonly(),
  }),
]);

/** Answer to `POST /v1/feedback`: what became of each entry. */
export const FeedbackAnswersSchema = z.strictObject({ results: z.array(EntryAnswerSchema) });

const label = {
  eventId: 'p-1',
  eventType: 'card_payment',
  kind: 'label',
  value: 'fraud',
  source: 'chargeback',
  saidAt: '2026-12-03T08:00:00Z',
};

export const FEEDBACK_ROUTES: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/feedback',
    name: 'sendFeedback',
    tag: 'feedback',
    summary: 'Say what events turned out to be, or what was done with them',
    description:
      'One entry, or up to 500. Append-only: saying the same thing twice is one entry. Feedback on events that nobody has seen yet is kept.',
    body: {
      schema: FeedbackRequestSchema,
      examples: {
        one: { summary: 'One label', value: label },
        several: {
          summary: 'A label and an action',
          value: {
            eventType: 'card_payment',
            feedback: [
              { eventId: 'p-1', label: 'fraud', source: 'analyst' },
              { eventId: 'p-2', action: 'refund', source: 'analyst' },
            ],
          },
        },
      },
    },
    answer: {
      status: 200,
      description: 'What became of each entry',
      schema: FeedbackAnswersSchema,
      examples: {
        recorded: {
          summary: 'Recorded',
          value: {
            results: [{ index: 0, status: 'recorded', feedbackId: '0a1b2c3d4e5f60718293a4b5c6d7e8f9', matched: true }],
          },
        },
      },
    },
    failures: ['card_number_refused', 'not_found'],
  },
];
