import * as z from 'zod';

import { CatalogEnvironmentSchema, ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const AdministrationEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  ...CatalogEnvironmentSchema.shape,
  TOKEN_SECRET_ARN: z.string().min(1),
  AUDIT_BUCKET_NAME: z.string().min(1),
});
