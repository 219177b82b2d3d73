import * as z from 'zod';

import { NameSchema } from '../names.ts';
import { DetectorSchema } from './detector.ts';
import { ListSchema, ModelSchema, SwitchesSchema } from './documents.ts';
import { EventTypeSchema } from './event-type.ts';

/** A file of the catalog's folder, carried along: a model's bytes, a reference. */
export const AssetFileSchema = z.strictObject({
  /** SHA-256 of the bytes, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  base64: z.string(),
});
export type AssetFile = z.infer<typeof AssetFileSchema>;

/**
 * The catalog as a deployment brings it: all documents of the folder, checked, and the files that they name. What
 * `assay catalog check` accepts, and what the registrar registers.
 *
 * Values of lists are as they were written; the registrar makes tokens of those that stand for persons.
 */
export const CatalogAssetSchema = z.strictObject({
  format: z.literal(1),
  eventTypes: z.array(EventTypeSchema),
  detectors: z.array(DetectorSchema),
  lists: z.array(ListSchema),
  models: z.array(z.strictObject({ document: ModelSchema, file: AssetFileSchema })),
  /** Score references by detector. */
  references: z.array(z.strictObject({ detector: NameSchema, file: AssetFileSchema })),
  switches: SwitchesSchema,
});
export type CatalogAsset = z.infer<typeof CatalogAssetSchema>;
