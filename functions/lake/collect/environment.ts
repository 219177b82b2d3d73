import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const LakeCollectEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  LAKE_BUCKET_NAME: z.string().min(1),
});
