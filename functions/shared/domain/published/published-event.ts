import * as z from 'zod';

import { DecisionSchema } from '../decision.ts';
import { EventSchema, OriginSchema } from '../event.ts';
import { FeedbackSchema } from '../feedback.ts';
import { FileRecordSchema } from '../file-record.ts';
import { EventIdSchema, NameSchema } from '../names.ts';
import { ReasonSchema } from '../public-decision.ts';
import { FileViewSchema } from '../public-file.ts';

/** What every event on the bus begins with. */
const common = {
  v: z.literal(1).describe('Version of this shape. Further members may be added under the same version.'),
  id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('The same each time this event is published: it may come more than once, and then with this id.'),
  trimmed: z
    .array(z.string())
    .optional()
    .describe('Members that were left out since the event would not fit the bus; the API has them.'),
};

/** `decision made`: an event was judged by a detector, and the decision is on record. */
export const DecisionMadeSchema = z.strictObject({
  ...common,
  eventId: EventIdSchema,
  eventType: NameSchema,
  occurredAt: EventSchema.shape.occurredAt,
  detector: NameSchema,
  detectorVersion: DecisionSchema.shape.detectorVersion,
  decidedAt: DecisionSchema.shape.decidedAt,
  origin: OriginSchema.describe('Where the event entered: a row of a file, or a call of the API.'),
  outcomes: DecisionSchema.shape.outcomes,
  score: DecisionSchema.shape.score,
  probability: DecisionSchema.shape.probability,
  rung: DecisionSchema.shape.rung,
  degraded: DecisionSchema.shape.degraded,
  entities: EventSchema.shape.entities.describe('Token of each entity by its role; never the id itself.'),
  reasons: z.array(ReasonSchema).optional().describe('The rules that matched, each with a sentence.'),
  variables: EventSchema.shape.variables.optional().describe('Variables; those that are personal as tokens.'),
});

/** `feedback received`: something was said of an event, and it is on record. */
export const FeedbackReceivedSchema = z.strictObject({
  ...common,
  ...FeedbackSchema.omit({ v: true }).shape,
  origin: z.string().describe('The delivery that brought it: `file/<fileId>/<row>` or `api/<requestId>`.'),
});

/** `file settled`: every row of a file has ended, or the whole file is in quarantine. */
export const FileSettledSchema = z.strictObject({
  ...common,
  ...FileViewSchema.omit({ ignoredColumns: true, rules: true }).shape,
  status: FileRecordSchema.shape.status.extract(['complete', 'quarantined']),
  rules: FileViewSchema.shape.rules.optional(),
});

/** Schemas of the details of all events on the bus, by their detail type. */
export const PUBLISHED_SCHEMAS = {
  'decision made': DecisionMadeSchema,
  'feedback received': FeedbackReceivedSchema,
  'file settled': FileSettledSchema,
} as const;

/** Source of all events on the bus. */
export const PUBLISHED_SOURCE = 'assay';

interface Published<Type extends keyof typeof PUBLISHED_SCHEMAS> {
  readonly detailType: Type;
  /** When it came about, UTC. */
  readonly time: string;
  readonly detail: z.infer<(typeof PUBLISHED_SCHEMAS)[Type]>;
}

/** An event for whoever listens on the bus. */
export type PublishedEvent = {
  [Type in keyof typeof PUBLISHED_SCHEMAS]: Published<Type>;
}[keyof typeof PUBLISHED_SCHEMAS];
