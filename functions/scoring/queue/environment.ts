import * as z from 'zod';

import { CatalogEnvironmentSchema, DecidingEnvironmentSchema, ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const ScoringQueueEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  ...CatalogEnvironmentSchema.shape,
  ...DecidingEnvironmentSchema.shape,
  FILE_TABLE_NAME: z.string().min(1),
  RESULT_BUCKET_NAME: z.string().min(1),
});
