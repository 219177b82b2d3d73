import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const DeadLettersEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  EVENT_TABLE_NAME: z.string().min(1),
  FILE_TABLE_NAME: z.string().min(1),
  RESULT_BUCKET_NAME: z.string().min(1),
  QUARANTINE_BUCKET_NAME: z.string().min(1),
});
