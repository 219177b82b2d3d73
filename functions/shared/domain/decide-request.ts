import * as z from 'zod';

import { FeedbackSchema } from './feedback.ts';
import { EventIdSchema, NameSchema, VariableNameSchema, VersionSchema } from './names.ts';
import { PublicDecisionSchema } from './public-decision.ts';

/** Least and most milliseconds that a caller may give an answer. */
export const BUDGET_MS = { least: 50, most: 28_000 } as const;

/** Value of the header `Assay-Budget-Ms`: how long the caller waits at most. */
export const BudgetHeaderSchema = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'give whole milliseconds')
  .transform(Number)
  .pipe(z.number().min(BUDGET_MS.least).max(BUDGET_MS.most));

/** Body of `POST /v1/decisions`. */
export const DecideRequestSchema = z
  .strictObject({
    /** In Assay's form, Amazon Fraud Detector's, or flat; it or `eventType` or `detector` says which type it is of. */
    event: z.record(z.string(), z.unknown()),
    eventType: NameSchema.optional(),
    /** Absent: every active detector of the event type decides. */
    detector: NameSchema.optional(),
    /** A version of the named detector, one that stands by included; absent: the active one. */
    detectorVersion: VersionSchema.optional(),
    /** Adds to each decision what it was made from. */
    explain: z.boolean().default(false),
  })
  .refine(({ detector, detectorVersion }) => detectorVersion === undefined || detector !== undefined, {
    path: ['detectorVersion'],
    error: 'name the detector that this is a version of',
  });
export type DecideRequest = z.infer<typeof DecideRequestSchema>;

/** Answer to `POST /v1/decisions`: one decision for each detector, by name. */
export const DecideAnswerSchema = z.strictObject({
  eventId: EventIdSchema,
  eventType: NameSchema,
  decisions: z.array(PublicDecisionSchema),
});
export type DecideAnswer = z.infer<typeof DecideAnswerSchema>;

/** Path of `GET /v1/decisions/{eventType}/{eventId}`. */
export const EventPathSchema = z.object({ eventType: NameSchema, eventId: EventIdSchema });

/** Query of `GET /v1/decisions/{eventType}/{eventId}`. */
export const EventQuerySchema = z.strictObject({ explain: z.stringbool().default(false) });

const StandingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('labelled'), label: z.string(), source: z.string(), saidAt: z.string() }),
  z.strictObject({ kind: z.literal('censored') }),
  z.strictObject({ kind: z.literal('unlabelled') }),
]);

/** What was said of an event, as the API shows it. */
export const PublicFeedbackSchema = FeedbackSchema.omit({ v: true, eventType: true, eventId: true });

/** Answer to `GET /v1/decisions/{eventType}/{eventId}`. */
export const EventDecisionsAnswerSchema = z.strictObject({
  ...DecideAnswerSchema.shape,
  feedback: z.array(PublicFeedbackSchema),
  /** How the event stands: its effective label, or why it has none. */
  standing: StandingSchema,
});
export type EventDecisionsAnswer = z.infer<typeof EventDecisionsAnswerSchema>;

/** Query of `GET /v1/decisions`. */
export const EntityQuerySchema = z.strictObject({
  entityKind: VariableNameSchema,
  entityId: z.string().min(1).max(256),
  limit: z.coerce.number().pipe(z.int().min(1).max(100)).default(20),
  /** From the answer before. */
  next: z.base64url().min(1).max(1_000).optional(),
});

/** Answer to `GET /v1/decisions`: newest event first. */
export const EntityDecisionsAnswerSchema = z.strictObject({
  decisions: z.array(PublicDecisionSchema),
  next: z.string().optional(),
});
export type EntityDecisionsAnswer = z.infer<typeof EntityDecisionsAnswerSchema>;
