import * as z from 'zod';

import { NameSchema, VariableNameSchema, VersionSchema } from '../names.ts';

/** How one input of a model is made from a variable or a feature. What cannot be encoded is missing. */
export const ModelInputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ name: VariableNameSchema, kind: z.literal('number') }),
  z.strictObject({ name: VariableNameSchema, kind: z.literal('boolean') }),
  z.strictObject({ name: VariableNameSchema, kind: z.literal('category'), levels: z.array(z.string()).min(1) }),
]);
export type ModelInput = z.infer<typeof ModelInputSchema>;

/** A model version: what `catalog/models/<name>.yaml` holds, beside the model's own file. */
export const ModelSchema = z.strictObject({
  format: z.literal(1),
  model: NameSchema,
  version: VersionSchema.optional(),
  description: z.string().max(2_000).optional(),
  eventType: NameSchema,
  kind: z.literal('xgboost'),
  /** File beside this document: XGBoost JSON or UBJSON. */
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'name a file in the same folder'),
  inputs: z.array(ModelInputSchema).min(1).max(1_000),
});
export type Model = z.infer<typeof ModelSchema>;

const ListValues = z.array(
  z.union([
    z.string().max(320),
    z.strictObject({ value: z.string().max(320), until: z.iso.datetime({ offset: true }) }),
  ]),
);

/** A named set of values that rules may use as `@name`: what `catalog/lists/<name>.yaml` holds. */
export const ListSchema = z.strictObject({
  format: z.literal(1),
  list: NameSchema,
  version: VersionSchema.optional(),
  description: z.string().max(1_000).optional(),
  /** Entity kind or personal variable type whose tokens the values become; absent for plain values. */
  of: VariableNameSchema.optional(),
  values: ListValues.max(100_000),
});
export type List = z.infer<typeof ListSchema>;

/** A list as it is registered: of a value that stands for a person, there is a token for each key. */
export const RegisteredListSchema = z.strictObject({ ...ListSchema.shape, values: ListValues });

const { values: _values, ...HeadShape } = ListSchema.shape;
/** A list without its values, which are an object of their own: see `listObjectOf`. */
export const ListHeadSchema = z.strictObject(HeadShape);
export type ListHead = z.infer<typeof ListHeadSchema>;

/** Detectors that must answer by rules alone, models left out: what `catalog/switches.yaml` holds. */
export const SwitchesSchema = z.strictObject({
  format: z.literal(1),
  rulesOnly: z.array(NameSchema).default([]),
});
export type Switches = z.infer<typeof SwitchesSchema>;
