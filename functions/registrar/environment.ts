import * as z from 'zod';

import { CatalogEnvironmentSchema, ServiceEnvironmentSchema } from '#runtime/environment.ts';

export const RegistrarEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  ...CatalogEnvironmentSchema.shape,
  TOKEN_SECRET_ARN: z.string().min(1),
  AUDIT_BUCKET_NAME: z.string().min(1),
  /** The catalog that this deployment brought: one JSON file, written at synthesis. */
  CATALOG_ASSET_BUCKET: z.string().min(1),
  CATALOG_ASSET_KEY: z.string().min(1),
});
