import * as z from 'zod';

import {
  CatalogEnvironmentSchema,
  DoorEnvironmentSchema,
  SealingEnvironmentSchema,
  ServiceEnvironmentSchema,
} from '#runtime/environment.ts';

export const IngestionFilesEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  ...CatalogEnvironmentSchema.shape,
  ...DoorEnvironmentSchema.shape,
  ...SealingEnvironmentSchema.shape,
  FILE_TABLE_NAME: z.string().min(1),
  INBOX_BUCKET_NAME: z.string().min(1),
  RESULT_BUCKET_NAME: z.string().min(1),
  QUARANTINE_BUCKET_NAME: z.string().min(1),
  FILE_QUEUE_URL: z.url(),
  CHUNK_QUEUE_URL: z.url(),
  FEEDBACK_QUEUE_URL: z.url(),
});
