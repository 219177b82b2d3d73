import * as z from 'zod';

import { NameSchema, VersionSchema } from '../names.ts';
import { DetectorSchema } from './detector.ts';
import { ModelSchema, RegisteredListSchema, SwitchesSchema } from './documents.ts';
import { EventTypeSchema } from './event-type.ts';

const versioned = <Document extends z.ZodType>(document: Document) =>
  z.strictObject({ version: VersionSchema, hash: z.string(), document });

/**
 * Everything that functions need of the catalog, as one immutable file in the models bucket.
 *
 * The registrar writes it whenever the catalog changes and then points the registry's head at it, so that all
 * functions move from one consistent state to the next. A decision pins its hash.
 */
export const CatalogSnapshotSchema = z.strictObject({
  format: z.literal(1),
  eventTypes: z.record(NameSchema, versioned(EventTypeSchema)),
  /** All registered versions by detector name; `active` is absent while every version stands by. */
  detectors: z.record(
    NameSchema,
    z.strictObject({ active: VersionSchema.optional(), versions: z.array(versioned(DetectorSchema)) }),
  ),
  /** Values of lists `of` something are tokens already. */
  lists: z.record(NameSchema, versioned(RegisteredListSchema)),
  /** By `name@version`; `key` is the object in the models bucket, `sha256` what its bytes must hash to. */
  models: z.record(
    z.string(),
    z.strictObject({ ...versioned(ModelSchema).shape, key: z.string(), sha256: z.string() }),
  ),
  /** Score references by detector name: see `ReferenceSchema` of the model folder. */
  references: z.record(NameSchema, z.strictObject({ key: z.string(), sha256: z.string() })),
  switches: SwitchesSchema,
});
export type CatalogSnapshot = z.infer<typeof CatalogSnapshotSchema>;
