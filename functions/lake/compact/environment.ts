import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const LakeCompactEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  LAKE_BUCKET_NAME: z.string().min(1),
  /** Minutes that landed batches wait for others at most, before rows are made of them. */
  LAKE_WAIT_MINUTES: z.coerce.number().int().min(0),
});
