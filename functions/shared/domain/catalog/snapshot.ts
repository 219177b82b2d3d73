import * as z from 'zod';

import { NameSchema, VersionSchema } from '../names.ts';
import { DetectorSchema } from './detector.ts';
import { ListHeadSchema, ModelSchema, RegisteredListSchema, SwitchesSchema } from './documents.ts';
import { EventTypeSchema } from './event-type.ts';

const versioned = <Document extends z.ZodType>(document: Document) =>
  z.object({ version: VersionSchema, hash: z.string(), document });

/** Where the values of a list are. */
export const ListValuesPointerSchema = z.object({
  /** Object in the models bucket, and SHA-256 of its bytes: see `listObjectOf`. */
  key: z.string(),
  sha256: z.string(),
  /** How many values there are; each may have several tokens. */
  count: z.int().min(0),
  /** Under how many keys there is a token of each value; absent for a list of plain values. */
  keys: z.int().min(1).optional(),
});
export type ListValuesPointer = z.infer<typeof ListValuesPointerSchema>;

/** A list of the snapshot: its values stand elsewhere, or here, as release 0.1 had them. */
export const SnapshotListSchema = z.union([
  z.object({ ...versioned(ListHeadSchema).shape, values: ListValuesPointerSchema }),
  versioned(RegisteredListSchema),
]);
export type SnapshotList = z.infer<typeof SnapshotListSchema>;

/**
 * What the last deployment brought of one document: by it a later one tells what has changed in the checkout, and
 * whether the deployment was the last to write.
 */
const DeployedSchema = z.object({
  /** Hash of the document as the checkout has it, with all that makes another version of it. */
  source: z.string(),
  /** Version that the deployment made the current one; 0 for none. */
  version: z.int().min(0),
});
export type Deployed = z.infer<typeof DeployedSchema>;

/**
 * Everything that functions need of the catalog, as one immutable file in the models bucket.
 *
 * The registrar and the administration write it whenever the catalog changes and then point the registry's head at it,
 * so that all functions move from one consistent state to the next. A decision pins its hash.
 *
 * What is not known here is passed over: while a deployment shifts traffic, functions of the release before read what
 * the next one wrote.
 */
export const CatalogSnapshotSchema = z.object({
  format: z.literal(1),
  eventTypes: z.record(NameSchema, versioned(EventTypeSchema)),
  /** All registered versions by detector name; `active` is absent while every version stands by. */
  detectors: z.record(
    NameSchema,
    z.object({ active: VersionSchema.optional(), versions: z.array(versioned(DetectorSchema)) }),
  ),
  /** Values of lists `of` something are tokens already. */
  lists: z.record(NameSchema, SnapshotListSchema),
  /** By `name@version`; `key` is the object in the models bucket, `sha256` what its bytes must hash to. */
  models: z.record(z.string(), z.object({ ...versioned(ModelSchema).shape, key: z.string(), sha256: z.string() })),
  /** Score references by detector name: see `ReferenceSchema` of the model folder. */
  references: z.record(NameSchema, z.object({ key: z.string(), sha256: z.string() })),
  switches: SwitchesSchema,
  /** By `<kind>#<name>`. Absent in snapshots of release 0.1, when all that there was came with deployments. */
  deployed: z.record(z.string(), DeployedSchema).optional(),
});
export type CatalogSnapshot = z.infer<typeof CatalogSnapshotSchema>;
