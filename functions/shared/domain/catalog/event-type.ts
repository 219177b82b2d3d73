import * as z from 'zod';

import { NameSchema, VariableNameSchema, VersionSchema } from '../names.ts';
import { FeatureSchema, MAX_FEATURES } from './feature.ts';

const Common = {
  /**
   * A personal value is replaced by a token at the door; rules may compare it and look it up in lists, not read it. Its
   * original is sealed for one person of the event: `of` names that person's role; `true` is the first of `people`.
   */
  personal: z.union([z.boolean(), z.strictObject({ of: VariableNameSchema })]).default(false),
  required: z.boolean().default(false),
  description: z.string().max(500).optional(),
};

/** Kinds of text, which say how a value is normalised before it is compared, tokenised or transformed. */
export const TEXT_TYPES = ['string', 'category', 'email', 'ip', 'phone', 'card_bin', 'user_agent', 'text'] as const;

const TextVariableSchema = z.strictObject({
  type: z.enum(TEXT_TYPES),
  ...Common,
  default: z.string().max(8_192).optional(),
  maxLength: z.int().min(1).max(8_192).default(1_024),
  /** Longer digit strings that look like card numbers are refused unless a variable says they are none. */
  cardNumbers: z.enum(['refuse', 'exempt']).default('refuse'),
});
const NumberVariableSchema = z.strictObject({
  type: z.enum(['number', 'integer']),
  ...Common,
  default: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});
const MoneyVariableSchema = z.strictObject({
  type: z.literal('money'),
  ...Common,
  default: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  /** Variable that holds the ISO 4217 code. */
  currency: VariableNameSchema.optional(),
});
const BooleanVariableSchema = z.strictObject({
  type: z.literal('boolean'),
  ...Common,
  default: z.boolean().optional(),
});
const DatetimeVariableSchema = z.strictObject({
  type: z.literal('datetime'),
  ...Common,
  default: z.iso.datetime({ offset: true }).optional(),
});

/** A raw input of an event: its type, limits, the default that rules see, and whether it is personal. */
export const VariableSchema = z.discriminatedUnion('type', [
  TextVariableSchema,
  NumberVariableSchema,
  MoneyVariableSchema,
  BooleanVariableSchema,
  DatetimeVariableSchema,
]);
export type Variable = z.infer<typeof VariableSchema>;

/** The schema of one kind of event: what `catalog/event-types/<name>.yaml` holds. */
export const EventTypeSchema = z.strictObject({
  format: z.literal(1),
  eventType: NameSchema,
  /** Absent: numbered at registration, a new number whenever the content changes. */
  version: VersionSchema.optional(),
  description: z.string().max(1_000).optional(),
  /** The declared use; other uses fall under stricter law. */
  purpose: z.string().min(1).max(200),
  /** Kind of entity by role. The first four roles can be looked up by entity. */
  entities: z.record(VariableNameSchema, VariableNameSchema),
  /**
   * Roles that people have: their ids are sealed, each under the person's own key. Absent: every role whose kind is
   * `person`, `customer` or `user`. See `peopleOf`.
   */
  people: z.array(VariableNameSchema).max(10).optional(),
  variables: z.record(VariableNameSchema, VariableSchema),
  /** Values derived from variables and history, by name: rules and models may use them as they use variables. */
  features: z
    .record(VariableNameSchema, FeatureSchema)
    .refine((features) => Object.keys(features).length <= MAX_FEATURES, `give at most ${MAX_FEATURES} features`)
    .optional(),
  /** Label by name, each with the values that mean it. `fraud` and `legit` are what models learn from. */
  labels: z
    .record(
      NameSchema,
      z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(z.string())).min(1),
    )
    .default({ fraud: ['1', 'fraud'], legit: ['0', 'legit'] }),
  /** Whose word counts when sources disagree, strongest first; an unnamed source ranks below all named. */
  labelSources: z.array(NameSchema).default(['analyst', 'chargeback', 'customer_report']),
  /** `strict` keeps the order of rows within a file; `relaxed` decides chunks side by side. */
  ordering: z.enum(['strict', 'relaxed']).default('relaxed'),
  /** Column of a CSV file, or key of a flat JSON line, by what it holds: event_id, occurred_at, a role or a variable. */
  columns: z.record(z.string(), z.string()).default({}),
});
export type EventType = z.infer<typeof EventTypeSchema>;
