import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const DeadLettersEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  EVENT_TABLE_NAME: z.string().min(1),
  /** Tells which rows of a dead chunk of feedback were recorded before it died. */
  FEEDBACK_TABLE_NAME: z.string().min(1),
  FILE_TABLE_NAME: z.string().min(1),
  RESULT_BUCKET_NAME: z.string().min(1),
  QUARANTINE_BUCKET_NAME: z.string().min(1),
  RETENTION_DAYS: z.coerce.number().int().min(1),
});
