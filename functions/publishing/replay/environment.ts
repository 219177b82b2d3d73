import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const PublishingReplayEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  EVENT_TABLE_NAME: z.string().min(1),
  FEEDBACK_TABLE_NAME: z.string().min(1),
  FILE_TABLE_NAME: z.string().min(1),
  EVENT_BUS_NAME: z.string().min(1),
  GIVEN_UP_QUEUE_URL: z.string().min(1),
  LAKE_BUCKET_NAME: z.string().min(1),
  /** What this function gave up goes to the lake; the rest is to be published. */
  LAKE_COLLECT_ARN: z.string().min(1),
});
