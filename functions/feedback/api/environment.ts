import * as z from 'zod';

import { CatalogEnvironmentSchema, ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const FeedbackApiEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  ...CatalogEnvironmentSchema.shape,
  FEEDBACK_TABLE_NAME: z.string().min(1),
  EVENT_TABLE_NAME: z.string().min(1),
  RETENTION_DAYS: z.coerce.number().int().min(1),
});
