import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const CanaryEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  /** Of the API's stage; ends in `/`. */
  API_URL: z.url(),
  INBOX_BUCKET_NAME: z.string().min(1),
});
