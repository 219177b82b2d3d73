import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const ReconcilerEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  FILE_TABLE_NAME: z.string().min(1),
  EVENT_TABLE_NAME: z.string().min(1),
  FEEDBACK_TABLE_NAME: z.string().min(1),
  RESULT_BUCKET_NAME: z.string().min(1),
  FILE_QUEUE_URL: z.url(),
  /** The chunks queue and the one behind it; then those of feedback. */
  CHUNK_QUEUE_URL: z.url(),
  CHUNK_DEAD_LETTER_QUEUE_URL: z.url(),
  FEEDBACK_QUEUE_URL: z.url(),
  FEEDBACK_DEAD_LETTER_QUEUE_URL: z.url(),
  RETENTION_DAYS: z.coerce.number().int().min(1),
});
