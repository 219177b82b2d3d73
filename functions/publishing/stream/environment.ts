import * as z from 'zod';

import { ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const PublishingStreamEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  EVENT_BUS_NAME: z.string().min(1),
  /** Dead-letter queue of the streams: takes the keys of items that nothing can be made of. */
  GIVEN_UP_QUEUE_URL: z.string().min(1),
});
