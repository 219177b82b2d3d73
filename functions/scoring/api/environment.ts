import * as z from 'zod';

import {
  CatalogEnvironmentSchema,
  DecidingEnvironmentSchema,
  DoorEnvironmentSchema,
  SealingEnvironmentSchema,
  ServiceEnvironmentSchema,
} from '#runtime/environment.ts';

export const ScoringApiEnvironmentSchema = z.object({
  ...ServiceEnvironmentSchema.shape,
  ...CatalogEnvironmentSchema.shape,
  ...DoorEnvironmentSchema.shape,
  ...SealingEnvironmentSchema.shape,
  ...DecidingEnvironmentSchema.shape,
  /** For the labels shown beside a decision. */
  FEEDBACK_TABLE_NAME: z.string().min(1),
  PENDING_QUEUE_URL: z.url(),
  /** Milliseconds that a caller waits at most who names no budget of its own. */
  DEFAULT_BUDGET_MS: z.coerce.number().int().min(50).max(28_000),
});
