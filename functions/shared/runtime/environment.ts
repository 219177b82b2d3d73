import * as z from 'zod';

/** What every function's environment has; each function's own schema extends it. */
export const ServiceEnvironmentSchema = z.object({
  STAGE_NAME: z.string().min(1),
  /** Name of the function in logs and metrics; Powertools reads it too. */
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  POWERTOOLS_METRICS_NAMESPACE: z.string().min(1),
  POWERTOOLS_LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
});

/** For functions that read the catalog: the registry's head, and the snapshots and models it points to. */
export const CatalogEnvironmentSchema = z.object({
  REGISTRY_TABLE_NAME: z.string().min(1),
  MODEL_BUCKET_NAME: z.string().min(1),
});

/** For functions at the door: the key that entity ids and personal values are tokenised with, and what is too old. */
export const DoorEnvironmentSchema = z.object({
  TOKEN_SECRET_ARN: z.string().min(1),
  /** Days that events are kept; an older event is refused, since a repeat of it could not be recognised. */
  RETENTION_DAYS: z.coerce.number().int().min(1),
});

/** For functions at the door: where people's keys are, and the key of KMS that wraps them. */
export const SealingEnvironmentSchema = z.object({
  PEOPLE_TABLE_NAME: z.string().min(1),
  PERSON_KEY_ARN: z.string().min(1),
});

/** For functions that decide. */
export const DecidingEnvironmentSchema = z.object({
  EVENT_TABLE_NAME: z.string().min(1),
  PROFILE_TABLE_NAME: z.string().min(1),
  RETENTION_DAYS: z.coerce.number().int().min(1),
  /** Names of the SageMaker endpoints that the stage lets its functions invoke, comma-separated; may be empty. */
  ENDPOINT_NAMES: z.string().transform((names) => names.split(',').filter((name) => name !== '')),
});
