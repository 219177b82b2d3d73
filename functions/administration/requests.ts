import * as z from 'zod';

import { DetectorSchema } from '#domain/catalog/detector.ts';
import { ListSchema, ModelSchema } from '#domain/catalog/documents.ts';
import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { NameSchema, VariableNameSchema, VersionSchema } from '#domain/names.ts';
import { ReferenceSchema } from '#model/reference.ts';

/** The document that a path names. */
export const NamePathSchema = z.object({ name: NameSchema });
export const SwitchPathSchema = z.object({ detector: NameSchema });
/** Absent: the version that is in force, or the newest while all versions stand by. */
export const VersionQuerySchema = z.object({ version: z.coerce.number().pipe(VersionSchema).optional() });

/** An object that the caller has put into the models bucket before, since the request itself would be too large. */
export const UploadSchema = z.strictObject({
  /** Uploads are deleted after seven days; what is registered is a copy. */
  key: z.string().regex(/^uploads\/[A-Za-z0-9._/-]{1,200}$/, "use a key under 'uploads/'"),
  /** SHA-256 of its bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'use 64 hex digits in lower case'),
});
export type Upload = z.infer<typeof UploadSchema>;

/** `PUT /v1/catalog/event-types/{name}`: the document. */
export const PutEventTypeSchema = EventTypeSchema;

/** `PUT /v1/catalog/detectors/{name}`: the document. It stands by until it is activated, whatever its `status` says. */
export const PutDetectorSchema = DetectorSchema;

/** `PUT /v1/catalog/models/{name}`: the document, and the model's file, either itself or where it was uploaded to. */
export const PutModelSchema = z.strictObject({
  document: ModelSchema,
  file: z.union([z.strictObject({ base64: z.base64().min(1) }), z.strictObject({ upload: UploadSchema })], {
    error: "give 'base64', or 'upload' with 'key' and 'sha256'",
  }),
});
export type PutModel = z.infer<typeof PutModelSchema>;

/** `PUT /v1/catalog/detectors/{name}/activation`. */
export const ActivationSchema = z.strictObject({
  /** The version that decides from now on; absent or null: none, the detector stands by. */
  version: VersionSchema.nullable().optional(),
  /** Score reference that fits the version, as `assay calibrate` makes it. Absent: the one in force stays. */
  reference: ReferenceSchema.optional(),
});
export type Activation = z.infer<typeof ActivationSchema>;

/** `PUT /v1/catalog/references/{name}`: the score reference of a detector. */
export const PutReferenceSchema = ReferenceSchema;

/** `PUT /v1/switches/{detector}`: the kill switch. */
export const SwitchSchema = z.strictObject({ rulesOnly: z.boolean() });

export const ListValuesSchema = ListSchema.shape.values;
export const PlainValuesSchema = z.array(z.string().max(320)).max(100_000);

/** What the operations on a list have in common: the values, either here or in an object that holds them as JSON. */
const changing = <Operation extends string, Values extends z.ZodType>(operation: Operation, values: Values) => ({
  operation: z.literal(operation),
  values: values.optional(),
  upload: UploadSchema.optional(),
});

/** `PUT /v1/lists/{name}`. Give either `values` or `upload`. */
export const ListRequestSchema = z
  .discriminatedUnion('operation', [
    z.strictObject({
      ...changing('replace', ListValuesSchema),
      description: ListSchema.shape.description,
      /** What the values are of. Absent: as before; null: plain values. */
      of: VariableNameSchema.nullable().optional(),
    }),
    /** A value that is there already gets the new end. */
    z.strictObject(changing('append', ListValuesSchema)),
    z.strictObject(changing('remove', PlainValuesSchema)),
  ])
  .refine(({ values, upload }) => (values === undefined) !== (upload === undefined), {
    path: ['values'],
    error: "give either 'values' or 'upload'",
  });
export type ListRequest = z.infer<typeof ListRequestSchema>;
