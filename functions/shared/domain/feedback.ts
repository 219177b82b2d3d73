import * as z from 'zod';

import { EventIdSchema, NameSchema } from './names.ts';

/**
 * Being told something about an event: a **label** (what it turned out to be) or an **action** (what was really
 * done with it). Append-only; saying the same thing twice is one entry.
 */
export const FeedbackSchema = z.strictObject({
  v: z.literal(1),
  /** Hash of all that was said, so a repeat is recognised. */
  feedbackId: z.string(),
  eventType: NameSchema,
  eventId: EventIdSchema,
  kind: z.enum(['label', 'action']),
  /** For a label, one of the event type's labels (already mapped from the value said); for an action, its name. */
  value: NameSchema,
  /** Who said it: `analyst`, `chargeback`, `customer_report`, … */
  source: NameSchema,
  /** When the event happened, as far as the source knows. */
  happenedAt: z.iso.datetime({ precision: 3 }).optional(),
  /** When it was said: labels become visible at this time, not before. */
  saidAt: z.iso.datetime({ precision: 3 }),
  receivedAt: z.iso.datetime({ precision: 3 }),
});
export type Feedback = z.infer<typeof FeedbackSchema>;
