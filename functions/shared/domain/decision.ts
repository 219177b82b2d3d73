import * as z from 'zod';

import { EventSchema, OriginSchema, VariableValueSchema } from './event.ts';
import { NameSchema, VariableNameSchema, VersionSchema } from './names.ts';

/** The rungs of the ladder, from everything answering down to nothing but the detector's fallback. */
export const RUNGS = ['full', 'survivors', 'embedded', 'rules', 'fallback'] as const;
export const RungSchema = z.enum(RUNGS);
export type Rung = z.infer<typeof RungSchema>;

/** What was missing when an event was decided, why, and how long was spent on it. */
export const DegradationSchema = z.strictObject({
  /**
   * `member:<name>`, `list:<name>` (where `lists` names a version, that older one was used), `history`, `rules`,
   * `models`, `record` (the look for an earlier decision), `store`, or `originals` (what was personal in the event could
   * not be sealed and is kept nowhere).
   */
  what: z.string(),
  why: z.enum([
    'timeout',
    'unavailable',
    'throttled',
    'bad_answer',
    'breaker_open',
    'out_of_time',
    'kill_switch',
    'not_loaded',
    'too_large',
    'fault',
  ]),
  spentMs: z.number().min(0),
});
export type Degradation = z.infer<typeof DegradationSchema>;

/** What one member said, or why it said nothing. */
export const MemberAnswerSchema = z.strictObject({
  member: NameSchema,
  kind: z.enum(['embedded', 'sagemaker']),
  /** `name@version` of an embedded model, the endpoint's name of a remote one. */
  model: z.string(),
  /** SHA-256 of the embedded model's bytes; absent for endpoints, whose content Assay cannot see. */
  modelHash: z.string().optional(),
  probability: z.number().min(0).max(1).optional(),
});
export type MemberAnswer = z.infer<typeof MemberAnswerSchema>;

/** One rule as it was evaluated: the expression with its values is what a person reads a year later. */
export const RuleEvaluationSchema = z.strictObject({
  id: NameSchema,
  expression: z.string(),
  expressionWithValues: z.string(),
  evaluated: z.boolean(),
  matched: z.boolean(),
  outcomes: z.array(NameSchema),
  faults: z.array(z.string()),
});

/**
 * The durable record of one event judged by one detector. It pins everything it used, so that
 * judging the record again gives the same decision: see `replayDecision`.
 */
export const DecisionSchema = z.strictObject({
  v: z.literal(1),
  event: EventSchema,
  /** Keyed hash of the event's content; the same id with another hash is a conflict. */
  contentHash: z.string(),
  origin: OriginSchema,
  detector: NameSchema,
  detectorVersion: VersionSchema,
  eventTypeVersion: VersionSchema,
  /** Kind of entity by role, in the event type's order: the first four roles are what decisions can be looked up by. */
  entityKinds: z.record(VariableNameSchema, VariableNameSchema),
  /** Hash of the catalog snapshot that held detector, event type, lists, models and references. */
  snapshot: z.string(),
  decidedAt: z.iso.datetime({ precision: 3 }),
  /** Features by name; null where one could not be computed. */
  features: z.record(z.string(), VariableValueSchema.nullable()),
  members: z.array(MemberAnswerSchema),
  /** Calibrated probability, absent when no member answered. */
  probability: z.number().min(0).max(1).optional(),
  /** 0 to 1000, absent without a probability or without a reference for this set of survivors. */
  score: z.int().min(0).max(1000).optional(),
  /** Version of each list that a rule could consult. */
  lists: z.record(NameSchema, VersionSchema),
  rules: z.array(RuleEvaluationSchema),
  outcomes: z.array(NameSchema),
  rung: RungSchema,
  degraded: z.array(DegradationSchema),
});
export type Decision = z.infer<typeof DecisionSchema>;

/** How one row of a file, or one event of a batch, ended. Quarantined rows never become events. */
export const DISPOSITIONS = ['decided', 'duplicate', 'conflict', 'quarantined', 'dead'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];
