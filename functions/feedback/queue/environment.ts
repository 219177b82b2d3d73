import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const FeedbackQueueEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  FEEDBACK_TABLE_NAME: z.string().min(1),
  FILE_TABLE_NAME: z.string().min(1),
  RESULT_BUCKET_NAME: z.string().min(1),
  RETENTION_DAYS: z.coerce.number().int().min(1),
});
