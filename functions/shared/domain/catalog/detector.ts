import * as z from 'zod';

import { NameSchema, VariableNameSchema, VersionSchema } from '../names.ts';

const Weight = z.number().positive().max(1_000_000).default(1);

/** A model of the catalog, run inside the function. */
export const EmbeddedMemberSchema = z.strictObject({
  name: VariableNameSchema,
  kind: z.literal('embedded'),
  model: NameSchema,
  /** Absent: the newest version when the detector is registered; the registered detector always names one. */
  version: VersionSchema.optional(),
  weight: Weight,
});

/** A SageMaker endpoint, asked with a deadline; its probability is checked before it counts. */
export const SageMakerMemberSchema = z.strictObject({
  name: VariableNameSchema,
  kind: z.literal('sagemaker'),
  endpoint: z.string().regex(/^[A-Za-z0-9](-?[A-Za-z0-9]){0,62}$/, 'use the name of a SageMaker endpoint'),
  /** Variables and features, in the order that the endpoint's model was trained with. */
  inputs: z.array(VariableNameSchema).min(1).max(1_000),
  timeoutMs: z.int().min(20).max(10_000).default(150),
  request: z.enum(['csv', 'json']).default('csv'),
  /**
   * Path of the probability in a JSON answer, such as `predictions.0.score`.
   * Absent: the answer is one bare number, as XGBoost's container gives for one row.
   */
  answerPath: z.string().max(200).optional(),
  weight: Weight,
});

export const MemberSchema = z.discriminatedUnion('kind', [EmbeddedMemberSchema, SageMakerMemberSchema]);
export type Member = z.infer<typeof MemberSchema>;

export const RuleSchema = z.strictObject({
  id: NameSchema,
  description: z.string().max(500).optional(),
  when: z.string().min(1).max(4_096),
  outcomes: z.array(NameSchema).min(1).max(10),
});

/** Judges events of one type: what `catalog/detectors/<name>.yaml` holds. */
export const DetectorSchema = z.strictObject({
  format: z.literal(1),
  detector: NameSchema,
  version: VersionSchema.optional(),
  /** `standby` registers a version without letting it decide. */
  status: z.enum(['active', 'standby']).default('active'),
  description: z.string().max(1_000).optional(),
  eventType: NameSchema,
  members: z.array(MemberSchema).max(10).default([]),
  ensemble: z.strictObject({ combine: z.enum(['mean_logit', 'weighted', 'max']) }).default({ combine: 'mean_logit' }),
  rules: z.strictObject({
    mode: z.enum(['first_matched', 'all_matched']).default('first_matched'),
    list: z.array(RuleSchema).max(200).default([]),
    /** Outcomes when no rule matches. */
    otherwise: z.array(NameSchema).min(1),
  }),
  /** Outcomes of the last rung, when not even the rules could run. Absent: as `rules.otherwise`. */
  fallback: z.array(NameSchema).min(1).optional(),
  /** Outcomes added when the answer is degraded to this rung or lower, such as `{ from: rules, outcomes: [review] }`. */
  whenDegraded: z
    .strictObject({ from: z.enum(['survivors', 'embedded', 'rules']), outcomes: z.array(NameSchema).min(1) })
    .optional(),
});
export type Detector = z.infer<typeof DetectorSchema>;
/** A detector as registered: numbered, and every embedded member pinned to a version. */
export type RegisteredDetector = Detector & { version: number };
