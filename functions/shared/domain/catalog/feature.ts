import * as z from 'zod';

import { NameSchema, VariableNameSchema } from '../names.ts';
import { TRANSFORM_NAMES } from '../transforms/names.ts';

/** A length of time, such as `10m` or `1d`: a whole number of seconds, minutes, hours or days. */
export const DurationSchema = z.string().regex(/^[1-9][0-9]{0,6}[smhd]$/, 'write a length of time, such as 10m or 1d');

const Flag = z.literal(true).optional();
const Value = VariableNameSchema.optional();

/** Most roles that together are the key of a profile. */
export const MAX_ROLES = 2;
/** Most features of an event type. */
export const MAX_FEATURES = 200;

/**
 * A feature of an event type: over history (`count`, `sum` … `last`, with `per` and `window`), a transform of one
 * variable (`transform`), or derived from others (`value`). One of these; `checkFeatures` says which options go with it.
 */
export const FeatureSchema = z.strictObject({
  description: z.string().max(500).optional(),
  /** Number of events in the window. */
  count: Flag,
  /** Variable of type number, integer or money. */
  sum: Value,
  mean: Value,
  min: Value,
  max: Value,
  /** Of the values in the window, around their mean. */
  stddev: Value,
  /** Number of different values of a variable, role or transform. */
  distinct: Value,
  /** Share of the events of the window that have this label; or of which a detector's decision had this outcome. */
  rate: z.union([NameSchema, z.strictObject({ detector: NameSchema, outcome: NameSchema })]).optional(),
  /** Seconds since the last event of the window. */
  since_last: Flag,
  /** Seconds since the first event of the window. */
  since_first: Flag,
  /** Whether the window has no event. */
  is_new: Flag,
  /** The latest value of a variable, role or transform. */
  last: Value,
  /** Role, or pair of roles, of this event type, whose history it is. */
  per: z.union([VariableNameSchema, z.array(VariableNameSchema).min(1).max(MAX_ROLES)]).optional(),
  /** Event type whose events are the history, this one by default; of a transform, the variable. */
  of: NameSchema.optional(),
  /** Role of the other event type by role of this one, where its kind alone does not tell. */
  roles: z.record(VariableNameSchema, VariableNameSchema).optional(),
  /** 1m to 90d. */
  window: DurationSchema.optional(),
  /** Condition in the rule language, over the events of the history. */
  where: z.string().min(1).max(4_096).optional(),
  /** The window ends so long before the event: up to 90d. */
  delay: DurationSchema.optional(),
  /** Of `count` and `sum`: an event counts half after each. */
  half_life: DurationSchema.optional(),
  /** Whether the event is part of its own window. Absent: it is not. */
  current: z.enum(['included', 'excluded']).optional(),
  /** Of `rate`: what it is without evidence, as if `weight` events had been seen. */
  prior: z.number().min(0).max(1).optional(),
  weight: z.number().positive().max(1_000_000).optional(),
  /** Decimals in which values are added up. Absent: 0 of an integer, 2 of money, 6 of another number. */
  decimals: z.int().min(0).max(9).optional(),
  /** `stream`: of entities too busy for one item, whose history follows the decisions by some seconds. */
  hot: z.enum(['stream']).optional(),
  /** An expression in the rule language, over variables and other features. */
  value: z.string().min(1).max(4_096).optional(),
  transform: z.enum(TRANSFORM_NAMES).optional(),
  /** Second variable of a transform that compares two, such as the name of `email_name_likeness`. */
  with: VariableNameSchema.optional(),
  /** Of the transform `category`: the values that are kept; others become `other`. */
  levels: z.array(z.string().min(1).max(64)).min(1).max(100).optional(),
});
export type Feature = z.infer<typeof FeatureSchema>;
/** Features by name. */
export type FeatureDefinitions = Readonly<Record<string, Feature>>;
