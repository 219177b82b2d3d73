import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const ScoringPendingEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  EVENT_TABLE_NAME: z.string().min(1),
  PROFILE_TABLE_NAME: z.string().min(1),
  RETENTION_DAYS: z.coerce.number().int().min(1),
});
