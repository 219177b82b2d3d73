import * as z from 'zod';

import { DetectorSchema } from '#domain/catalog/detector.ts';
import { ModelSchema } from '#domain/catalog/documents.ts';
import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { NameSchema, VersionSchema } from '#domain/names.ts';

/** What every change is answered with. */
export const ChangedSchema = z.strictObject({
  name: NameSchema,
  /** False when all was so already: nothing was written then. */
  changed: z.boolean(),
  /** Revision of the catalog that is in force now, and hash of its snapshot, which decisions pin. */
  revision: z.int().min(1),
  snapshot: z.string(),
  /** Newest version of the document. */
  version: VersionSchema.optional(),
  /** Of a detector: the version that decides; absent while it stands by. */
  active: VersionSchema.optional(),
  /** Of a list: how many values it has now. */
  count: z.int().min(0).optional(),
  /** Of a switch. */
  rulesOnly: z.boolean().optional(),
});
export type Changed = z.infer<typeof ChangedSchema>;

/** One version of a document on record. */
export const VersionSummarySchema = z.strictObject({
  version: VersionSchema,
  hash: z.string(),
  registeredAt: z.iso.datetime({ precision: 3 }),
  /** `deployment`, or the principal who wrote it. */
  writtenBy: z.string(),
});

const Versions = z.array(VersionSummarySchema);

export const EventTypeAnswerSchema = z.strictObject({
  name: NameSchema,
  version: VersionSchema,
  document: EventTypeSchema,
  versions: Versions,
});

export const ModelAnswerSchema = z.strictObject({
  name: NameSchema,
  version: VersionSchema,
  document: ModelSchema,
  /** SHA-256 of the model's file. */
  sha256: z.string(),
  versions: Versions,
});

export const DetectorAnswerSchema = z.strictObject({
  name: NameSchema,
  /** The version shown: the one asked for, or the one that decides, or the newest. */
  version: VersionSchema,
  document: DetectorSchema,
  active: VersionSchema.optional(),
  rulesOnly: z.boolean(),
  /** SHA-256 of the score reference in force. */
  reference: z.string().optional(),
  versions: Versions,
});

export const ListAnswerSchema = z.strictObject({
  name: NameSchema,
  version: VersionSchema,
  description: z.string().optional(),
  of: z.string().optional(),
  count: z.int().min(0),
  /** Of a list of tokens: under how many keys each value is found. */
  keys: z.int().min(1).optional(),
  versions: Versions,
});

export const SwitchAnswerSchema = z.strictObject({ name: NameSchema, rulesOnly: z.boolean() });

/** All that is in force. */
export const CatalogAnswerSchema = z.strictObject({
  revision: z.int().min(1),
  snapshot: z.string(),
  eventTypes: z.array(z.strictObject({ name: NameSchema, version: VersionSchema })),
  detectors: z.array(
    z.strictObject({
      name: NameSchema,
      eventType: NameSchema,
      newest: VersionSchema,
      active: VersionSchema.optional(),
      rulesOnly: z.boolean(),
    }),
  ),
  models: z.array(z.strictObject({ name: NameSchema, versions: z.array(VersionSchema) })),
  lists: z.array(
    z.strictObject({
      name: NameSchema,
      version: VersionSchema,
      count: z.int().min(0),
      of: z.string().optional(),
    }),
  ),
});
