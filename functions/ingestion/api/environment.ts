import * as z from 'zod';

import {
  CatalogEnvironmentSchema,
  DoorEnvironmentSchema,
  SealingEnvironmentSchema,
  ServiceEnvironmentSchema,
} from '#runtime/environment.ts';

export const IngestionApiEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  ...CatalogEnvironmentSchema.shape,
  ...DoorEnvironmentSchema.shape,
  ...SealingEnvironmentSchema.shape,
  FILE_TABLE_NAME: z.string().min(1),
  CHUNK_QUEUE_URL: z.url(),
});
