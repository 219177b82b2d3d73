import * as z from 'zod';

const ResourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
  Condition: z.string().optional(),
  DeletionPolicy: z.string().optional(),
});

const ParameterSchema = z.object({ Type: z.string(), Default: z.unknown().optional() });

const OutputSchema = z.object({
  Value: z.unknown(),
  Condition: z.string().optional(),
  Description: z.string().optional(),
  Export: z.object({ Name: z.unknown() }).optional(),
});

/** A CloudFormation template as far as it is read here; `Rules` and metadata say nothing about what runs. */
export const TemplateSchema = z.object({
  Transform: z.undefined({ error: 'templates with a Transform are not emulated' }).optional(),
  Parameters: z.record(z.string(), ParameterSchema).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), ResourceSchema),
  Outputs: z.record(z.string(), OutputSchema).default({}),
});

export type Template = z.infer<typeof TemplateSchema>;
export type TemplateResource = z.infer<typeof ResourceSchema>;
