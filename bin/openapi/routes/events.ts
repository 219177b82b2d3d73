import * as z from 'zod';

import { FileViewSchema } from '#domain/public-file.ts';
import { FilePathSchema, IdempotencyKeySchema } from '../../../functions/ingestion/api/handler.ts';
import { BatchSchema, type EventAnswer } from '../../../functions/ingestion/take-batch.ts';
import { RowProblemSchema } from '../problems.ts';
import type { Route } from '../route.ts';

const EventAnswerSchema: z.ZodType<EventAnswer> = z.union([
  z.strictObject({ index: z.int().min(0), status: z.enum(['accepted', 'unavailable']), eventId: z.string() }),
  z.strictObject({
    index: z.int().min(0),
    status: z.literal('rejected'),
    problems: z.array(RowProblemSchema).min(1).readonly(),
  }),
]);

/** Answer to `POST /v1/events`: what became of each event. */
export const BatchAnswerSchema = z.strictObject({
  fileId: FileViewSchema.shape.fileId,
  accepted: z.int().min(0),
  rejected: z.int().min(0),
  unavailable: z.int().min(0),
  results: z.array(EventAnswerSchema),
});

const tag = 'events';

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/events',
    name: 'sendEvents',
    tag,
    summary: 'Take up to 500 events to be decided soon',
    description:
      'All of one event type, each in any of the forms that `POST /v1/decisions` takes. Accepted means that the queue has acknowledged it. With an idempotency key the request may be repeated: it gives the same file.',
    parameters: { header: z.object({ 'idempotency-key': IdempotencyKeySchema.optional() }) },
    body: {
      schema: BatchSchema,
      examples: {
        two: {
          summary: 'Two payments',
          value: {
            eventType: 'card_payment',
            events: [
              { event_id: 'p-1', occurred_at: '2026-11-22T10:15:00Z', customer: 'C-1', terminal: 'T-1', amount: 950 },
              { event_id: 'p-2', occurred_at: '2026-11-22T10:16:00Z', customer: 'C-2', terminal: 'T-1', amount: 12.5 },
            ],
          },
        },
      },
    },
    answer: {
      status: 202,
      description: 'What became of each event, and the file to ask after',
      schema: BatchAnswerSchema,
      examples: {
        mixed: {
          summary: 'One accepted, one rejected',
          value: {
            fileId: '0123456789abcdef01234567',
            accepted: 1,
            rejected: 1,
            unavailable: 0,
            results: [
              { index: 0, status: 'accepted', eventId: 'p-1' },
              {
                index: 1,
                status: 'rejected',
                problems: [{ field: 'variables.amount', reason: 'wrong_type', problem: 'send a number, such as 12.5' }],
              },
            ],
          },
        },
      },
    },
    failures: ['card_number_refused', 'not_found', 'conflict'],
  },
  {
    method: 'get',
    path: '/v1/files/{fileId}',
    name: 'readFile',
    tag,
    summary: 'How a file, or a batch of events, stands',
    description: 'Once complete, its rows are decided + duplicate + conflict + quarantined + dead.',
    parameters: { path: FilePathSchema },
    answer: {
      status: 200,
      description: 'How it stands',
      schema: FileViewSchema,
      examples: {
        complete: {
          summary: 'Complete',
          value: {
            fileId: '0123456789abcdef01234567',
            purpose: 'events',
            eventType: 'card_payment',
            status: 'complete',
            key: 'events/card_payment/payments.parquet',
            startedAt: '2026-11-22T10:15:00.000Z',
            completedAt: '2026-11-22T10:15:09.000Z',
            rows: 1_002,
            counts: { decided: 1_000, duplicate: 1, conflict: 0, quarantined: 1, dead: 0 },
            outcomes: { approve: 990, review: 10 },
            rules: { likely_fraud: 10 },
            quarantineReasons: { missing_field: 1 },
            degraded: 0,
            resultsKey: 'results/card_payment/0123456789abcdef01234567/results.csv',
            rejectsKey: 'results/card_payment/0123456789abcdef01234567/rejects.csv',
          },
        },
      },
    },
    failures: ['not_found'],
  },
];
