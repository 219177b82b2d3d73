import * as z from 'zod';

import { type Decision, DecisionSchema, DegradationSchema, RuleEvaluationSchema, RungSchema } from './decision.ts';
import { EventIdSchema, NameSchema, VersionSchema } from './names.ts';

/** Why an event was decided so: a rule that matched, and a sentence for a person. */
export const ReasonSchema = z.strictObject({
  rule: NameSchema,
  /** The rule's description, or its condition with the event's values in place. */
  text: z.string(),
});
export type Reason = z.infer<typeof ReasonSchema>;

/** What a person or a program needs to check a decision: all that it was made from. */
export const ExplanationSchema = z.strictObject({
  eventTypeVersion: VersionSchema,
  /** Hash of the catalog snapshot that was active. */
  snapshot: z.string(),
  features: DecisionSchema.shape.features,
  members: DecisionSchema.shape.members,
  lists: DecisionSchema.shape.lists,
  rules: z.array(RuleEvaluationSchema),
});

/** A decision as the API shows it. */
export const PublicDecisionSchema = z.strictObject({
  eventId: EventIdSchema,
  eventType: NameSchema,
  detector: NameSchema,
  version: VersionSchema,
  outcomes: z.array(NameSchema),
  /** 0 to 1000; absent without a model that answered, or without a reference for those that did. */
  score: DecisionSchema.shape.score,
  /** 0 to 1; absent without a model that answered. */
  probability: DecisionSchema.shape.probability,
  reasons: z.array(ReasonSchema),
  rung: RungSchema,
  /** What was missing, why, and the milliseconds spent on it. */
  degraded: z.array(DegradationSchema),
  /** `pending`: answered before it was durable; it will be recorded from the queue. */
  recorded: z.enum(['committed', 'pending']),
  decidedAt: DecisionSchema.shape.decidedAt,
  /** Only when asked for. */
  explanation: ExplanationSchema.optional(),
});
export type PublicDecision = z.infer<typeof PublicDecisionSchema>;

/** How a decision is to be shown. */
export interface PublicView {
  readonly recorded: PublicDecision['recorded'];
  /** Adds the {@link ExplanationSchema explanation}. */
  readonly explain?: boolean;
  /** Description of a rule, as far as the catalog still has one; absent: conditions with values are shown. */
  readonly describe?: (rule: string) => string | undefined;
}

/** A decision as the API shows it: no event content, since the caller has it and the record holds tokens only. */
export const publicDecisionOf = (decision: Decision, view: PublicView): PublicDecision => ({
  eventId: decision.event.eventId,
  eventType: decision.event.eventType,
  detector: decision.detector,
  version: decision.detectorVersion,
  outcomes: decision.outcomes,
  ...(decision.score !== undefined && { score: decision.score }),
  ...(decision.probability !== undefined && { probability: decision.probability }),
  reasons: reasonsOf(decision, view.describe),
  rung: decision.rung,
  degraded: decision.degraded,
  recorded: view.recorded,
  decidedAt: decision.decidedAt,
  ...(view.explain && { explanation: explanationOf(decision) }),
});

/** The rules that matched, in their order, each with a sentence. */
export const reasonsOf = ({ rules }: Pick<Decision, 'rules'>, describe?: PublicView['describe']): Reason[] =>
  rules
    .filter(({ matched }) => matched)
    .map(({ id, expressionWithValues }) => ({ rule: id, text: describe?.(id) ?? expressionWithValues }));

const explanationOf = ({ eventTypeVersion, snapshot, features, members, lists, rules }: Decision) => ({
  eventTypeVersion,
  snapshot,
  features,
  members,
  lists,
  rules,
});
